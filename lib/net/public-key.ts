/** The field of Curve25519 has this many elements (RFC 7748 section 4.1). */
const prime = 2n ** 255n - 19n;

/**
 * The u coordinates of the points of small order on the curve and its twist, reduced: orders 4, 1 or 2, 4, 8
 * and 8. Every shared secret with one of them is zero, whatever the other's private key (RFC 7748 section
 * 6.1).
 */
const smallOrder: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  prime - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
]);

/**
 * Why a text is not a public key that an honest peer may have, in words that follow "it"; undefined: it is
 * one. Refused are other than 32 bytes in canonical base64 (RFC 4648 section 3.5), points of small order, and
 * encodings of a coordinate at or above 2^255 - 19: X25519 would read those as another key's, so that two
 * texts would name one key.
 */
export function publicKeyFault(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== text) return 'is not 32 bytes in base64';
  const value = BigInt(`0x${bytes.reverse().toString('hex')}`);
  // X25519 ignores the top bit and reduces the rest.
  if (smallOrder.has((value & (2n ** 255n - 1n)) % prime))
    return 'is a point of small order: every secret shared with it is zero';
  if (value >= prime) return 'is not the canonical encoding of a Curve25519 point';
  return undefined;
}

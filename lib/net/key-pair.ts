import nacl from 'tweetnacl';

/**
 * Gives `bytes` bytes from a cryptographic source. Passed in: nothing left of the emitters draws randomness
 * itself.
 */
export type Random = (bytes: number) => Uint8Array;

/** A Curve25519 key pair (RFC 7748) as WireGuard writes it: base64 of 32 bytes each, 44 characters. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Bytes of a private, public or preshared key. */
export const keyBytes = 32;

/** A new key pair. The private key is stored clamped (RFC 7748 section 5), as `wg genkey` does. */
export function makeKeyPair(random: Random): KeyPair {
  const scalar = draw(random, keyBytes);
  scalar[0] &= 248;
  scalar[31] = (scalar[31] & 127) | 64;
  const pair = nacl.box.keyPair.fromSecretKey(scalar);
  return { publicKey: toBase64(pair.publicKey), privateKey: toBase64(pair.secretKey) };
}

/**
 * The public key of a private key, as `wg pubkey` prints it.
 *
 * @throws RangeError if the text is no key; the message does not repeat it.
 */
export function publicKeyOf(privateKey: string): string {
  if (!isKey(privateKey)) throw new RangeError('a private key is 32 bytes in base64');
  return toBase64(nacl.box.keyPair.fromSecretKey(Buffer.from(privateKey, 'base64')).publicKey);
}

/** A new preshared key: 32 random bytes in base64, as `wg genpsk` prints it. */
export function makePresharedKey(random: Random): string {
  return toBase64(draw(random, keyBytes));
}

/** Is the text 32 bytes in canonical base64 (RFC 4648 section 3.5: the unused bits zero)? */
export function isKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/.test(text);
}

/** @throws RangeError if the source gives another number of bytes: a short key would be a weak one. */
export function draw(random: Random, bytes: number): Uint8Array {
  const drawn = random(bytes);
  if (drawn.length !== bytes)
    throw new RangeError(`the source of randomness gave ${drawn.length} of ${bytes} bytes`);
  return Uint8Array.from(drawn);
}

/** Base64 with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

import { hkdfSync } from 'node:crypto';
import nacl from 'tweetnacl';
import { draw, toBase64, type Random } from './key-pair';

/**
 * A 32-byte key for one purpose, by HKDF-SHA256 (RFC 5869) from `secret`. Every part of the context is
 * length-prefixed, so that no two contexts give the same key. Secretbox has no associated data: the context
 * in the key is what binds a sealed text to its network, gateway and tunnel.
 */
export function deriveKey(secret: Uint8Array, ...context: readonly string[]): Uint8Array {
  const info = context.flatMap((part) => {
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), Buffer.concat(info), 32));
}

/**
 * Seals with XSalsa20-Poly1305 (NaCl secretbox) under a fresh nonce: base64 of nonce and box, 40 bytes over
 * the text.
 */
export function seal(plain: Uint8Array, key: Uint8Array, random: Random): string {
  const nonce = draw(random, nacl.secretbox.nonceLength);
  return toBase64(Buffer.concat([nonce, nacl.secretbox(plain, nonce, key)]));
}

/** What was sealed, or undefined if the key is another or a bit has changed. */
export function tryUnseal(sealed: string, key: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(Buffer.from(sealed, 'base64'));
  const split = nacl.secretbox.nonceLength;
  if (bytes.length < split + nacl.secretbox.overheadLength) return undefined;
  return nacl.secretbox.open(bytes.subarray(split), bytes.subarray(0, split), key) ?? undefined;
}

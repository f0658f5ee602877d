import nacl from 'tweetnacl';
import { isKey } from './key-pair';

/**
 * What two holders of key pairs alone know: X25519 of one's private and the other's public key, 32 bytes (RFC
 * 7748 section 6.1). Both get the same. Not a key yet: derive keys from it (HKDF, RFC 5869).
 *
 * @param privateKey base64, as in `KeyPair`.
 * @param publicKey base64.
 * @throws RangeError if either text is no key, or the public key is a point of small order, for which every
 *   private key gives zeros; the message repeats neither.
 */
export function sharedSecret(privateKey: string, publicKey: string): Uint8Array {
  if (!isKey(privateKey) || !isKey(publicKey)) throw new RangeError('a key is 32 bytes in base64');
  const shared = nacl.scalarMult(Buffer.from(privateKey, 'base64'), Buffer.from(publicKey, 'base64'));
  if (shared.every((byte) => byte === 0)) throw new RangeError('the public key is a point of small order');
  return shared;
}

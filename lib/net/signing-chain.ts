import { createPublicKey, verify } from 'node:crypto';

/** A signing key (base64 of 32 bytes) and what the key before it signed (64 bytes); the first has none. */
export interface SigningKey {
  readonly publicKey: string;
  readonly endorsement?: string;
}

/**
 * What the key before signs to endorse a signing key.
 *
 * @param number of the key in its chain, from 1.
 * @param publicKey base64 of 32 bytes.
 */
export function endorsementText(network: string, number: number, publicKey: string): string {
  return `dwcp-signing-key 1\nnetwork ${network}\nkey ${number} ${publicKey}\n`;
}

/** Did the key `by` endorse the key `publicKey`? Ed25519 (RFC 8032); all in base64. */
export function endorses(
  by: string,
  network: string,
  number: number,
  publicKey: string,
  endorsement: string,
): boolean {
  const text = Buffer.from(endorsementText(network, number, publicKey), 'utf8');
  const x = Buffer.from(by, 'base64').toString('base64url');
  try {
    // Node's OpenSSL, as on the gateways; tweetnacl takes twenty times as long for it.
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, text, key, Buffer.from(endorsement, 'base64'));
  } catch {
    return false;
  }
}

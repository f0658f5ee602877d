import nacl from 'tweetnacl';

/** A signing key (base64 of 32 bytes) and the signature of the key before it (64 bytes); the first has none. */
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
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
  const [key, signature] = [bytes(by), bytes(endorsement)];
  if (key.length !== 32 || signature.length !== 64) return false;
  const text = Buffer.from(endorsementText(network, number, publicKey), 'utf8');
  return nacl.sign.detached.verify(new Uint8Array(text), signature, key);
}

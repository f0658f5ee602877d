import { draw, toBase64, type Random } from './key-pair';
import type { Recipient, ScryptRecipient } from './recipient-shape';
import { stretch, type KeyDerivation, type KeySecret, type ScryptCost } from './scrypt-key';
import { deriveKey } from './seal';
import { tryUnwrap, wrap } from './wrap';

/** Wraps a file key for whoever has `secret`, under a fresh salt. @throws RangeError as `stretch` does. */
export async function wrapForSecret(
  fileKey: Uint8Array,
  secret: KeySecret,
  cost: ScryptCost,
  random: Random,
): Promise<ScryptRecipient> {
  const { n, r, p } = cost;
  const kdf = { n, r, p, salt: toBase64(draw(random, 32)) };
  return scryptRecipient(fileKey, kdf, await stretch(secret, kdf));
}

/** The recipient of a secret that is stretched already. */
export function scryptRecipient(
  fileKey: Uint8Array,
  { n, r, p, salt }: KeyDerivation,
  stretched: Uint8Array,
): ScryptRecipient {
  return { type: 'scrypt', n, r, p, salt, wrapped: wrap(fileKey, wrappingKey(stretched)) };
}

/** The file key, from the first recipient that the secret opens; undefined: it opens none. */
export async function unwrapFileKey(
  recipients: readonly Recipient[],
  secret: KeySecret,
): Promise<Uint8Array | undefined> {
  for (const recipient of recipients) {
    const fileKey = tryUnwrap(recipient.wrapped, wrappingKey(await stretch(secret, recipient)));
    if (fileKey) return fileKey;
  }
  return undefined;
}

function wrappingKey(stretched: Uint8Array): Uint8Array {
  return deriveKey(stretched, 'dwcp key file 2', 'scrypt');
}

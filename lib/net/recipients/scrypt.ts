import { z } from 'zod';
import { draw, toBase64 } from '../key-pair';
import { base64 } from '../key-shapes';
import { deriveKey } from '../seal';
import type { RecipientKind } from './kind';
import { isAffordable, stretch, type KeyDerivation } from './scrypt-key';
import { tryUnwrap, wrap, wrappedKey } from './wrap';

const affordable = 'asks for more memory or work than any key file of ours';
const figures = { n: z.int(), r: z.int(), p: z.int(), salt: base64(32) };

/** Scrypt as format 1 has it: what it gives is the master key. */
export const scryptShape = z
  .strictObject({ algorithm: z.literal('scrypt'), ...figures })
  .refine(isAffordable, affordable);

const shape = z
  .strictObject({ type: z.literal('scrypt'), ...figures, wrapped: wrappedKey })
  .refine(isAffordable, affordable);

/** A passphrase or the bytes of a key file, stretched by scrypt. */
export type ScryptRecipient = Readonly<z.infer<typeof shape>>;

export const scryptKind: RecipientKind<ScryptRecipient> = {
  shape,
  async wrap(fileKey, to, { cost: { n, r, p }, random }) {
    if (!('passphrase' in to || 'keyFile' in to)) return undefined;
    const kdf = { n, r, p, salt: toBase64(draw(random, 32)) };
    return scryptRecipient(fileKey, kdf, await stretch(to, kdf));
  },
  async unwrap(recipient, opener) {
    if (!('passphrase' in opener || 'keyFile' in opener)) return undefined;
    return tryUnwrap(recipient.wrapped, wrappingKey(await stretch(opener, recipient)));
  },
  name: () => 'a passphrase or key file',
};

/** The recipient of a secret that is stretched already. */
export function scryptRecipient(
  fileKey: Uint8Array,
  { n, r, p, salt }: KeyDerivation,
  stretched: Uint8Array,
): ScryptRecipient {
  return { type: 'scrypt', n, r, p, salt, wrapped: wrap(fileKey, wrappingKey(stretched)) };
}

function wrappingKey(stretched: Uint8Array): Uint8Array {
  return deriveKey(stretched, 'dwcp key file 2', 'scrypt');
}

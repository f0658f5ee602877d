import { z } from 'zod';
import { base64 } from './key-shapes';
import { isAffordable } from './scrypt-key';

const affordable = 'asks for more memory or work than any key file of ours';
const scrypt = { n: z.int(), r: z.int(), p: z.int(), salt: base64(32) };
/** 32 bytes of key, 16 of tag. */
const wrapped = base64(48);

/** Scrypt as format 1 has it: what it gives is the master key. */
export const scryptShape = z
  .strictObject({ algorithm: z.literal('scrypt'), ...scrypt })
  .refine(isAffordable, affordable);

const scryptRecipient = z
  .strictObject({ type: z.literal('scrypt'), ...scrypt, wrapped })
  .refine(isAffordable, affordable);

/** Who can open a key file: each wraps the same file key. */
export const recipientShape = z.discriminatedUnion('type', [scryptRecipient]);

/** A passphrase or the bytes of a key file, stretched by scrypt. */
export type ScryptRecipient = Readonly<z.infer<typeof scryptRecipient>>;
export type Recipient = Readonly<z.infer<typeof recipientShape>>;

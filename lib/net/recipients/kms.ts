import { z } from 'zod';
import { toBase64 } from '../key-pair';
import type { RecipientKind } from './kind';

/** KMS was not reached, or refused. `message` says which call, which key and why; `next` what to do. */
export class KmsFailure extends Error {
  constructor(
    message: string,
    readonly next: string,
  ) {
    super(message);
    this.name = 'KmsFailure';
  }
}

/** The ARN of a key or alias of AWS KMS; its fourth field is the region. */
export const kmsKeyArn =
  /^arn:aws[a-z-]{0,20}:kms:[a-z0-9-]{1,40}:\d{12}:(key|alias)\/[A-Za-z0-9/_-]{1,250}$/;

const mostBytes = 6144;

const shape = z.strictObject({
  type: z.literal('aws-kms'),
  key: z.string().regex(kmsKeyArn, 'is not the ARN of a key of AWS KMS'),
  wrapped: z.string().refine((text) => {
    const bytes = Buffer.from(text, 'base64');
    return bytes.length >= 48 && bytes.length <= mostBytes && toBase64(bytes) === text;
  }, 'is not a ciphertext of AWS KMS in base64'),
});

/** A key of AWS KMS: who may call Decrypt with it, with the network in the encryption context. */
export type KmsRecipient = Readonly<z.infer<typeof shape>>;

export const kmsKind: RecipientKind<KmsRecipient> = {
  shape,
  async wrap(fileKey, to, { network }) {
    if (!('kmsKey' in to)) return undefined;
    const { key, wrapped } = await to.kms.encrypt(to.kmsKey, fileKey, network);
    return { type: 'aws-kms', key, wrapped: toBase64(wrapped) };
  },
  async unwrap({ key, wrapped }, opener, network) {
    if (!('kms' in opener)) return undefined;
    return opener.kms.decrypt(key, new Uint8Array(Buffer.from(wrapped, 'base64')), network);
  },
  name: ({ key }) => key,
};

import { z } from 'zod';
import type { KeyOpener, NewRecipient, RecipientKind, WrapContext } from './kind';
import { kmsKind, type KmsRecipient } from './kms';
import { scryptKind, type ScryptRecipient } from './scrypt';
import { x25519Kind, type X25519Recipient } from './x25519';

interface Recipients {
  readonly scrypt: ScryptRecipient;
  readonly x25519: X25519Recipient;
  readonly 'aws-kms': KmsRecipient;
}

/** Who can open a key file: each wraps the same file key. */
export type Recipient = Recipients[keyof Recipients];

const kinds: { readonly [K in keyof Recipients]: RecipientKind<Recipients[K]> } = {
  scrypt: scryptKind,
  x25519: x25519Kind,
  'aws-kms': kmsKind,
};

/** Most recipients of a file. */
export const mostRecipients = 32;

const typed = z.looseObject({ type: z.enum(Object.keys(kinds) as (keyof Recipients)[]) });

export const recipientShape = typed.superRefine((value, context) => {
  const parsed = kinds[value.type].shape.safeParse(value);
  for (const { path, message } of parsed.error?.issues ?? [])
    context.addIssue({ code: 'custom', path, message });
}) as unknown as z.ZodType<Recipient>;

/**
 * Wraps a file key for everyone who is to open the file.
 *
 * @throws RangeError for none, too many, two secrets (opening would stretch what is typed twice), somebody
 *   twice, a text that is no recipient, and as `stretch` does; KmsFailure.
 */
export async function wrapFileKey(
  fileKey: Uint8Array,
  to: readonly NewRecipient[],
  context: WrapContext,
): Promise<Recipient[]> {
  if (to.length === 0 || to.length > mostRecipients) {
    throw new RangeError(`a key file has 1 to ${mostRecipients} recipients, not ${to.length}`);
  }
  const wrapped: Recipient[] = [];
  for (const recipient of to) {
    const made = await firstOf<Recipient>(
      Object.values(kinds).map((kind) => () => kind.wrap(fileKey, recipient, context)),
    );
    if (!made) throw new RangeError('an unknown kind of recipient');
    if (wrapped.some((other) => recipientName(other) === recipientName(made))) {
      throw new RangeError(`${recipientName(made)} stands twice among the recipients`);
    }
    wrapped.push(made);
  }
  return wrapped;
}

/** The file key, from the first recipient that opens; undefined: none does. @throws KmsFailure */
export function unwrapFileKey(
  recipients: readonly Recipient[],
  opener: KeyOpener,
  network: string,
): Promise<Uint8Array | undefined> {
  return firstOf(recipients.map((recipient) => () => kindOf(recipient).unwrap(recipient, opener, network)));
}

/** Who a recipient is, in messages. */
export function recipientName(recipient: Recipient): string {
  return kindOf(recipient).name(recipient);
}

function kindOf(recipient: Recipient): RecipientKind<Recipient> {
  return kinds[recipient.type] as RecipientKind<Recipient>;
}

async function firstOf<T>(asks: readonly (() => Promise<T | undefined>)[]): Promise<T | undefined> {
  for (const ask of asks) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  return undefined;
}

import type { z } from 'zod';
import type { Random } from '../key-pair';
import type { AgeIdentity } from './age-text';
import type { KeySecret, ScryptCost } from './scrypt-key';

/** What opens a key file: a passphrase, the bytes of a key file, age identities, or AWS KMS. */
export type KeyOpener = KeySecret | { readonly identities: readonly AgeIdentity[] } | { readonly kms: Kms };

/** For whom a key file is sealed: a secret, an age recipient (`age1…`), or a key of AWS KMS (its ARN). */
export type NewRecipient =
  KeySecret | { readonly age: string } | { readonly kmsKey: string; readonly kms: Kms };

/** What wrapping needs besides. */
export interface WrapContext {
  /** Identity of the network. */
  readonly network: string;
  readonly cost: ScryptCost;
  readonly random: Random;
}

/** A kind of recipient: one way to wrap the file key (32 bytes). */
export interface RecipientKind<Recipient> {
  readonly shape: z.ZodType<Recipient>;
  /** Wraps the file key; undefined: `to` is of another kind. */
  wrap(fileKey: Uint8Array, to: NewRecipient, context: WrapContext): Promise<Recipient | undefined>;
  /** The file key; undefined: the opener is of another kind, or does not open it. */
  unwrap(recipient: Recipient, opener: KeyOpener, network: string): Promise<Uint8Array | undefined>;
  /** In messages: who can open it. */
  name(recipient: Recipient): string;
}

/** Somebody who asks AWS KMS for us. Both bind what they wrap to the network, as encryption context. */
export interface Kms {
  /**
   * @param key ARN of a key or alias.
   * @returns the ciphertext and the ARN of the key itself, which an alias may leave later.
   * @throws KmsFailure with what KMS said.
   */
  encrypt(key: string, plain: Uint8Array, network: string): Promise<{ key: string; wrapped: Uint8Array }>;
  /** @throws KmsFailure with what KMS said. */
  decrypt(key: string, wrapped: Uint8Array, network: string): Promise<Uint8Array>;
}

import { kmsKeyArn, recipientPoint, type KeySecret, type NewRecipient } from '../net/keys';
import { awsKms } from './aws/aws-kms';
import { KeysFailure, type KeysIo } from './keys-io';
import { askHidden } from './keys-prompt';
import { keyFileFrom, noSecret, onlyOne, passphraseFrom, trySecret, type SecretOptions } from './keys-secret';
import { refuseShort, refuseWeakKeyFile, refuseWeakPassphrase } from './keys-strength';

/** For whom keys are sealed that are made now. */
export interface RecipientOptions {
  readonly recipient?: readonly string[];
}

/** For whom keys are sealed anew; what opens them now comes from the other options. */
export interface NewSecretOptions extends RecipientOptions {
  readonly newPassphrase?: boolean;
  readonly newPassphraseFile?: string;
  readonly newKeyFile?: string;
}

/**
 * The recipients of a first key file: the ones of `--recipient`, and the passphrase or key file at hand.
 * Without any, asks for a passphrase twice.
 *
 * @param known words that everybody knows of the network: they make no passphrase strong.
 * @throws KeysFailure for a weak secret, with the reason, and where there is no terminal to ask on.
 */
export async function firstRecipients(
  options: SecretOptions & RecipientOptions,
  io: KeysIo,
  known: readonly string[],
): Promise<readonly NewRecipient[]> {
  const recipients = parseRecipients(options);
  const secret = trySecret(options, io);
  const name = options.keyFile ?? io.env.DWCP_KEY_FILE ?? 'the key file';
  if (secret && ('passphrase' in secret || 'keyFile' in secret))
    return [await strong(secret, name, known), ...recipients];
  if (recipients.length > 0) return recipients;
  if (secret) {
    throw new KeysFailure(
      'error: there are no keys yet that an identity or AWS KMS could open\n' +
        '  next: name for whom to make them with --recipient',
      2,
    );
  }
  return [await askNew(io, known)];
}

/**
 * The recipients of a key file that is sealed anew: the ones of `--recipient`, and a new passphrase or key
 * file. Without any, asks for a passphrase twice.
 *
 * @throws KeysFailure as `firstRecipients` does.
 */
export async function newRecipients(
  options: NewSecretOptions,
  io: KeysIo,
  known: readonly string[],
): Promise<readonly NewRecipient[]> {
  const recipients = parseRecipients(options);
  const { newPassphrase = false, newPassphraseFile, newKeyFile } = options;
  const option = onlyOne<() => Promise<KeySecret>>('give', [
    ['--new-passphrase', newPassphrase, () => () => askNew(io, known)],
    [
      '--new-passphrase-file',
      newPassphraseFile !== undefined,
      () => () => strong(passphraseFrom(newPassphraseFile!, io), '', known),
    ],
    [
      '--new-key-file',
      newKeyFile !== undefined,
      () => () => strong(keyFileFrom(newKeyFile!, io), newKeyFile!, known),
    ],
  ]);
  const { DWCP_NEW_PASSPHRASE: passphrase, DWCP_NEW_KEY_FILE: file } = io.env;
  const given =
    option ??
    onlyOne<() => Promise<KeySecret>>('set', [
      [
        'DWCP_NEW_PASSPHRASE',
        Boolean(passphrase),
        () => () => strong({ passphrase: passphrase! }, '', known),
      ],
      ['DWCP_NEW_KEY_FILE', Boolean(file), () => () => strong(keyFileFrom(file!, io), file!, known)],
    ]);
  if (given) return [await given(), ...recipients];
  return recipients.length > 0 ? recipients : [await askNew(io, known)];
}

function parseRecipients({ recipient = [] }: RecipientOptions): NewRecipient[] {
  return recipient.map((text) => {
    if (kmsKeyArn.test(text)) return { kmsKey: text, kms: awsKms };
    if (recipientPoint(text) !== undefined) return { age: text };
    if (/age-secret-key-/i.test(text)) {
      const next =
        "give its recipient ('age-keygen -y <file>'), and make a new identity: others may have read it";
      throw new KeysFailure(`error: --recipient got an age identity, which is a secret\n  next: ${next}`, 2);
    }
    const kinds = 'an age recipient for X25519 (age1…) or the ARN of an AWS KMS key (arn:aws:kms:…)';
    throw new KeysFailure(`error: '${text}' is neither ${kinds}`, 2);
  });
}

async function askNew(io: KeysIo, known: readonly string[]): Promise<KeySecret> {
  if (!io.isTty) throw noSecret();
  const passphrase = await askHidden('New passphrase: ', io.stdin, io.stderr);
  refuseShort(passphrase);
  const again = await askHidden('Again: ', io.stdin, io.stderr);
  if (again !== passphrase) throw new KeysFailure('error: the two passphrases differ');
  // Last, because it takes a moment in which the terminal would show what is typed.
  await refuseWeakPassphrase(passphrase, known);
  return { passphrase };
}

/** @param name of the key file, in messages. */
async function strong(secret: KeySecret, name: string, known: readonly string[]): Promise<KeySecret> {
  if ('passphrase' in secret) await refuseWeakPassphrase(secret.passphrase, known);
  else refuseWeakKeyFile(secret.keyFile, name);
  return secret;
}

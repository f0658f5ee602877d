import {
  leastKeyFileBytes,
  parseIdentityFile,
  recipientNames,
  type KeyFile,
  type KeyOpener,
  type KeySecret,
} from '../net/keys';
import { awsKms } from './aws/aws-kms';
import { KeysFailure, type KeysIo } from './keys-io';
import { askHidden } from './keys-prompt';
import { readSecretFile, readSecretText } from './read-secret-file';

/**
 * Where a secret may come from, as options. A secret itself is never an argument: others could read it
 * there.
 */
export interface SecretOptions {
  readonly passphraseFile?: string;
  readonly keyFile?: string;
  readonly identity?: string;
  readonly kms?: boolean;
}

/**
 * The secret at hand: from the options, else from DWCP_PASSPHRASE, DWCP_KEY_FILE or DWCP_IDENTITY_FILE;
 * undefined if there is none. Never asks.
 *
 * @throws KeysFailure with exit code 2 for two sources of one rank, 1 for a file that cannot serve.
 */
export function trySecret(options: SecretOptions, io: KeysIo): KeyOpener | undefined {
  const { passphraseFile, keyFile, identity, kms } = options;
  const option = onlyOne('give', [
    ['--passphrase-file', passphraseFile !== undefined, () => passphraseFrom(passphraseFile!, io)],
    ['--key-file', keyFile !== undefined, () => keyFileFrom(keyFile!, io)],
    ['--identity', identity !== undefined, () => identitiesFrom(identity!, io)],
    ['--kms', kms === true, () => ({ kms: awsKms })],
  ]);
  if (option) return option;
  const { DWCP_PASSPHRASE: passphrase, DWCP_KEY_FILE: file, DWCP_IDENTITY_FILE: identityFile } = io.env;
  return onlyOne('set', [
    ['DWCP_PASSPHRASE', Boolean(passphrase), () => ({ passphrase: passphrase! })],
    ['DWCP_KEY_FILE', Boolean(file), () => keyFileFrom(file!, io)],
    ['DWCP_IDENTITY_FILE', Boolean(identityFile), () => identitiesFrom(identityFile!, io)],
  ]);
}

/**
 * As `trySecret`; without one, asks for a passphrase on a terminal where the file has one, or asks AWS KMS
 * where the file is sealed for a key of it.
 *
 * @throws KeysFailure also where nothing is left to try.
 */
export async function takeSecret(options: SecretOptions, io: KeysIo, file: KeyFile): Promise<KeyOpener> {
  const secret = trySecret(options, io);
  if (secret) return secret;
  const has = (type: string) =>
    file.formatVersion === 1 ? type === 'scrypt' : file.recipients.some((r) => r.type === type);
  if (has('scrypt') && io.isTty) {
    const passphrase = await askHidden('Passphrase: ', io.stdin, io.stderr);
    if (passphrase === '') throw new KeysFailure('error: the passphrase is empty');
    return { passphrase };
  }
  if (has('aws-kms')) return { kms: awsKms };
  if (has('scrypt')) throw noSecret();
  throw new KeysFailure(
    `error: the key file is sealed for ${recipientNames(file).join(', ')}, and there is no identity\n` +
      '  next: name the file of one with --identity or DWCP_IDENTITY_FILE',
  );
}

/** There is no passphrase, and nobody to ask for one. */
export function noSecret(): KeysFailure {
  const ways = '--passphrase-file, --key-file, DWCP_PASSPHRASE or DWCP_KEY_FILE';
  return new KeysFailure(
    `error: there is no passphrase and no terminal to ask on\n  next: give one with ${ways}`,
  );
}

/** The secret of the one source that is given; undefined: none is. @throws KeysFailure for two. */
export function onlyOne<T>(
  verb: string,
  sources: readonly (readonly [name: string, given: boolean, read: () => T])[],
): T | undefined {
  const given = sources.filter(([, there]) => there);
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(' and ');
    throw new KeysFailure(`error: ${verb} one of ${names}`, 2);
  }
  return given[0]?.[2]();
}

/** A passphrase file: UTF-8, one line; its line end is not part of it. @throws KeysFailure */
export function passphraseFrom(path: string, io: KeysIo): { readonly passphrase: string } {
  const passphrase = readSecretText(path, io).replace(/\r?\n$/, '');
  if (passphrase === '') throw new KeysFailure(`error: ${path} is empty`);
  return { passphrase };
}

/** @throws KeysFailure also for fewer bytes than a key file has. */
export function keyFileFrom(path: string, io: KeysIo): KeySecret {
  const keyFile = readSecretFile(path, io);
  if (keyFile.length >= leastKeyFileBytes) return { keyFile };
  const next = `next: make one with 'head -c 32 /dev/urandom > ${path}'`;
  throw new KeysFailure(
    `error: ${path} holds ${keyFile.length} bytes, ${leastKeyFileBytes} are needed\n  ${next}`,
  );
}

/** Identities as `age-keygen` writes them. @throws KeysFailure */
function identitiesFrom(path: string, io: KeysIo): KeyOpener {
  const identities = parseIdentityFile(readSecretText(path, io));
  const next = "next: make one with 'age-keygen -o <file>'; it holds lines that begin with AGE-SECRET-KEY-1";
  if (typeof identities === 'number')
    throw new KeysFailure(
      `error: line ${identities} of ${path} is not an age identity for X25519\n  ${next}`,
    );
  if (identities.length === 0) throw new KeysFailure(`error: ${path} holds no age identity\n  ${next}`);
  return { identities };
}

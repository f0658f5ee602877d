import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { leastKeyFileBytes, type KeySecret } from '../net/keys';
import { KeysFailure, type KeysIo } from './keys-io';
import { askHidden } from './keys-prompt';

/**
 * Where a secret may come from, as options. A secret itself is never an argument: others could read it
 * there.
 */
export interface SecretOptions {
  readonly passphraseFile?: string;
  readonly keyFile?: string;
}

/** Fewest characters of a new passphrase. */
export const leastPassphrase = 12;

const mostFileBytes = 2 ** 20;

/**
 * The secret at hand: from the options, else from DWCP_PASSPHRASE or DWCP_KEY_FILE; undefined if there is
 * none. Never asks.
 *
 * @throws KeysFailure with exit code 2 for two sources of one rank, 1 for a file that cannot serve.
 */
export function trySecret(options: SecretOptions, io: KeysIo): KeySecret | undefined {
  const { passphraseFile, keyFile } = options;
  if (passphraseFile !== undefined && keyFile !== undefined) {
    throw new KeysFailure('error: give one of --passphrase-file and --key-file', 2);
  }
  if (passphraseFile !== undefined) return passphraseFrom(passphraseFile, io);
  if (keyFile !== undefined) return keyFileFrom(keyFile, io);
  const { DWCP_PASSPHRASE: passphrase, DWCP_KEY_FILE: file } = io.env;
  if (passphrase && file) throw new KeysFailure('error: set one of DWCP_PASSPHRASE and DWCP_KEY_FILE', 2);
  if (passphrase) return { passphrase };
  return file ? keyFileFrom(file, io) : undefined;
}

/**
 * As `trySecret`; without one, asks on a terminal.
 *
 * @throws KeysFailure also where there is no terminal to ask on.
 */
export async function takeSecret(options: SecretOptions, io: KeysIo): Promise<KeySecret> {
  const secret = trySecret(options, io);
  if (secret) return secret;
  requireTerminal(io);
  const passphrase = await askHidden('Passphrase: ', io.stdin, io.stderr);
  if (passphrase === '') throw new KeysFailure('error: the passphrase is empty');
  return { passphrase };
}

/**
 * As `takeSecret`, for keys that are made now: asks twice, and refuses a short passphrase.
 *
 * @throws KeysFailure also for a passphrase of fewer than 12 characters, or two that differ.
 */
export async function takeNewSecret(options: SecretOptions, io: KeysIo): Promise<KeySecret> {
  const secret = trySecret(options, io);
  if (secret) return checkLength(secret);
  requireTerminal(io);
  const passphrase = await askHidden('New passphrase: ', io.stdin, io.stderr);
  checkLength({ passphrase });
  const again = await askHidden('Again: ', io.stdin, io.stderr);
  if (again !== passphrase) throw new KeysFailure('error: the two passphrases differ');
  return { passphrase };
}

function checkLength(secret: KeySecret): KeySecret {
  if ('passphrase' in secret && [...secret.passphrase.normalize('NFC')].length < leastPassphrase) {
    throw new KeysFailure(`error: the passphrase has fewer than ${leastPassphrase} characters`);
  }
  return secret;
}

function requireTerminal(io: KeysIo): void {
  if (io.isTty) return;
  const ways = '--passphrase-file, --key-file, DWCP_PASSPHRASE or DWCP_KEY_FILE';
  throw new KeysFailure(
    `error: there is no passphrase and no terminal to ask on\n  next: give one with ${ways}`,
  );
}

/** A passphrase file: UTF-8, one line; its line end is not part of it. */
function passphraseFrom(path: string, io: KeysIo): KeySecret {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(read(path, io));
  } catch (error) {
    if (error instanceof KeysFailure) throw error;
    throw new KeysFailure(`error: ${path} is not UTF-8 text\n  next: give raw bytes with --key-file`);
  }
  const passphrase = text.replace(/\r?\n$/, '');
  if (passphrase === '') throw new KeysFailure(`error: ${path} is empty`);
  return { passphrase };
}

function keyFileFrom(path: string, io: KeysIo): KeySecret {
  const keyFile = read(path, io);
  if (keyFile.length >= leastKeyFileBytes) return { keyFile };
  const next = `next: make one with 'head -c 32 /dev/urandom > ${path}'`;
  throw new KeysFailure(
    `error: ${path} holds ${keyFile.length} bytes, ${leastKeyFileBytes} are needed\n  ${next}`,
  );
}

/** Pipes are welcome (`<(pass show network)`), endless devices are not. */
function read(path: string, io: KeysIo): Uint8Array {
  const buffer = Buffer.alloc(mostFileBytes + 1);
  let length = 0;
  try {
    const file = openSync(resolve(io.cwd, path), 'r');
    try {
      for (let got = -1; got !== 0 && length < buffer.length; length += got) {
        got = readSync(file, buffer, length, buffer.length - length, null);
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new KeysFailure(`error: cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
  if (length > mostFileBytes) throw new KeysFailure(`error: ${path} holds more than ${mostFileBytes} bytes`);
  return new Uint8Array(buffer.subarray(0, length));
}

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { formatDiagnostic, problem } from '../diagnostics';
import {
  KmsFailure,
  openKeyFile,
  readKeyFile,
  type KeyFileChange,
  type KeyProblem,
  type OpenedKeyFile,
} from '../net/keys';
import { count } from '../units';
import { takeExclusive } from '../project/exclusive';
import { KeysFailure, type KeysIo } from './keys-io';
import { takeSecret, type SecretOptions } from './keys-secret';
import { writeFileAtomic } from '../project/write-file';

/** Runs what reads, changes and writes a key file, while nobody else may. */
export async function alone(file: string, io: KeysIo, work: () => Promise<number>): Promise<number> {
  const exclusive = takeExclusive(file, shown(file, io));
  if (!exclusive.ok) throw new KeysFailure(formatDiagnostic(exclusive.diagnostic));
  try {
    return await work();
  } finally {
    exclusive.release();
  }
}

/** Opens a key file, or says why not. @throws KeysFailure */
export async function openFile(
  file: string,
  text: string,
  options: SecretOptions,
  io: KeysIo,
  network?: string,
): Promise<OpenedKeyFile> {
  // A file that cannot be read is told before anyone types a passphrase.
  const read = readKeyFile(text, network);
  if (!read.ok) throw failure(read.problem, file, io);
  const opener = await takeSecret(options, io, read.value);
  const opened = await patiently(io, openKeyFile(text, opener, network));
  if (!opened.ok) throw failure(opened.problem, file, io);
  return opened.value;
}

/** Seals keys: what is wrong with a recipient is told as everything else is. @throws KeysFailure */
export async function sealing<T>(file: string, io: KeysIo, work: Promise<T>): Promise<T> {
  try {
    return await patiently(io, work);
  } catch (error) {
    if (error instanceof KmsFailure)
      throw failure({ code: 'key-file-kms', message: error.message, next: error.next }, file, io);
    if (error instanceof RangeError) throw new KeysFailure(`error: ${error.message}`);
    throw error;
  }
}

/** Says what takes long, on a terminal, after a second. */
export async function patiently<T>(io: KeysIo, work: Promise<T>): Promise<T> {
  if (!io.isTty) return work;
  let told = false;
  const timer = setTimeout(() => {
    told = true;
    io.stderr.write('deriving the key (scrypt) ...');
  }, 1000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    if (told) io.stderr.write('\r\u001b[K');
  }
}

/** Writes unless somebody else has written in the meantime: their keys would be lost. */
export function writeKeys(file: string, before: string | undefined, text: string, io: KeysIo): void {
  if (tryRead(file, io) !== before) {
    throw new KeysFailure(
      `error: ${shown(file, io)} was changed in the meantime\n  next: run the command again`,
    );
  }
  try {
    writeFileAtomic(file, text, 0o644);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KeysFailure(`error: cannot write ${shown(file, io)}: ${code}; it is as it was`);
  }
}

/** undefined: there is no such file. @throws KeysFailure */
export function tryRead(file: string, io: KeysIo): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new KeysFailure(`error: cannot read ${shown(file, io)}: ${code}`);
  }
}

/** @throws KeysFailure */
export function readOrFail(file: string, io: KeysIo): string {
  const text = tryRead(file, io);
  if (text !== undefined) return text;
  throw new KeysFailure(`error: ${shown(file, io)} does not exist\n  next: make it with 'dwcp keys init'`);
}

/** The fault of a key file, as its reader is told. */
export function failure({ code, message, next }: KeyProblem, file: string, io: KeysIo): KeysFailure {
  return new KeysFailure(formatDiagnostic(problem(code, shown(file, io), message, next)));
}

/** A file's name in messages. */
export function shown(file: string, io: KeysIo): string {
  return relative(io.cwd, file) || file;
}

/** How much a change touched. */
export function keyCounts({ gateways, tunnels, signing }: KeyFileChange): string {
  const [pairs, preshared] = [count(gateways.length, 'key pair'), count(tunnels.length, 'preshared key')];
  return signing ? `${pairs}, ${preshared} and the signing key` : `${pairs} and ${preshared}`;
}

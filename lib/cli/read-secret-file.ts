import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { KeysFailure, type KeysIo } from './keys-io';

const mostFileBytes = 2 ** 20;

/**
 * The bytes of a file that holds a secret, 1 MiB at most. Pipes are welcome (`<(pass show network)`), endless
 * devices are not. @throws KeysFailure
 */
export function readSecretFile(path: string, io: KeysIo): Uint8Array {
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

/** As `readSecretFile`, as UTF-8. @throws KeysFailure also for other bytes. */
export function readSecretText(path: string, io: KeysIo): string {
  const bytes = readSecretFile(path, io);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new KeysFailure(`error: ${path} is not UTF-8 text\n  next: give raw bytes with --key-file`);
  }
}

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a whole file or leaves it as it was: into a new file of the same folder, synced, then renamed
 * over. A full disk or a kill loses neither the old content nor leaves half of the new; at worst a
 * `.<name>.<random>.tmp` stays behind. A symbolic link keeps pointing to the file it names.
 *
 * @param mode permission bits, whatever the umask: 0o644 by default, 0o600 for secrets.
 * @throws the system's error; the temporary file is removed first.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o644): void {
  const target = resolveLink(path);
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    // Never readable by others while it is written, even if it will be.
    const file = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(file, content);
      fchmodSync(file, mode);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
  syncFolder(folder);
}

/** Is this the same text, whichever way its lines end? A checkout may have turned them. */
export function isSameText(before: string | undefined, after: string): boolean {
  return before?.replaceAll('\r\n', '\n') === after.replaceAll('\r\n', '\n');
}

/** Why a file could not be written, without the absolute path that the system's message names. */
export function writeFault(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'its folder does not exist',
    ENOTDIR: 'its folder does not exist',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the disk is read-only',
  };
  return known[code ?? ''] ?? code ?? message;
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made, or is renamed already.
  }
}

/**
 * Makes the rename itself last through a power cut; some file systems refuse to sync a folder, and need
 * none.
 */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    return;
  }
}

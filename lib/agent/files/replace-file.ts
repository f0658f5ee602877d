import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes a file whole or not at all, and so that it survives a power cut. What a killed writer left
 * (`<file>.new`) is written over by the next.
 */
export function replaceFile(file: string, text: string, mode = 0o600): void {
  const draft = `${file}.new`;
  const fd = openSync(draft, 'w', mode);
  try {
    // Whatever the umask: systemd warns of a unit that others may not read.
    fchmodSync(fd, mode);
    writeFileSync(fd, text);
    fsyncSync(fd);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  renameSync(draft, file);
  syncFolder(path.dirname(file));
}

/** Until then a rename may be undone by a power cut. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

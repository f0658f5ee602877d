import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { replaceFile } from './replace-file';

/**
 * Reads a record of the agent's state folder. What is damaged counts as missing, so that no record ever keeps
 * an agent from starting.
 *
 * @param read what of the JSON is taken; undefined, or an error: it is none of ours.
 * @returns null: it is missing, or damaged.
 */
export function readStateFile<T>(
  stateDir: string,
  fileName: string,
  read: (raw: unknown) => T | undefined,
): T | null {
  return tryReadStateFile(stateDir, fileName, read) ?? null;
}

/** The same; undefined: it is there and damaged. */
export function tryReadStateFile<T>(
  stateDir: string,
  fileName: string,
  read: (raw: unknown) => T | undefined,
): T | null | undefined {
  try {
    return read(JSON.parse(readFileSync(path.join(stateDir, fileName), 'utf8')));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : undefined;
  }
}

/** Reads a file that holds one line, such as a cursor. @returns null: it cannot be read. */
export function tryReadLine(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

/** Writes a record of the agent's state folder as JSON, whole or not at all. */
export function writeStateFile(stateDir: string, fileName: string, value: unknown): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  replaceFile(path.join(stateDir, fileName), `${JSON.stringify(value)}\n`);
}

/** Removes it, if it is there. */
export function forgetStateFile(stateDir: string, fileName: string): void {
  rmSync(path.join(stateDir, fileName), { force: true });
}

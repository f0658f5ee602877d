import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { replaceFile } from './replace-file';

/** Writes a record of the agent's state folder as JSON, whole or not at all. */
export function writeStateFile(stateDir: string, fileName: string, value: unknown): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  replaceFile(path.join(stateDir, fileName), `${JSON.stringify(value)}\n`);
}

/** Removes it, if it is there. */
export function forgetStateFile(stateDir: string, fileName: string): void {
  rmSync(path.join(stateDir, fileName), { force: true });
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { forgetStateFile, writeStateFile } from './state-file';

/** What a gateway has applied last: its identity, and what makes an older plan known as such. */
export interface AppliedRecord {
  /** Identities: a renaming makes no gateway another one. */
  readonly network: string;
  readonly gateway: string;
  readonly generation: number;
  readonly planDigest: string;
}

const fileName = 'applied.json';

/**
 * What this host has applied, from its state folder; null: nothing yet.
 *
 * @throws Error if the record is there and cannot be read: guessing could let an older plan in.
 */
export function readApplied(stateDir: string): AppliedRecord | null {
  const file = path.join(stateDir, fileName);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { network, gateway, generation, planDigest } = JSON.parse(text) as AppliedRecord;
    const fine =
      typeof network === 'string' &&
      typeof gateway === 'string' &&
      Number.isInteger(generation) &&
      typeof planDigest === 'string';
    if (fine) return { network, gateway, generation, planDigest };
  } catch {
    // Said below.
  }
  throw new Error(`${file} is damaged; remove it to take the next plan whatever its generation`);
}

/** Writes the record whole or not at all. */
export function writeApplied(stateDir: string, record: AppliedRecord): void {
  writeStateFile(stateDir, fileName, record);
}

/** After `down`: the host belongs to no network. */
export function forgetApplied(stateDir: string): void {
  forgetStateFile(stateDir, fileName);
}

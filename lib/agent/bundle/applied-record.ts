import path from 'node:path';
import { forgetStateFile, tryReadStateFile, writeStateFile } from '../files/state-file';

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
 * What this host has applied; null: nothing yet.
 *
 * @param folders where records may be: the state folder, and the run folder for a time in which the state
 * folder cannot be written. The newest counts.
 * @throws Error if a record is there and cannot be read: guessing could let an older plan in.
 */
export function readApplied(...folders: readonly string[]): AppliedRecord | null {
  const { record, damaged } = tryReadApplied(...folders);
  if (record === null && damaged !== null) {
    throw new Error(`${damaged} is damaged; remove it to take the next plan whatever its generation`);
  }
  return record;
}

/** The same. `damaged`: the first file that is there and cannot be read. */
export function tryReadApplied(...folders: readonly string[]): {
  readonly record: AppliedRecord | null;
  readonly damaged: string | null;
} {
  let [record, damaged]: [AppliedRecord | null, string | null] = [null, null];
  for (const folder of folders) {
    const found = readOne(folder);
    if (found === undefined) damaged ??= path.join(folder, fileName);
    else if (found && (record === null || found.generation > record.generation)) record = found;
  }
  return { record, damaged };
}

/** null: there is none; undefined: it cannot be read. */
function readOne(folder: string): AppliedRecord | null | undefined {
  return tryReadStateFile(folder, fileName, (raw) => {
    const { network, gateway, generation, planDigest } = raw as AppliedRecord;
    const fine =
      typeof network === 'string' &&
      typeof gateway === 'string' &&
      Number.isInteger(generation) &&
      typeof planDigest === 'string';
    return fine ? { network, gateway, generation, planDigest } : undefined;
  });
}

/** Writes the record whole or not at all; leaves one alone that says the same. */
export function writeApplied(stateDir: string, record: AppliedRecord): void {
  const before = readOne(stateDir);
  const keys = ['network', 'gateway', 'generation', 'planDigest'] as const;
  if (before && keys.every((key) => before[key] === record[key])) return;
  writeStateFile(stateDir, fileName, record);
}

/**
 * Writes it to the state folder. Where that fails it goes to the run folder, which is in memory and outlives
 * the agent: until the next boot no older plan is let in.
 *
 * @throws the error of the state folder.
 */
export function keepApplied(stateDir: string, runDir: string, record: AppliedRecord): void {
  try {
    writeApplied(stateDir, record);
  } catch (error) {
    try {
      writeApplied(runDir, record);
    } catch {
      // Told of the state folder, which matters more.
    }
    throw error;
  }
  forgetApplied(runDir);
}

/** After `down`: the host belongs to no network. */
export function forgetApplied(...folders: readonly string[]): void {
  for (const folder of folders) forgetStateFile(folder, fileName);
}

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

/** What a gateway has applied last: its identity, and what makes an older plan known as such. */
export interface AppliedRecord {
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
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const file = path.join(stateDir, fileName);
  const draft = `${file}.${process.pid}.new`;
  const fd = openSync(draft, 'w', 0o600);
  try {
    writeSync(fd, `${JSON.stringify(record)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, file);
}

/** After `down`: the host belongs to no network. */
export function forgetApplied(stateDir: string): void {
  rmSync(path.join(stateDir, fileName), { force: true });
}

import { existsSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesIn } from './processes';
import { isAlive, labFolder, tryReadRecord } from './record';
import { run } from './run';

/** Does a namespace of this name exist? */
export function hasNamespace(name: string): boolean {
  return existsSync(`/run/netns/${name}`);
}

/**
 * Removes a lab by its record: ends the processes inside its namespaces, then the namespaces, with them
 * every device, route and rule, then its folder. Whatever is gone already is passed over, so that it can be
 * repeated after any failure. A lab that is not recorded is left alone, whatever its namespaces are called.
 */
export async function takeDown(directory: string, lab: string): Promise<void> {
  const record = tryReadRecord(directory, lab);
  if (!record) return;
  const there = record.namespaces.filter(hasNamespace);
  await end(there, 'SIGTERM', 2000);
  await end(there, 'SIGKILL', 5000);
  for (const namespace of there) await run(['ip', 'netns', 'delete', namespace]);
  await unmountBelow(labFolder(directory, lab));
  rmSync(labFolder(directory, lab), { recursive: true, force: true });
  try {
    rmdirSync(directory);
  } catch {
    // Other labs are in it.
  }
}

/** What a fault has mounted, if it was not healed. */
async function unmountBelow(folder: string): Promise<void> {
  const mounted = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((place) => place.startsWith(`${folder}/`));
  for (const place of mounted.reverse()) await run(['umount', '-l', place]);
}

/** Asks a foreground `up` to end, and waits until it has. @returns whether there was one. */
export async function endOwner(directory: string, lab: string): Promise<boolean> {
  const owner = tryReadRecord(directory, lab)?.owner ?? null;
  if (!isAlive(owner) || owner!.pid === process.pid) return false;
  process.kill(owner!.pid, 'SIGTERM');
  for (let waited = 0; waited < 20_000 && isAlive(owner); waited += 50) await sleep(50);
  return true;
}

async function end(namespaces: readonly string[], signal: NodeJS.Signals, patienceMs: number): Promise<void> {
  for (let waited = 0; ; waited += 50) {
    const left = (await Promise.all(namespaces.map(processesIn))).flat();
    if (left.length === 0) return;
    if (waited === 0) left.forEach((pid) => kill(pid, signal));
    if (waited >= patienceMs) return;
    await sleep(50);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}

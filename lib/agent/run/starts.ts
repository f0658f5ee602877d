import { readStateFile, writeStateFile } from '../files/state-file';

/** Starts of agents since the machine booted, in the run folder. */
export interface Starts {
  /** Agents before this one. */
  readonly restarts: number;
  /** Of them, the last ones in a row that never applied their plan, within ten minutes. */
  readonly failed: number;
}

interface Record {
  readonly starts: number;
  readonly failed: number;
  /** Of the last start, ms since 1970 in UTC. */
  readonly atUtcMs: number;
}

const fileName = 'starts.json';
const forgetMs = 600_000;
/** One crash is made good at once; from then on each wait is twice the one before, ms. */
const firstWaitMs = 500;
const mostWaitMs = 30_000;

/**
 * Counts this start as failed until `startedWell` says otherwise. Nothing is known where nothing can be read.
 */
export function countStart(runDir: string, nowUtcMs: number, write: (keep: () => void) => void): Starts {
  const before = read(runDir);
  const recent = before !== null && Math.abs(nowUtcMs - before.atUtcMs) < forgetMs;
  const starts: Starts = { restarts: before?.starts ?? 0, failed: recent ? before.failed : 0 };
  const record: Record = { starts: starts.restarts + 1, failed: starts.failed + 1, atUtcMs: nowUtcMs };
  write(() => writeStateFile(runDir, fileName, record));
  return starts;
}

/** The agent has applied its plan. Should it crash later, neighbours wait: the next start is at once. */
export function startedWell(runDir: string, write: (keep: () => void) => void): void {
  const record = read(runDir);
  if (record) write(() => writeStateFile(runDir, fileName, { ...record, failed: 0 }));
}

/** How long a start waits after so many failed ones, ms: a loop of restarts takes the machine's time. */
export function startWaitMs(failed: number): number {
  return failed < 2 ? 0 : Math.min(mostWaitMs, firstWaitMs * 2 ** (failed - 2));
}

function read(runDir: string): Record | null {
  return readStateFile(runDir, fileName, (raw) => {
    const { starts, failed, atUtcMs } = raw as Record;
    const fine = [starts, failed, atUtcMs].every((figure) => Number.isSafeInteger(figure) && figure >= 0);
    return fine ? { starts, failed, atUtcMs } : undefined;
  });
}

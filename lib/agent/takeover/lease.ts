/**
 * What two gateways write in turn, each time on the condition that nobody has written since: whoever writes
 * knows what stood there before. One object a region.
 */
export interface Lease {
  readonly formatVersion: 1;
  /** Rises by one with each write: a later one is never taken for an earlier. */
  readonly epoch: number;
  /** Gateway that wrote it. */
  readonly by: string;
  /**
   * `claim`: wants to take over, the other may object. `object`: lives and serves, the claim is void. `move`:
   * moves routes now. `done`: nothing is under way.
   */
  readonly phase: LeasePhase;
  /** Take-overs of late: each doubles the wait before routes go home. */
  readonly moves: number;
}

export type LeasePhase = 'claim' | 'object' | 'move' | 'done';

/** The lease as it was read. */
export interface LeaseSeen {
  /** null: there is none yet, or what lies there is none. */
  readonly lease: Lease | null;
  /** What a write must name so that it replaces this and nothing else; null: there is no object. */
  readonly etag: string | null;
  /** How old it was, ms by the store's own clock: the clocks of gateways may differ. */
  readonly ageMs: number;
}

/** Where the lease lies. Each call has a deadline, and rejects when it is over. */
export interface LeaseStore {
  read(): Promise<LeaseSeen>;
  /**
   * Writes if nothing was written since `expected` was read.
   *
   * @param expected as `LeaseSeen.etag`.
   * @returns what the next write has to name; null: somebody else was first, and nothing was written.
   */
  write(lease: Lease, expected: string | null): Promise<string | null>;
}

const phases: readonly string[] = ['claim', 'object', 'move', 'done'] satisfies LeasePhase[];
const mostMoves = 1000;

/** @returns null where the text is no lease. */
export function readLease(text: string): Lease | null {
  let raw: Partial<Lease> | null;
  try {
    raw = JSON.parse(text) as Partial<Lease> | null;
  } catch {
    return null;
  }
  if (typeof raw !== 'object' || raw === null || raw.formatVersion !== 1) return null;
  const { epoch, by, phase, moves } = raw;
  const whole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!whole(epoch) || !whole(moves) || typeof by !== 'string' || by.length > 200) return null;
  if (typeof phase !== 'string' || !phases.includes(phase)) return null;
  return { formatVersion: 1, epoch: epoch!, by, phase, moves: Math.min(moves!, mostMoves) };
}

import type { Floats } from '../graph';
import type { Request } from '../routing';
import type { TrafficDemand } from './traffic-demand';

/** What else a conflict of demands may be due to; names are ids of whoever asks. */
export interface ConflictOthers {
  /** Who holds bandwidth that demands then lack. */
  readonly holders: readonly string[];
  /** What some of the holders, by number, hold together at their fullest instant; Mbps by arc. */
  heldMbps(holders: readonly number[]): Floats;
  /** Rules that narrow the ways of demands. */
  readonly rules: readonly ConflictRule[];
}

export interface ConflictRule {
  readonly id: string;
  /** The demand's request without what the rule narrows; null: it narrows nothing of this demand. */
  relaxed(demand: TrafficDemand): Request | null;
}

/** Nothing but demands. */
export const noOthers: ConflictOthers = {
  holders: [],
  heldMbps: () => new Float64Array(0),
  rules: [],
};

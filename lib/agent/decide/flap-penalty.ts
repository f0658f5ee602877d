import type { DampingSettings } from './agent-settings';

/** How much a session has flapped: a figure of merit that decays exponentially (RFC 2439 section 4.2). */
export interface FlapPenalty {
  readonly value: number;
  /** When it had that value, monotonic ms. */
  readonly atMs: number;
  /** Passed `suppress` and has not decayed to `reuse` since. */
  readonly suppressed: boolean;
}

export const noPenalty: FlapPenalty = { value: 0, atMs: 0, suppressed: false };

/** The penalty now; not above the ceiling from which it decays to `reuse` within `mostSuppressMs`. */
export function decayed({ value, atMs }: FlapPenalty, damping: DampingSettings, nowMs: number): number {
  return value * 2 ** (-(nowMs - atMs) / damping.halfLifeMs);
}

/** After one more loss. */
export function penalised(
  penalty: FlapPenalty,
  added: number,
  damping: DampingSettings,
  nowMs: number,
): FlapPenalty {
  const ceiling = damping.reuse * 2 ** (damping.mostSuppressMs / damping.halfLifeMs);
  const value = Math.min(ceiling, decayed(penalty, damping, nowMs) + added);
  return { value, atMs: nowMs, suppressed: penalty.suppressed || value > damping.suppress };
}

/** When the penalty has decayed to `reuse`, monotonic ms; not in the past only while it is above. */
export function reusedAtMs({ value, atMs }: FlapPenalty, damping: DampingSettings): number {
  return value <= damping.reuse ? atMs : atMs + damping.halfLifeMs * Math.log2(value / damping.reuse);
}

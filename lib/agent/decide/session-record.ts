import type { AgentSettings } from './agent-settings';
import type { Health } from './agent-input';
import { noPenalty, penalised, reusedAtMs, type FlapPenalty } from './flap-penalty';

/** What is known of one session: each path and each tunnel has its own. */
export interface SessionRecord {
  /** Last report. */
  readonly health: Health | 'unknown';
  /** When that report came, and why. Monotonic ms. */
  readonly sinceMs: number;
  readonly cause: string;
  /** When the first answer was missed that has not been made good; null: none is missing. */
  readonly suspectMs: number | null;
  /** Last time that it is known to have answered; -Infinity: never. */
  readonly answeredMs: number;
  /** It answers better than it is taken for, until then. */
  readonly held: { readonly as: 'down' | 'degraded'; readonly untilMs: number } | null;
  readonly penalty: FlapPenalty;
}

/**
 * What a session is taken for: its health, once that has lasted. `waiting`: it answers again after it was
 * down, and its wait or its penalty is not over.
 */
export type Standing = Health | 'waiting' | 'unknown';

export const unknownSession: SessionRecord = {
  health: 'unknown',
  sinceMs: 0,
  cause: 'no answer yet',
  suspectMs: null,
  answeredMs: -Infinity,
  held: null,
  penalty: noPenalty,
};

export function standingOf({ health, held }: SessionRecord): Standing {
  if (held === null) return health;
  return held.as === 'down' ? 'waiting' : 'degraded';
}

/** After a report. Losses act at once; only what gets better has to last. */
export function reported(
  before: SessionRecord,
  health: Health,
  cause: string,
  settings: AgentSettings,
  nowMs: number,
): SessionRecord {
  const answered = { answeredMs: nowMs, suspectMs: null };
  if (health === before.health) return health === 'down' ? before : { ...before, ...answered };
  const changed = { ...before, health, cause, sinceMs: nowMs };
  if (health === 'down') {
    const added = before.health === 'unknown' ? 0 : settings.damping.downPenalty;
    const penalty = penalised(before.penalty, added, settings.damping, nowMs);
    return { ...changed, held: null, suspectMs: before.suspectMs ?? nowMs, penalty };
  }
  const penalty =
    health === 'degraded' && before.health === 'up'
      ? penalised(before.penalty, settings.damping.degradedPenalty, settings.damping, nowMs)
      : before.penalty;
  return { ...changed, ...answered, penalty, held: holdOf(before, health, penalty, settings, nowMs) };
}

function holdOf(
  before: SessionRecord,
  health: Exclude<Health, 'down'>,
  penalty: FlapPenalty,
  settings: AgentSettings,
  nowMs: number,
): SessionRecord['held'] {
  if (before.held?.as === 'down') return before.held;
  if (before.health === 'unknown' || (before.health === 'up' && health === 'degraded')) return null;
  const reuseMs = penalty.suppressed ? reusedAtMs(penalty, settings.damping) : nowMs;
  const untilMs = Math.max(nowMs + settings.restoreWaitMs, reuseMs);
  return { as: before.health === 'down' ? 'down' : 'degraded', untilMs };
}

/** The same record at a later time: a hold that is over is gone, a penalty that has decayed is released. */
export function lasted(record: SessionRecord, settings: AgentSettings, nowMs: number): SessionRecord {
  const over = record.held !== null && record.held.untilMs <= nowMs;
  const released = record.penalty.suppressed && reusedAtMs(record.penalty, settings.damping) <= nowMs;
  if (!over && !released) return record;
  return {
    ...record,
    held: over ? null : record.held,
    penalty: released ? { ...record.penalty, suppressed: false } : record.penalty,
  };
}

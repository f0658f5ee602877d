import type { CompiledPlan } from './compile-plan';
import type { SessionRecord } from './session-record';

/** A session that has just died. */
export interface Doubt {
  /** When its first answer was missed. */
  readonly suspectMs: number;
  /** When it was found down. */
  readonly downMs: number;
}

/**
 * Links and shared-risk groups that a session which has just died passes, by the latest such death: a path
 * over one of them may be dead, too. A path whose first hop is dead as well says nothing of the hops behind.
 */
export function doubtsAt(
  plan: CompiledPlan,
  sessions: ReadonlyMap<string, SessionRecord>,
  doubtMs: number,
  nowMs: number,
): Map<string, Doubt> {
  const doubts = new Map<string, Doubt>();
  for (const [session, record] of sessions) {
    if (!isRecentlyDown(record, doubtMs, nowMs)) continue;
    const firstHop = plan.paths.get(session.slice('path:'.length))?.sessions[1];
    if (firstHop !== undefined && sessions.get(firstHop)!.health === 'down') continue;
    const doubt = { suspectMs: record.suspectMs ?? record.sinceMs, downMs: record.sinceMs };
    for (const risk of plan.risksOf.get(session)!) {
      const other = doubts.get(risk);
      if (other === undefined || other.suspectMs < doubt.suspectMs) doubts.set(risk, doubt);
    }
  }
  return doubts;
}

/** Without one there is no doubt. */
export function isRecentlyDown({ health, sinceMs }: SessionRecord, doubtMs: number, nowMs: number): boolean {
  return health === 'down' && sinceMs + doubtMs > nowMs;
}

import type { CompiledPlan } from './compile-plan';
import type { SessionRecord } from './session-record';

/**
 * Links and shared-risk groups that a session which has just died passes, and when its first answer was
 * missed: a path over one of them may be dead, too. A path whose first hop is dead as well says nothing of
 * the hops behind.
 */
export function doubtsAt(
  plan: CompiledPlan,
  sessions: ReadonlyMap<string, SessionRecord>,
  doubtMs: number,
  nowMs: number,
): Map<string, number> {
  const doubts = new Map<string, number>();
  for (const [session, record] of sessions) {
    if (record.health !== 'down' || record.sinceMs + doubtMs <= nowMs) continue;
    const firstHop = plan.paths.get(session.slice('path:'.length))?.sessions[1];
    if (firstHop !== undefined && sessions.get(firstHop)!.health === 'down') continue;
    for (const risk of plan.risksOf.get(session)!) {
      doubts.set(risk, Math.max(doubts.get(risk) ?? -Infinity, record.suspectMs ?? record.sinceMs));
    }
  }
  return doubts;
}

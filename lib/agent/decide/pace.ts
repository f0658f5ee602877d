import type { AgentAction, Pace } from './agent-input';
import type { PaceRecord } from './agent-state';
import type { Draft } from './draft';

/**
 * Something missed an answer, or is down by now: the paths that could take over from it are probed fast
 * until they have answered, so that one of them that is dead as well is known to be before it is chosen. One
 * that is probed fast already, for it carries other traffic, is polled.
 */
export function raiseAround(draft: Draft, session: string, suspect: string | null): void {
  const { plan, sessions, raised, selections, settings, nowMs } = draft;
  const sinceMs = sessions.get(session)!.suspectMs ?? nowMs;
  for (const flow of plan.flowsOf.get(session) ?? []) {
    const used = selections.get(flow.id)?.members ?? [];
    if (!used.some(({ path }) => plan.paths.get(path)?.sessions.includes(session))) continue;
    for (const way of flow.candidates) {
      for (const other of way.sessions) {
        const { health, answeredMs, suspectMs } = sessions.get(other)!;
        if (health === 'down' || answeredMs >= sinceMs) continue;
        // Its next answer is told anyway where one is missing.
        if (suspectMs === null) draft.polled.add(other);
        const awaited = raised.get(other)?.awaited ?? false;
        raised.set(other, { untilMs: nowMs + settings.doubtMs, suspect: awaited ? null : suspect, awaited });
      }
    }
    draft.repace = true;
  }
}

/** Probes a session fast: traffic is to move to it once it answers. */
export function raiseFor(draft: Draft, session: string): void {
  // Not anew with each decision in between: that would be a timer without end.
  if (draft.raised.get(session)?.awaited === true) return;
  draft.raised.set(session, { untilMs: draft.nowMs + draft.settings.doubtMs, suspect: null, awaited: true });
  draft.repace = true;
}

/**
 * A session has answered, or is down: what was raised for its sake is not asked any longer, nor is it itself
 * if it has answered. All that could take over, asked on until a doubt is settled, would be more than an
 * overloaded machine or link can bear, and what is late for that looks silent and raises more.
 */
export function lowerAround(draft: Draft, session: string): void {
  const dead = draft.sessions.get(session)!.health === 'down';
  for (const [other, { suspect }] of draft.raised) {
    if (other === session ? dead : suspect !== session) continue;
    draft.raised.delete(other);
    draft.repace = true;
  }
}

/**
 * Paths that are degraded and that traffic goes back to when they are not: their loss ratio looks back on 128
 * probes, which takes minutes at the standby pace.
 */
function recovering({ plan, sessions }: Draft): Set<string> {
  const planned = plan.flows.flatMap(({ members, reserved }) => [...members, ...reserved]);
  const own = planned.map(({ path }) => plan.paths.get(path)!.sessions[0]);
  return new Set(own.filter((session) => sessions.get(session)!.health === 'degraded'));
}

/** Paces for what is selected now, and polls. Links are always probed at the active pace. */
export function setPaces(draft: Draft): AgentAction[] {
  if (!draft.repace) return [];
  const { plan, selections, raised, nowMs } = draft;
  const degraded = recovering(draft);
  const used = new Set<string>();
  for (const { members } of selections.values()) {
    for (const { path } of members) used.add(plan.paths.get(path)!.sessions[0]);
  }
  const paces = new Map<string, PaceRecord>();
  const actions: AgentAction[] = [];
  for (const session of plan.sessions) {
    const active = session.startsWith('tunnel:') || used.has(session);
    const fast = raised.has(session) || degraded.has(session);
    const pace: Pace = active ? 'active' : fast ? 'raised' : 'standby';
    const before = draft.paces.get(session);
    const sinceMs = pace === 'standby' ? Infinity : Math.min(before?.sinceMs ?? Infinity, nowMs);
    paces.set(session, { pace, sinceMs });
    if (before?.pace !== pace) actions.push({ kind: 'pace', session, pace });
    if ((before?.pace ?? 'standby') !== 'standby' && draft.polled.has(session)) {
      actions.push({ kind: 'poll', session });
    }
  }
  draft.paces = paces;
  return actions;
}

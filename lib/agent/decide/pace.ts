import type { AgentAction, Pace } from './agent-input';
import type { PaceRecord } from './agent-state';
import { isDrained } from './choose';
import type { PlannedWay } from './compile-plan';
import type { Draft } from './draft';
import { standingOf } from './session-record';

/**
 * Something missed an answer, or is down by now. Of each flow whose own path is silent, those in line are
 * probed fast until they have answered, so that one of them that is dead as well is known to be before it is
 * chosen: in the order in which they take over, up to the first that is up and shares nothing with what is
 * silent; were that silent too, the next in line would be asked. What is silent itself is among them: it may
 * only be late. One that is probed fast already, for it carries other traffic, is polled.
 */
export function raiseAround(draft: Draft, session: string): void {
  const { plan, selections } = draft;
  for (const flow of plan.flowsOf.get(session) ?? []) {
    const used = (selections.get(flow.id)?.members ?? []).flatMap(({ path }) => plan.paths.get(path) ?? []);
    const silent = used.filter((way) => way.sessions.some((s) => isSilent(draft, s)));
    if (silent.length === 0) continue;
    const doubted = new Set(silent.flatMap((way) => way.risks));
    const silentSessions = silent.flatMap((way) => way.sessions);
    const latest = latestSilent(draft, silentSessions);
    for (const way of flow.candidates) {
      for (const other of way.sessions) raiseUntilAnswer(draft, other, latest);
      if (isSound(draft, way) && !way.risks.some((risk) => doubted.has(risk))) break;
    }
    draft.repace = true;
  }
}

function isSilent({ sessions }: Draft, session: string): boolean {
  return sessions.get(session)!.suspectMs !== null;
}

function latestSilent({ sessions }: Draft, of: readonly string[]): string {
  const sinceMs = (session: string) => sessions.get(session)!.suspectMs ?? -Infinity;
  return of.reduce((latest, session) => (sinceMs(session) > sinceMs(latest) ? session : latest));
}

function raiseUntilAnswer(draft: Draft, session: string, silent: string): void {
  const { sessions, raised, settings, nowMs } = draft;
  const { health, answeredMs, suspectMs } = sessions.get(session)!;
  const doubt = sessions.get(silent)!;
  if (health === 'down' || answeredMs >= doubt.suspectMs!) return;
  // Its next answer is told anyway where one is missing.
  if (suspectMs === null) draft.polled.add(session);
  const awaited = raised.get(session)?.awaited ?? false;
  const suspect = awaited || doubt.health === 'down' ? null : silent;
  raised.set(session, { untilMs: nowMs + settings.doubtMs, suspect, awaited });
}

/** Nothing is known against it. */
function isSound({ sessions, drains, carriage }: Draft, way: PlannedWay): boolean {
  if (isDrained(way, drains) || carriage.has(way.id)) return false;
  return way.sessions.every((session) => {
    const record = sessions.get(session)!;
    return record.suspectMs === null && standingOf(record) === 'up';
  });
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

/** Paces for what is selected now, and polls. Links are always probed at the active pace. */
export function setPaces(draft: Draft): AgentAction[] {
  if (!draft.repace) return [];
  const { plan, sessions, selections, raised, nowMs } = draft;
  // Traffic goes back to them: a loss ratio looks back on 128 probes, minutes at the standby pace.
  const recovering = new Set(plan.planned.filter((id) => sessions.get(id)!.health === 'degraded'));
  const used = new Set<string>();
  for (const { members } of selections.values()) {
    for (const { path } of members) used.add(plan.paths.get(path)!.sessions[0]);
  }
  const paces = new Map<string, PaceRecord>();
  const actions: AgentAction[] = [];
  for (const session of plan.sessions) {
    const active = session.startsWith('tunnel:') || used.has(session);
    const fast = raised.has(session) || recovering.has(session);
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

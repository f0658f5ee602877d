import type { AgentAction, Pace } from './agent-input';
import type { Draft } from './draft';

/**
 * Something missed an answer: the paths that could take over from it are probed at the active pace for a
 * while, so that one of them that is dead as well is known to be before it is chosen.
 */
export function raiseAround(draft: Draft, session: string): void {
  const { plan, raised, selections, settings, nowMs } = draft;
  for (const flow of plan.flowsOf.get(session) ?? []) {
    const used = selections.get(flow.id)?.members ?? [];
    if (!used.some(({ path }) => plan.paths.get(path)?.sessions.includes(session))) continue;
    for (const way of flow.candidates) {
      for (const other of way.sessions) raised.set(other, nowMs + settings.doubtMs);
    }
    draft.repace = true;
  }
}

/** Paces for what is selected now. Links are always probed at the active pace. */
export function setPaces(draft: Draft): AgentAction[] {
  if (!draft.repace) return [];
  const { plan, selections, raised } = draft;
  const used = new Set<string>();
  for (const { members } of selections.values()) {
    for (const { path } of members) used.add(plan.paths.get(path)!.sessions[0]);
  }
  const paces = new Map<string, Pace>();
  const actions: AgentAction[] = [];
  for (const session of plan.sessions) {
    const active = session.startsWith('tunnel:') || used.has(session) || raised.has(session);
    const pace = active ? 'active' : 'standby';
    paces.set(session, pace);
    if (draft.paces.get(session) !== pace) actions.push({ kind: 'pace', session, pace });
  }
  draft.paces = paces;
  return actions;
}

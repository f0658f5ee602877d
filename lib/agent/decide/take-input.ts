import type { AgentInput, PathCarriage } from './agent-input';
import { isRecentlyDown } from './doubts';
import { takeDrain, takeDrains } from './drains';
import { keep, publish, type Draft } from './draft';
import { lowerAround, raiseAround } from './pace';
import { rebalance } from './rebalance';
import { reported, standingOf, type SessionRecord } from './session-record';

/** Takes in what happened. What names nothing of the plan changes nothing. */
export function takeInput(draft: Draft, input: Exclude<AgentInput, { kind: 'plan' }>): void {
  switch (input.kind) {
    case 'health':
      return takeHealth(draft, input);
    case 'suspect':
      return takeSuspicion(draft, input.session);
    case 'answer': {
      const record = draft.sessions.get(input.session);
      if (record === undefined || record.health === 'down') return;
      note(draft, input.session, { ...record, answeredMs: draft.nowMs, suspectMs: null });
      lowerAround(draft, input.session);
      return;
    }
    case 'carriage':
      return takeCarriage(draft, input);
    case 'arrival':
      return takeArrival(draft, input);
    case 'drain':
      return takeDrain(draft, input);
    case 'drains':
      return takeDrains(draft, input.drains);
    case 'tell': {
      const { event, what, from, to, cause } = input;
      return publish(draft, { kind: event, what, from, to, cause });
    }
    case 'load':
      return takeLoad(draft, input.utilisation);
    case 'tick':
      return;
  }
}

function takeHealth(draft: Draft, { session, health, cause }: Extract<AgentInput, { kind: 'health' }>): void {
  const before = draft.sessions.get(session);
  if (before === undefined) return;
  const after = reported(before, health, cause, draft.settings, draft.nowMs);
  if (after === before) return;
  keep(draft, session, after);
  if (after.health === before.health) return;
  draft.repace = true;
  lowerAround(draft, session);
  if (health === 'down') raiseAround(draft, session);
  const [from, to] = [standingOf(before), standingOf(after)];
  if (from !== to) publish(draft, { kind: 'health', what: session, from, to, cause });
  if (after.penalty.suppressed && !before.penalty.suppressed) {
    const value = Math.round(after.penalty.value);
    publish(draft, {
      kind: 'damping',
      what: session,
      from: 'free',
      to: 'suppressed',
      cause: `it flaps, its penalty is ${value}`,
    });
  }
}

function takeSuspicion(draft: Draft, session: string): void {
  const record = draft.sessions.get(session);
  if (record === undefined || record.health === 'down') return;
  if (record.suspectMs === null) note(draft, session, { ...record, suspectMs: draft.nowMs });
  raiseAround(draft, session);
}

function takeCarriage(
  draft: Draft,
  { path, health, cause, carriesBytes }: Extract<AgentInput, { kind: 'carriage' }>,
): void {
  const way = draft.plan.paths.get(path);
  if (way === undefined) return;
  const before = draft.carriage.get(path);
  const after = health === 'up' ? undefined : { health, cause, carriesBytes };
  if (before?.health === after?.health && before?.cause === after?.cause) return;
  const next = new Map(draft.carriage);
  if (after) next.set(path, after);
  else next.delete(path);
  draft.carriage = next;
  for (const flow of draft.plan.flows) {
    if (draft.dirty !== 'all' && flow.candidates.includes(way)) draft.dirty.add(flow);
  }
  draft.repace = true;
  const what = `path ${path}`;
  const bytes = (of: PathCarriage | undefined) => of?.carriesBytes ?? null;
  const size = (of: PathCarriage | undefined) => (bytes(of) === null ? 'as planned' : String(bytes(of)));
  if (bytes(before) !== bytes(after)) {
    publish(draft, { kind: 'mtu', what, from: size(before), to: size(after), cause });
  }
  const standing = (of: PathCarriage | undefined) =>
    of === undefined || bytes(of) !== null ? 'up' : of.health;
  if (standing(before) === standing(after)) return;
  publish(draft, { kind: 'traffic', what, from: standing(before), to: standing(after), cause });
}

function takeArrival(
  draft: Draft,
  { flow, family, arrives }: Extract<AgentInput, { kind: 'arrival' }>,
): void {
  const what = `${flow} IPv${family}`;
  if (draft.astray.has(what) === !arrives || !draft.plan.flows.some(({ id }) => id === flow)) return;
  draft.astray = new Set(arrives ? [...draft.astray].filter((id) => id !== what) : [...draft.astray, what]);
  const word = (on: boolean) => (on ? 'arrives' : 'vanishes');
  const cause = arrives
    ? 'probes sent as this traffic arrive'
    : 'probes sent as this traffic do not arrive: look for rules and filters of others';
  publish(draft, { kind: 'traffic', what, from: word(!arrives), to: word(arrives), cause });
}

/** Choices ask who answered in doubt alone. A flow that waits for an answer is chosen for anyway. */
function note(draft: Draft, session: string, record: SessionRecord): void {
  const { sessions, settings, nowMs } = draft;
  const doubts = [...sessions.values()].some((s) => isRecentlyDown(s, settings.doubtMs, nowMs));
  if (doubts) keep(draft, session, record);
  else draft.sessions.set(session, record);
}

/** A timer that comes a little early must not cost a whole period. */
const early = 0.9;

function takeLoad(draft: Draft, utilisation: ReadonlyMap<string, number>): void {
  const { plan, settings, nowMs } = draft;
  draft.utilisation = new Map(
    [...utilisation].filter(
      ([id, ratio]) => plan.bandwidthMbps.has(id) && ratio >= 0 && Number.isFinite(ratio),
    ),
  );
  if (nowMs - draft.rebalancedMs < settings.rebalance.everyMs * early) return;
  draft.rebalancedMs = nowMs;
  draft.dirty = 'all';
  draft.shifted = rebalance(plan, draft.selections, draft.shifted, draft.utilisation, settings.rebalance);
}

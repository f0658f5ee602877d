import type { AgentInput } from './agent-input';
import { chooseMembers, isCondemned, type Circumstances } from './choose';
import { doubtsAt } from './doubts';
import { publish, type Draft } from './draft';
import { raiseFor } from './pace';
import { membersText, sameMembers, type SelectedPath, type Selection } from './selection';

/** Chooses for the flows that are concerned; the selections that changed. */
export function select(draft: Draft, input: AgentInput): Selection[] {
  const { plan, sessions, drains, settings, nowMs, shifted } = draft;
  const flows = plan.flows.filter(
    (flow) => draft.dirty === 'all' || draft.dirty.has(flow) || draft.doubtful.has(flow.id),
  );
  if (flows.length === 0) return [];
  const circumstances: Circumstances = {
    plan,
    sessions,
    drains,
    shifted,
    carriage: draft.carriage,
    open: new Set(draft.open),
    doubts: doubtsAt(plan, sessions, settings.doubtMs, nowMs),
  };
  const cause = causeOf(draft, input);
  const changed: Selection[] = [];
  const doubtful = new Set(draft.doubtful);
  for (const flow of flows) {
    const current = draft.selections.get(flow.id);
    const choice = chooseMembers(flow, current?.members ?? [], circumstances);
    const awaited = awaitedBy(draft, circumstances, current?.members ?? [], choice.members);
    for (const session of awaited) raiseFor(draft, session);
    if (choice.doubtful || awaited.length > 0) doubtful.add(flow.id);
    else doubtful.delete(flow.id);
    if (awaited.length > 0 || (current && sameMembers(current.members, choice.members))) continue;
    const selection = { to: flow.to, class: flow.class, members: choice.members };
    changed.push(selection);
    // Nothing is left: the first that comes back is wanted at once, and some may not have been dead at all.
    if (choice.members.length === 0) for (const way of flow.candidates) raiseFor(draft, way.sessions[0]);
    // What an agent starts with is no change.
    if (current || draft.before.plan !== null) announce(draft, flow.id, current, selection, cause);
  }
  draft.doubtful = doubtful;
  if (changed.length === 0) return changed;
  draft.repace = true;
  const next = new Map(draft.selections);
  for (const selection of changed) next.set(`${selection.to} ${selection.class}`, selection);
  draft.selections = next;
  return changed;
}

/**
 * Sessions of the paths to move to, if any of them has to answer first: traffic is not taken from what lives
 * to a path that was probed at the standby pace alone, for it may have died since its last answer without
 * anyone noticing yet.
 */
function awaitedBy(
  { plan, sessions, paces }: Draft,
  circumstances: Circumstances,
  current: readonly SelectedPath[],
  chosen: readonly SelectedPath[],
): string[] {
  const lives = ({ path }: SelectedPath) => {
    const way = plan.paths.get(path);
    const dead = way?.sessions.some((session) => sessions.get(session)!.health === 'down') ?? true;
    if (dead || circumstances.carriage.get(path)?.health === 'down') return false;
    return !isCondemned(way!, circumstances);
  };
  if (current.length === 0 || !current.every(lives)) return [];
  const added = chosen.filter(({ path }) => !current.some((member) => member.path === path));
  const unproven = (session: string) => {
    const { answeredMs, suspectMs } = sessions.get(session)!;
    // One that is new in the plan has no pace yet.
    return suspectMs !== null || !(answeredMs >= (paces.get(session)?.sinceMs ?? Infinity));
  };
  const all = added.flatMap((member) => plan.paths.get(member.path)!.sessions);
  // All of them: one that has answered stays proven until the last one has.
  return all.some(unproven) ? all : [];
}

function announce(
  draft: Draft,
  what: string,
  before: Selection | undefined,
  selection: Selection,
  cause: string,
): void {
  const [from, to] = [membersText(before?.members ?? []), membersText(selection.members)];
  const kind = before && samePaths(before, selection) ? 'rebalance' : 'select';
  publish(draft, { kind, what, from, to, cause, selection });
}

function samePaths(a: Selection, b: Selection): boolean {
  const paths = ({ members }: Selection) => members.map((m) => m.path).sort();
  return paths(a).join() === paths(b).join();
}

/** The events of this decision that led to the choice, in words. */
function causeOf(draft: Draft, input: AgentInput): string {
  const said = draft.events.slice(0, 3).map((event) => {
    return event.kind === 'plan' ? event.cause : `${event.what} is ${event.to}: ${event.cause}`;
  });
  if (said.length > 0) return said.join('; ');
  return (
    { load: 'measured load', answer: 'a path has answered' }[input.kind as string] ?? 'doubts are settled'
  );
}

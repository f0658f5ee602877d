import type { AgentInput } from './agent-input';
import { chooseMembers, type Circumstances } from './choose';
import { doubtsAt } from './doubts';
import { publish, type Draft } from './draft';
import { membersText, sameMembers, type Selection } from './selection';

/** Chooses for every flow; the selections that changed. */
export function select(draft: Draft, input: AgentInput): Selection[] {
  const { plan, sessions, drains, settings, nowMs, shifted } = draft;
  const circumstances: Circumstances = {
    plan,
    sessions,
    drains,
    shifted,
    open: new Set(draft.open),
    doubts: doubtsAt(plan, sessions, settings.doubtMs, nowMs),
  };
  const cause = causeOf(draft, input);
  const changed: Selection[] = [];
  for (const flow of plan.flows) {
    const current = draft.selections.get(flow.id);
    const members = chooseMembers(flow, current?.members ?? [], circumstances);
    if (current && sameMembers(current.members, members)) continue;
    const selection = { to: flow.to, class: flow.class, members };
    changed.push(selection);
    // What an agent starts with is no change.
    if (!current && draft.before.plan === null) continue;
    const [from, to] = [membersText(current?.members ?? []), membersText(members)];
    const kind = current && samePaths(current, selection) ? 'rebalance' : 'select';
    publish(draft, { kind, what: flow.id, from, to, cause, selection });
  }
  if (changed.length > 0 || draft.selections.size !== plan.flows.length) {
    const next = new Map(draft.selections);
    for (const selection of changed) next.set(`${selection.to} ${selection.class}`, selection);
    draft.selections = new Map(plan.flows.map(({ id }) => [id, next.get(id)!]));
  }
  return changed;
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

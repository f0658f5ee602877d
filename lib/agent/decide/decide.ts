import type { AgentAction, AgentInput, AgentReport } from './agent-input';
import type { AgentState, Decision } from './agent-state';
import { advance, nextTickMs } from './advance';
import { openDraft, type Draft } from './draft';
import { remember } from './history';
import { loweredMtus, sameMtus } from './lowered-mtus';
import { setPaces } from './pace';
import { select } from './select';
import { takeInput } from './take-input';
import { takePlan } from './take-plan';

/**
 * What an agent does about an input: pure, state, input and time in, state and actions out. `nowMs` is
 * monotonic; one that falls counts as the last. Equal arguments give equal results.
 *
 * Once nothing is waited for, each flow is where the plan said it would be with what is dead: over the living
 * members of its spread, else over the first living of the primary and its backups, else nowhere.
 * O(paths of all flows).
 *
 * @throws RangeError for a plan that names a path or tunnel it does not have.
 */
export function decide(state: AgentState, input: AgentInput, nowMs: number): Decision {
  if (input.kind !== 'plan' && state.plan === null) return { state, actions: [], nextTickMs: null };
  const draft = input.kind === 'plan' ? takePlan(state, input, nowMs) : openDraft(state, state.plan!, nowMs);
  advance(draft, input);
  if (input.kind !== 'plan') takeInput(draft, input);
  return conclude(draft, input);
}

/**
 * One decision about reports that came together, in their order: paths over a link that has died are found
 * dead within a moment, and to decide about each would take longer than all of them are apart.
 *
 * @param reports one or more.
 */
export function decideAll(state: AgentState, reports: readonly AgentReport[], nowMs: number): Decision {
  if (state.plan === null) return { state, actions: [], nextTickMs: null };
  const draft = openDraft(state, state.plan, nowMs);
  advance(draft, reports[0]);
  for (const report of reports) takeInput(draft, report);
  return conclude(draft, reports[0]);
}

/** @param input what it is about, or the first of several. */
function conclude(draft: Draft, input: AgentInput): Decision {
  const actions: AgentAction[] = [];
  const selections = select(draft, input);
  // First, for traffic waits for it.
  if (selections.length > 0) actions.push({ kind: 'select', selections });
  if (input.kind === 'plan' || draft.open !== draft.before.open) {
    actions.push({ kind: 'guarantee', reservations: draft.open });
  }
  if (!sameMtus(loweredMtus(draft.before), loweredMtus(draft))) actions.push({ kind: 'mtu' });
  actions.push(...setPaces(draft));
  actions.push(...draft.events.map((event): AgentAction => ({ kind: 'publish', event })));
  return { state: close(draft), actions, nextTickMs: nextTickMs(draft) };
}

function close({
  before: _before,
  dirty: _dirty,
  repace: _repace,
  polled: _polled,
  events,
  ...state
}: Draft): AgentState {
  return { ...state, history: remember(state.history, events, state.settings.historySize) };
}

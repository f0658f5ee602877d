import type { AgentInput } from './agent-input';
import type { AgentState } from './agent-state';
import { compilePlan } from './compile-plan';
import { openDraft, publish, type Draft } from './draft';
import { unknownSession } from './session-record';

/**
 * The state under another plan. Sessions that still exist keep their records, whatever else changed; drains
 * of what is left stay; a spread with other members forgets its shifted weights.
 *
 * @throws RangeError for a plan that names a path or tunnel it does not have; the state is as it was.
 */
export function takePlan(
  before: AgentState,
  input: Extract<AgentInput, { kind: 'plan' }>,
  nowMs: number,
): Draft {
  const plan = compilePlan(input.gateway);
  const draft = openDraft(before, plan, nowMs);
  draft.dirty = 'all';
  draft.repace = true;
  draft.settings = input.settings;
  draft.utcOffsetMs = input.utcOffsetMs;
  draft.sessions = new Map(plan.sessions.map((id) => [id, before.sessions.get(id) ?? unknownSession]));
  draft.carriage = new Map([...before.carriage].filter(([id]) => plan.paths.has(id)));
  const flows = new Set(plan.flows.flatMap(({ id }) => [`${id} IPv4`, `${id} IPv6`]));
  draft.astray = new Set([...before.astray].filter((id) => flows.has(id)));
  draft.drains = new Set([...before.drains].filter((place) => plan.places.has(place)));
  draft.drainEnds = new Map([...before.drainEnds].filter(([place]) => draft.drains.has(place)));
  draft.utilisation = new Map([...before.utilisation].filter(([id]) => plan.bandwidthMbps.has(id)));
  draft.raised = new Map([...before.raised].filter(([id]) => draft.sessions.has(id)));
  draft.paces = new Map([...before.paces].filter(([id]) => draft.sessions.has(id)));
  const adopted = (input.adopted ?? []).map((s) => [`${s.to} ${s.class}`, s] as const);
  const current = before.plan === null ? new Map(adopted) : before.selections;
  draft.selections = new Map(
    plan.flows.flatMap(({ id }) => (current.has(id) ? [[id, current.get(id)!]] : [])),
  );
  draft.shifted = new Map(
    [...before.shifted].filter(([id, weights]) => {
      const members = plan.flows.find((flow) => flow.id === id)?.members ?? [];
      return members.length === weights.size && members.every((m) => weights.has(m.path));
    }),
  );
  draft.doubtful = new Set();
  if (before.plan === null) {
    draft.nextEventId = Math.max(draft.nextEventId, Math.floor(draft.nowMs + draft.utcOffsetMs));
  }
  publish(draft, {
    kind: 'plan',
    what: input.gateway.gateway,
    from: before.plan?.gateway.planDigest ?? '',
    to: input.gateway.planDigest,
    cause: before.plan === null ? 'the agent has started' : 'another plan was given',
  });
  return draft;
}

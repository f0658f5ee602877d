import type { AgentEvent, AgentEventKind } from './agent-event';
import type { AgentState, Raise } from './agent-state';
import type { CompiledPlan, Flow } from './compile-plan';
import type { Selection } from './selection';
import type { SessionRecord } from './session-record';

/** The next state while a decision is made: its own copies, so that the last state stays a value. */
export type Draft = {
  -readonly [K in keyof AgentState]: AgentState[K];
} & {
  plan: CompiledPlan;
  readonly before: AgentState;
  sessions: Map<string, SessionRecord>;
  raised: Map<string, Raise>;
  /** Flows to choose for; `all`: each of them. */
  dirty: Set<Flow> | 'all';
  /** Whether what is selected or suspected changed, so that paces may. */
  repace: boolean;
  /** Sessions that are to show that they live now. */
  readonly polled: Set<string>;
  /** Published with this decision, in order. */
  readonly events: AgentEvent[];
};

export function openDraft(before: AgentState, plan: CompiledPlan, nowMs: number): Draft {
  return {
    ...before,
    before,
    plan,
    nowMs: Math.max(before.nowMs, nowMs),
    sessions: new Map(before.sessions),
    raised: new Map(before.raised),
    dirty: new Set(),
    repace: false,
    polled: new Set(),
    events: [],
  };
}

/** Keeps a session's new record; its flows are chosen for again. */
export function keep(draft: Draft, session: string, record: SessionRecord): void {
  draft.sessions.set(session, record);
  if (draft.dirty === 'all') return;
  for (const flow of draft.plan.flowsOf.get(session) ?? []) draft.dirty.add(flow);
}

export interface Change {
  readonly kind: AgentEventKind;
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly cause: string;
  readonly selection?: Selection;
}

export function publish(draft: Draft, change: Change): void {
  const { nowMs, utcOffsetMs } = draft;
  draft.events.push({ id: draft.nextEventId++, ...change, atMs: nowMs, utcMs: nowMs + utcOffsetMs });
}

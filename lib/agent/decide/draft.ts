import type { AgentEvent, AgentEventKind } from './agent-event';
import type { AgentState } from './agent-state';
import type { CompiledPlan } from './compile-plan';
import type { Selection } from './selection';
import type { SessionRecord } from './session-record';

/** The next state while a decision is made: its own copies, so that the last state stays a value. */
export type Draft = {
  -readonly [K in keyof AgentState]: AgentState[K];
} & {
  plan: CompiledPlan;
  readonly before: AgentState;
  sessions: Map<string, SessionRecord>;
  raised: Map<string, number>;
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
    events: [],
  };
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

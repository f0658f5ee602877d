import type { AgentAction, AgentInput } from './agent-input';

/**
 * All that an agent remembers. A value: `decide` returns another one and changes none. Its size is bounded by
 * the plan and the history's size. Read it through `selectionsOf`, `openReservationsOf` and the status
 * functions.
 */
export interface AgentState {
  readonly planDigest: string | null;
}

export interface Decision {
  readonly state: AgentState;
  readonly actions: readonly AgentAction[];
  /** When to send a `tick` at the latest, monotonic ms; null: nothing is waited for. */
  readonly nextTickMs: number | null;
}

/** State, event and time in; state and actions out. `nowMs` is monotonic and never falls. */
export type Decide = (state: AgentState, input: AgentInput, nowMs: number) => Decision;

import type { AgentEvent } from './agent-event';
import type { AgentAction, AgentInput, Pace, PathCarriage } from './agent-input';
import { defaultAgentSettings, type AgentSettings } from './agent-settings';
import type { CompiledPlan } from './compile-plan';
import type { ShiftedWeights } from './rebalance';
import type { Selection } from './selection';
import type { SessionRecord } from './session-record';

/**
 * All that an agent remembers. A value: `decide` returns another one and changes none. Its size is bounded by
 * the plan and the history's size, whatever happens.
 */
export interface AgentState {
  /** null: no plan yet; every other input is passed over until there is one. */
  readonly plan: CompiledPlan | null;
  readonly settings: AgentSettings;
  /** Of the last input, monotonic ms. */
  readonly nowMs: number;
  /** UTC ms minus monotonic ms. */
  readonly utcOffsetMs: number;
  /** One for each session of the plan. */
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  /** By path, where traffic fares worse than its sessions say. */
  readonly carriage: ReadonlyMap<string, PathCarriage>;
  /** Flows and families whose traffic does not arrive by the routes that it takes: `<to> <class> IPv4`. */
  readonly astray: ReadonlySet<string>;
  /** Drained by the operator: `link x`, `gateway y`, `region z`; each is in the plan. */
  readonly drains: ReadonlySet<string>;
  /** When drains end by themselves, ms since 1970 in UTC, by place; those that do not are not here. */
  readonly drainEnds: ReadonlyMap<string, number>;
  /** By flow, `<to> <class>`: what the host is to do. */
  readonly selections: ReadonlyMap<string, Selection>;
  /** Flows that passed over a path for a doubt that is not settled, or until it has answered. */
  readonly doubtful: ReadonlySet<string>;
  /** Weights after re-balancing, by flow. */
  readonly shifted: ReadonlyMap<string, ShiftedWeights>;
  readonly rebalancedMs: number;
  /** Last measurement, by tunnel. */
  readonly utilisation: ReadonlyMap<string, number>;
  /** Reservations whose window is open. */
  readonly open: readonly string[];
  /** When the next window opens or closes, ms since 1970 in UTC; null: never. */
  readonly nextBoundUtcMs: number | null;
  /** Sessions that are probed fast though they carry nothing, for traffic may move to them. */
  readonly raised: ReadonlyMap<string, Raise>;
  readonly paces: ReadonlyMap<string, PaceRecord>;
  /** Latest events, oldest first. */
  readonly history: readonly AgentEvent[];
  readonly nextEventId: number;
}

export interface PaceRecord {
  readonly pace: Pace;
  /** Since when it is not `standby`, monotonic ms; Infinity: it is. */
  readonly sinceMs: number;
}

export interface Raise {
  readonly untilMs: number;
  /** Session whose missing answer it is for: it ends when that one answers. null: it does not. */
  readonly suspect: string | null;
  /** Traffic is to move to it, with others perhaps: its own answer does not end it. */
  readonly awaited: boolean;
}

export interface Decision {
  readonly state: AgentState;
  readonly actions: readonly AgentAction[];
  /** When to send a `tick` at the latest, monotonic ms; null: nothing is waited for. */
  readonly nextTickMs: number | null;
}

/** State, event and time in; state and actions out. */
export type Decide = (state: AgentState, input: AgentInput, nowMs: number) => Decision;

export const initialAgentState: AgentState = {
  plan: null,
  settings: defaultAgentSettings,
  nowMs: -Infinity,
  utcOffsetMs: 0,
  sessions: new Map(),
  carriage: new Map(),
  astray: new Set(),
  drains: new Set(),
  drainEnds: new Map(),
  selections: new Map(),
  doubtful: new Set(),
  shifted: new Map(),
  rebalancedMs: -Infinity,
  utilisation: new Map(),
  open: [],
  nextBoundUtcMs: null,
  raised: new Map(),
  paces: new Map(),
  history: [],
  nextEventId: 1,
};

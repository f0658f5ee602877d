import {
  decide,
  decideAll,
  defaultAgentSettings,
  initialAgentState,
  type AgentAction,
  type AgentEvent,
  type AgentInput,
  type AgentReport,
  type AgentSettings,
  type AgentState,
  type Decision,
  type Health,
  type Pace,
  type Selection,
} from '../../lib/agent/decide';
import type { GatewayState } from '../../lib/gateway';

/** A host's side of decisions: what the actions, and nothing else, have made of it. */
export interface DrivenAgent {
  readonly gateway: GatewayState;
  readonly state: () => AgentState;
  readonly nowMs: () => number;
  /** By `<to> <class>`. */
  readonly selections: ReadonlyMap<string, Selection>;
  readonly paces: ReadonlyMap<string, Pace>;
  readonly guaranteed: () => readonly string[];
  /** All that were published, oldest first. */
  readonly events: AgentEvent[];
  /** Paths of a flow with their weights, by path. */
  members(flow: string): Readonly<Record<string, number>>;
  paths(flow: string): string[];
  send(input: AgentInput): readonly AgentAction[];
  /** As one decision. */
  reports(all: readonly AgentReport[]): readonly AgentAction[];
  health(session: string, health: Health, cause?: string): readonly AgentAction[];
  /** Lets time pass with the ticks that were asked for, and at the end one more. */
  pass(ms: number): void;
  /** Ticks until nothing is waited for, or nothing before `untilMs`. */
  settle(untilMs?: number): void;
}

export interface DrivenOptions {
  readonly settings?: Partial<AgentSettings>;
  readonly utcOffsetMs?: number;
  readonly adopted?: readonly Selection[];
  /** Whether a session answers when polled or its pace is raised. Absent: unless it was reported `down`. */
  readonly answers?: (session: string) => boolean;
  /** Called with each decision's cost, ms. */
  readonly timed?: (ms: number) => void;
}

/** An agent at the fake time 0 with its plan. */
export function drivenAgent(gateway: GatewayState, options: DrivenOptions = {}): DrivenAgent {
  const settings = { ...defaultAgentSettings, ...options.settings };
  let [state, nowMs, nextTickMs]: [AgentState, number, number | null] = [initialAgentState, 0, null];
  let guaranteed: readonly string[] = [];
  const selections = new Map<string, Selection>();
  const paces = new Map<string, Pace>();
  const events: AgentEvent[] = [];
  const healthy = (session: string) => !['unknown', 'down'].includes(state.sessions.get(session)!.health);
  const answers = options.answers ?? healthy;
  const send = (input: AgentInput) => follow(() => decide(state, input, nowMs));
  const follow = (deciding: () => Decision) => {
    const before = performance.now();
    const decision = deciding();
    options.timed?.(performance.now() - before);
    ({ state, nextTickMs } = decision);
    for (const action of decision.actions) {
      if (action.kind === 'select') {
        for (const s of action.selections) selections.set(`${s.to} ${s.class}`, s);
      } else if (action.kind === 'guarantee') guaranteed = action.reservations;
      else if (action.kind === 'pace') paces.set(action.session, action.pace);
      else if (action.kind === 'publish') events.push(action.event);
    }
    for (const action of decision.actions) {
      const asked = action.kind === 'poll' || (action.kind === 'pace' && action.pace !== 'standby');
      if (asked && answers(action.session)) {
        send({ kind: 'answer', session: action.session });
      }
    }
    return decision.actions;
  };
  const pass = (untilMs: number) => {
    for (let ticks = 0; nextTickMs !== null && nextTickMs <= untilMs; ticks++) {
      if (ticks > 100_000) throw new Error('ticks without end');
      nowMs = Math.max(nowMs, nextTickMs);
      send({ kind: 'tick' });
    }
  };
  send({
    kind: 'plan',
    gateway,
    settings,
    utcOffsetMs: options.utcOffsetMs ?? 0,
    adopted: options.adopted,
  });
  const members = (flow: string) =>
    Object.fromEntries(selections.get(flow)!.members.map((m) => [m.path, m.weight]));
  return {
    gateway,
    state: () => state,
    nowMs: () => nowMs,
    selections,
    paces,
    guaranteed: () => guaranteed,
    events,
    members,
    paths: (flow) => selections.get(flow)!.members.map((m) => m.path),
    send,
    reports: (all) => follow(() => decideAll(state, all, nowMs)),
    health: (session, health, cause = 'test') => send({ kind: 'health', session, health, cause }),
    pass(ms) {
      const untilMs = nowMs + ms;
      pass(untilMs);
      nowMs = untilMs;
      send({ kind: 'tick' });
    },
    settle: (untilMs = Infinity) => pass(untilMs),
  };
}

import type { GatewayState } from '../../gateway';
import type { AgentEvent, AgentEventKind } from './agent-event';
import type { AgentSettings } from './agent-settings';
import type { Selection } from './selection';

/**
 * What a probing session found. `degraded`: it answers, but with loss or latency above the plan. Before the
 * first report a session is unknown: what it stands for is neither trusted anew nor taken away.
 */
export type Health = 'up' | 'degraded' | 'down';

/** How traffic fares on a path whose probes are answered. */
export interface PathCarriage {
  /** `down`: nothing arrives any more. `degraded`: one family does, or short packets alone. */
  readonly health: Health;
  readonly cause: string;
  /** Largest packet that arrives, bytes; null: size is not in question. */
  readonly carriesBytes: number | null;
}

export type DrainKind = 'link' | 'gateway' | 'region';

/**
 * How fast a session is probed: paths in use and links at the active pace, others more slowly. `raised`: as
 * fast as an active one while it is asked whether traffic may move to it, where the budget of probes allows.
 */
export type Pace = 'active' | 'raised' | 'standby';

/** Events that follow from decisions. */
type DecidedEvent =
  'plan' | 'health' | 'damping' | 'select' | 'rebalance' | 'drain' | 'reservation' | 'traffic' | 'mtu';

/** What happens to an agent. Sessions are named `tunnel:<tunnel id>` and `path:<path id>`. */
export type AgentInput =
  | {
      readonly kind: 'plan';
      readonly gateway: GatewayState;
      readonly settings: AgentSettings;
      /** UTC ms since 1970 minus monotonic ms, now: turns the windows of reservations into monotonic time. */
      readonly utcOffsetMs: number;
      /**
       * What the host forwards over now, when an agent starts on a host that already forwards: stands until
       * a session has answered for something better. Absent: nothing.
       */
      readonly adopted?: readonly Selection[];
    }
  /** Places that were drained before the agent ended, and until when: taken up as they are, without news. */
  | { readonly kind: 'drains'; readonly drains: ReadonlyMap<string, number | null> }
  | { readonly kind: 'health'; readonly session: string; readonly health: Health; readonly cause: string }
  /** An answer is missing for the first time: standby paths of what it carries are probed faster. */
  | { readonly kind: 'suspect'; readonly session: string }
  /**
   * The first answer to a probe that was sent after the session was polled or its pace left `standby`, or
   * the first after one was missing.
   */
  | { readonly kind: 'answer'; readonly session: string }
  | {
      readonly kind: 'drain';
      readonly of: DrainKind;
      readonly id: string;
      readonly on: boolean;
      /** When it ends by itself, ms since 1970 in UTC; absent: when it is undrained. */
      readonly untilUtcMs?: number;
    }
  /** How traffic fares on a path, as probes that go its way found. Until then it fares as the sessions do. */
  | ({ readonly kind: 'carriage'; readonly path: string } & PathCarriage)
  /** Whether traffic of a class and destination, `<to> <class>`, arrives by the routes that it takes. */
  | { readonly kind: 'arrival'; readonly flow: string; readonly family: 4 | 6; readonly arrives: boolean }
  /** Something that no decision depends on and subscribers are to hear. */
  | {
      readonly kind: 'tell';
      /** All but those that decisions make themselves. */
      readonly event: Exclude<AgentEventKind, DecidedEvent>;
      readonly what: string;
      readonly from: string;
      readonly to: string;
      readonly cause: string;
    }
  /** Measured utilisation by tunnel id, 0 to 1, towards the peer, over the last telemetry period. */
  | { readonly kind: 'load'; readonly utilisation: ReadonlyMap<string, number> }
  /**
   * Time has passed. A new offset where the wall clock was set; without one the old offset stands, so a
   * jump of the wall clock moves no window.
   */
  | { readonly kind: 'tick'; readonly utcOffsetMs?: number };

/** What a prober tells of: it comes in crowds. */
export type AgentReport = Extract<AgentInput, { readonly kind: 'health' | 'suspect' | 'answer' }>;

/** What an agent is to do, in this order. */
export type AgentAction =
  /** Changed selections only. Each is replaced as one message, so nothing is lost in between. */
  | { readonly kind: 'select'; readonly selections: readonly Selection[] }
  /** All reservations whose window is open now, own and in transit; sorted. Only when that changed. */
  | { readonly kind: 'guarantee'; readonly reservations: readonly string[] }
  | { readonly kind: 'pace'; readonly session: string; readonly pace: Pace }
  /** `loweredMtus` has changed: destinations are to be told. */
  | { readonly kind: 'mtu' }
  /** Its next answer is to be told, though it is probed fast already: one that shows that it lives now. */
  | { readonly kind: 'poll'; readonly session: string }
  | { readonly kind: 'publish'; readonly event: AgentEvent };

import type { Selection } from './selection';

/** What an event tells of. */
export type AgentEventKind =
  /** A plan was taken up; `what` is the gateway, `from` and `to` are digests. */
  | 'plan'
  /** A session's health changed; `what` is the session. */
  | 'health'
  /** A session flaps and is held back, or is released; `what` is the session. */
  | 'damping'
  /** Traffic of a destination and class moved; `what` is `<to> <class>`, `from` and `to` are path ids. */
  | 'select'
  /** Weights were shifted among the same paths; `what` is `<to> <class>`. */
  | 'rebalance'
  /** `what` is `link <id>`, `gateway <id>` or `region <id>`. */
  | 'drain'
  /** The window of a reservation opened or closed; `what` is its id. */
  | 'reservation'
  /**
   * Where a tunnel's peer is: `what` is the tunnel, `from` and `to` are endpoints. Or an entry of
   * `endpoints.json` was not taken: `what` is the file, `from` and `to` are empty.
   */
  | 'endpoint'
  /** Under which of two keys a tunnel's peer speaks: `what` is the tunnel, `from` and `to` are keys. */
  | 'key'
  /** A neighbour's agent restarts and is waited for, is back, or is not: `what` is the gateway. */
  | 'restart'
  /** A state file cannot be written, or can again: `what` is the file. */
  | 'write'
  /** Others changed what is ours on the host: `from` says how much, `to` what became of it, `cause` what. */
  | 'drift'
  /**
   * What cannot be mended, and when it is after all: `what` is a thing of the host, as `tunnel wg-b`. Or what
   * that means: `what` is `<to> <class>`, `to` is `lost` or `forwarded`.
   */
  | 'heal'
  /**
   * Gateways of a region stand in for each other. `what` is a route table, and `from` and `to` are gateways:
   * its routes were moved. Or `neighbour <gateway>`, `lease <gateway>`, `cloud`: what it went by.
   */
  | 'takeover'
  /**
   * Whether traffic arrives. `what` is `path <id>`, `from` and `to` are healths of what it carries; or it is
   * `<to> <class> IPv4`, `from` and `to` are `arrives` and `vanishes`: the routes that it takes lead nowhere.
   */
  | 'traffic'
  /** The largest packet that a path carries; `what` is `path <id>`, `from` and `to` are bytes. */
  | 'mtu'
  /** The wall clock was set; `from` and `to` are what it would have shown and shows, ISO 8601. */
  | 'clock';

/** One change, as subscribers get it: a value, never changed afterwards. */
export interface AgentEvent {
  /**
   * Rises by one with each event of one run of the agent. A run begins at the ms since 1970 in UTC of its
   * first plan, so ids rise over restarts, too: a subscriber comes back with the last that it has seen.
   */
  readonly id: number;
  readonly kind: AgentEventKind;
  readonly what: string;
  /** Before and after; empty: nothing. Several paths are joined by a comma, each with `*<weight>`. */
  readonly from: string;
  readonly to: string;
  /** Why, in words. */
  readonly cause: string;
  /** The selection as it is now, of `select` and `rebalance` alone. */
  readonly selection?: Selection;
  /** Monotonic ms of the decision, and the same instant in ms since 1970 in UTC. */
  readonly atMs: number;
  readonly utcMs: number;
}

import type { QosClass } from '../../model';
import type { AgentEvent } from '../decide';

/** The agent as a whole. */
export interface StateView {
  readonly network: string;
  readonly gateway: string;
  readonly region: string;
  readonly generation: number;
  readonly planDigest: string;
  readonly version: string;
  /** A plan is applied and probes are answered. */
  readonly ready: boolean;
  /** `link x`, `gateway y`, `region z`; sorted. */
  readonly drained: readonly string[];
  /** When drains end by themselves, ms since 1970 in UTC, by the same names; others are not here. */
  readonly drainedUntil: Readonly<Record<string, number>>;
  /** What differs on the host from the plan and could not be mended, and why. */
  readonly unhealed: readonly UnhealedView[];
  /** Id of the last event; 0: none yet. */
  readonly lastEvent: number;
  /** The last attempt to fetch a bundle; null: nothing fetches here, or nothing has yet. */
  readonly fetched: FetchView | null;
  /** How it and the other gateway of its region stand in for each other. Absent: nobody stands in. */
  readonly standIn?: StandInView;
}

/** Two gateways of a region, by what this one knows. */
export interface StandInView {
  /** null: what was deployed is not known yet. */
  readonly partner: string | null;
  /** This gateway answers its partner, and why, or why not. */
  readonly serving: boolean;
  readonly why: string;
  /** The partner answers; null: not known yet. */
  readonly heard: boolean | null;
  /** Why it could not stand in now; null: it could. */
  readonly obstacle: string | null;
  /** Gateways that routes of a table lead to, as last read; `elsewhere`: to neither. Empty: not read yet. */
  readonly tables: readonly {
    readonly table: string;
    readonly home: string;
    readonly at: readonly string[];
  }[];
}

/** A thing of the host that others keep from being as the plan has it. */
export interface UnhealedView {
  /** `tunnel wg-dublin`, `rule4 priority 18000 ...`. */
  readonly what: string;
  readonly how: 'gone' | 'changed' | 'added';
  readonly cause: string;
  /** Things that are not there for want of this one. */
  readonly waiting: number;
}

/** What became of the last attempt to fetch a bundle. */
export interface FetchView {
  /** `waiting`: for its time, or for the report of the first gateway. */
  readonly result: 'installed' | 'refused' | 'failed' | 'waiting';
  /** Of what is installed, as it was judged then. */
  readonly health: 'good' | 'bad' | 'unknown';
  /** When that was said first, ms since 1970. */
  readonly atUtcMs: number;
  /** Why, in words. */
  readonly reason: string;
  /** Until when what is installed may be installed anew, ms since 1970; null: for ever. */
  readonly latestUtcMs: number | null;
}

/** How the traffic of a class to a region leaves. Sorted by destination, then class rank. */
export interface RouteView {
  readonly to: string;
  readonly class: QosClass;
  readonly prefixes: readonly string[];
  /** Paths in use with their weights; empty: none lives. */
  readonly paths: readonly { readonly path: string; readonly weight: number }[];
  /**
   * `planned`: as without any failure; `backup`: over others; `none`: no planned path lives;
   * `lost`: the kernel does not forward so, and cannot be brought to; `astray`: it does, and probes sent as
   * this traffic do not arrive, in one family or both.
   */
  readonly state: 'planned' | 'backup' | 'none' | 'lost' | 'astray';
}

/** A planned path of this gateway. Sorted by id. */
export interface PathView {
  readonly id: string;
  /** Its id in the plan: variants over two planes of tunnels share it. */
  readonly plannedPath: string;
  readonly to: string;
  readonly hops: number;
  readonly links: readonly string[];
  readonly health: 'up' | 'degraded' | 'down' | 'unknown';
  /** It has become better than it is taken for: it is held back until that has lasted. */
  readonly waiting: boolean;
  /** Why, in words. */
  readonly cause: string;
  /** Destinations and classes that use it. */
  readonly active: number;
  /** Round trip, ms; null: not measured. */
  readonly rttMs: number | null;
  readonly plannedRttMs: number | null;
  /** 0 to 1; null: not measured. */
  readonly lossRatio: number | null;
  readonly mtu: number;
}

/** A tunnel of this gateway. Sorted by id. */
export interface TunnelView {
  readonly id: string;
  readonly link: string;
  readonly peer: string;
  readonly interfaceName: string;
  readonly health: 'up' | 'degraded' | 'down' | 'unknown';
  readonly waiting: boolean;
  readonly cause: string;
  readonly rttMs: number | null;
  readonly lossRatio: number | null;
  readonly bandwidthMbps: number;
  /** Share of the bandwidth that was sent over the last period, 0 to 1; null: not sampled. */
  readonly utilisationRatio: number | null;
  readonly handshakeAgeSeconds: number | null;
}

/** A reservation that starts here. Sorted by id. */
export interface ReservationView {
  readonly id: string;
  readonly to: string;
  readonly class: QosClass;
  readonly bandwidthMbps: number;
  /** Is its window open now? */
  readonly open: boolean;
  /** When its window opens or closes next, ms since 1970 in UTC; null: never. */
  readonly changesUtcMs: number | null;
  /** Sent under it over the last period; null: not sampled. */
  readonly usedMbps: number | null;
}

/** What a drain names. */
export interface DrainRequest {
  readonly of: 'link' | 'gateway' | 'region';
  readonly id: string;
  /** Of a drain: after so many seconds it ends by itself, 1 to 2,678,400 (31 d). Absent: it does not. */
  readonly forSeconds?: number;
}

/** One thing that the agent looked at on its host. */
export interface DoctorCheck {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  /** What was found, in one sentence. */
  readonly says: string;
  /** What to do; empty where nothing is to be done. */
  readonly next: string;
}

/** How the host of an agent is. */
export interface DoctorView {
  readonly checks: readonly DoctorCheck[];
}

/** What became of a request to take a plan. */
export interface ReloadView {
  readonly ok: boolean;
  readonly message: string;
  readonly next: string;
}

/** A refused request (RFC 9457's members): what was wrong, where, and what to do next. */
export interface ProblemView {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly next: string;
}

export type EventView = AgentEvent;

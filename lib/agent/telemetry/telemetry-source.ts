import type { JournalFigures } from '../journal/send-journal';
import type { GatewayState } from '../../gateway';
import type { HostObject, TunnelSample } from '../apply';
import type { AgentState } from '../decide';
import type { FetchView } from '../api';
import type { TakeoverView } from '../takeover';
import type { Refusals, SessionStatistics } from '../probe';
import type { TrafficFigures } from '../probe/traffic';
import type { HostSample } from './kernel-counters';
import type { EventLedger } from './event-ledger';

/** Rates of one interface between the last two samples. */
export interface InterfaceRate {
  readonly receivedMbps: number;
  readonly sentMbps: number;
}

/** How the agent itself fares. */
export interface AgentFigures {
  readonly version: string;
  readonly startedUtcMs: number;
  /** Durations of applications of a plan, seconds: bounds as in `applyBounds`. */
  readonly applySeconds: { readonly counts: readonly number[]; readonly sum: number; readonly count: number };
  readonly applyFailures: number;
  readonly refusedPlans: number;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
  /** Delay of the event loop over the last period, seconds: mean and greatest. */
  readonly loopDelaySeconds: { readonly mean: number; readonly most: number };
  /** How many times longer than asked for probes' intervals are, 1 to 10. */
  readonly probeStretch: number;
  /** Agents before this one since the machine booted. */
  readonly restarts: number;
  /** Since the host was looked at last, with success, seconds; null: never. */
  readonly lookAgeSeconds: number | null;
  /** Since a manifest that could be verified was fetched, seconds; null: never, or nothing fetches here. */
  readonly fetchAgeSeconds: number | null;
  /** Does the agent do its work? See `/healthz`. */
  readonly healthy: boolean;
  /** Files that are to outlive the agent: failed writes since it began, and whether the last one failed. */
  readonly files: readonly {
    readonly file: string;
    readonly failures: number;
    readonly fault: string | null;
  }[];
}

/** Upper bounds of the apply histogram, seconds. */
export const applyBounds: readonly number[] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What of the host could not be mended, and what was found changed by others. */
export interface HealingFigures {
  readonly unhealed: readonly { readonly object: Pick<HostObject, 'kind'> }[];
  /** Destinations and classes, `<to> <class>`, that the kernel does not forward as selected. */
  readonly lost: ReadonlySet<string>;
  readonly drifts: number;
  readonly driftedObjects: number;
}

/** Where metrics are read from, at the moment of a scrape. Nothing here starts a process or waits. */
export interface TelemetrySource {
  readonly gateway: GatewayState;
  readonly state: AgentState;
  readonly ledger: EventLedger;
  /** Monotonic ms. */
  readonly nowMs: number;
  readonly agent: AgentFigures;
  readonly healing: HealingFigures;
  statistics(session: string): SessionStatistics | undefined;
  /** undefined: not sampled yet. */
  readonly host: HostSample | undefined;
  /** Busy processor time over the last period, 0 to 1; NaN: not sampled twice yet. */
  readonly cpuRatio: number;
  /** By interface; of the last telemetry period. */
  readonly rates: ReadonlyMap<string, InterfaceRate>;
  /** By tunnel. */
  readonly tunnels: ReadonlyMap<string, TunnelSample>;
  /** Used by reservation, Mbps over the last telemetry period. */
  readonly reservationMbps: ReadonlyMap<string, number>;
  /** Packets that the trust boundary refused or marked anew, by counter. Absent: not sampled yet. */
  readonly edgePackets?: ReadonlyMap<string, number>;
  /** The last attempt to fetch a bundle, of the last telemetry period; null: nothing fetches here. */
  readonly fetched: FetchView | null;
  /** How gateways of the region stand in for each other; absent: nothing to stand in for. */
  readonly takeover?: TakeoverView;
  /** What became of the journal, of the last telemetry period. Absent: nobody sends it. */
  readonly journal?: JournalFigures;
  /** Probes that go the way traffic goes. Absent: none do. */
  readonly traffic?: readonly TrafficFigures[];
  /** Packets that changed nothing, by who refused them. Absent: not counted. */
  readonly refusals?: Readonly<Record<string, Readonly<Refusals>>>;
}

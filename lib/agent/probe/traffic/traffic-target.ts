import type { CarriageSettings } from './carriage';

/** Something that traffic is sent by: a path, or the routes of a class to a region, in one family. */
export interface TrafficTarget {
  /** Path id, or `<to> <class>`; with `kind` and `family` it names the target. */
  readonly of: string;
  readonly kind: 'path' | 'flow';
  readonly family: 4 | 6;
  /** Rank of the class whose code point its probes have, 0 the most important. */
  readonly rank: number;
  readonly destination: string;
  /** Gateways that may answer. Of a flow that is spread any of them may; each is asked. */
  readonly ends: readonly TrafficEnd[];
  /** Bytes of the largest packet, with IP's header; null: size is not in question. */
  readonly mtu: number | null;
  /** Tunnel that it leaves by, and its rate: what probes may take of it is bounded. null: any. */
  readonly tunnel: { readonly id: string; readonly bandwidthMbps: number } | null;
  readonly plannedRttMs: number;
  /** Does it carry traffic now? */
  readonly used: boolean;
}

export interface TrafficEnd {
  readonly gateway: string;
  /** Where the answer is to go: an address that our control probes come from. */
  readonly answerTo: string;
  /** Where control probes go: asked beside, to tell a dead far end from dead traffic. */
  readonly control: string;
}

/** All times in ms. */
export interface TrafficSettings {
  /** From one round to the next: of what carries traffic, of what does not, and in doubt. */
  readonly usedMs: number;
  readonly unusedMs: number;
  readonly doubtMs: number;
  /** Longest that a budget may stretch a round of what carries traffic. */
  readonly longestMs: number;
  /** Most of a tunnel's rate that these probes may take, 0 to 1. */
  readonly bandwidthShare: number;
  /** Most packets a second over all targets. */
  readonly packetsPerSecond: number;
  readonly carriage: CarriageSettings;
}

/**
 * Dead traffic is found within a round, a round trip and five rounds in doubt: about a second. Half of the
 * bandwidth that probes may take is left to the control probes.
 */
export const defaultTrafficSettings: TrafficSettings = {
  usedMs: 500,
  unusedMs: 5000,
  doubtMs: 100,
  longestMs: 5000,
  bandwidthShare: 0.0025,
  packetsPerSecond: 300,
  carriage: { missesToLose: 5, restoreMs: 5000, mostRestoreMs: 60_000 },
};

/** Those, with another wait before what was lost is trusted; twelve times as long at most. */
export function restoringAfter(restoreMs: number): TrafficSettings {
  const carriage = { ...defaultTrafficSettings.carriage, restoreMs, mostRestoreMs: 12 * restoreMs };
  return { ...defaultTrafficSettings, carriage };
}

/** How traffic fares on a path. */
export interface PathCarriage {
  /** `down`: nothing arrives any more, and it once did. */
  readonly health: 'up' | 'degraded' | 'down';
  /** A clause for people. */
  readonly cause: string;
  /** Largest packet that arrives, bytes; null: all that the plan allows do, or none. */
  readonly carriesBytes: number | null;
}

/** Whether traffic of one class, destination and family arrives by the routes that it takes. */
export interface FlowCarriage {
  readonly flow: string;
  readonly family: 4 | 6;
  readonly arrives: boolean;
}

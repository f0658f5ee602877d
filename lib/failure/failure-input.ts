import type { Topology } from '../graph';
import type { QosClass } from '../model';

/** What is planned, as far as failures concern it. Plain data; the order of the lists does not matter. */
export interface FailureInput {
  readonly topology: Topology;
  /**
   * What each arc can carry of the demands below, Mbps, by arc. Default: the topology's available bandwidth
   * (so utilisations are of what background traffic leaves).
   */
  readonly capacityMbps?: Readonly<Float64Array> | readonly number[];
  readonly routes: readonly RouteInput[];
  readonly demands: readonly PlacedDemand[];
}

/** A planned path: arc numbers of the topology, or link ids from the source on. Loopless. */
export interface PathInput {
  readonly hops: readonly number[] | readonly string[];
  /** One way. Default: the sum over its arcs, to the nanosecond. */
  readonly latencyMs?: number;
}

/** How a pair is served in some classes; a pair and class has at most one route. */
export interface RouteInput {
  readonly from: string;
  readonly to: string;
  readonly classes: readonly QosClass[];
  /** null: the pair is not served. */
  readonly primary: PathInput | null;
  /** In the order in which they take over. */
  readonly backups: readonly PathInput[];
}

/** Traffic with its place. */
export interface PlacedDemand {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly class: QosClass;
  readonly mbps: number;
  /**
   * Over which paths it is spread, with relative weights above 0 (they need not sum to 1). Empty or absent:
   * it follows the primary of its route. When all of them are dead it follows its route, too.
   */
  readonly splits?: readonly SplitInput[];
}

export interface SplitInput extends PathInput {
  readonly share: number;
}

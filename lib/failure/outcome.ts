import type { Scenario } from './scenario';

/** An arc and how full it is. */
export interface ArcUse {
  readonly arc: number;
  /** Load over capacity; Infinity: traffic on an arc without capacity. */
  readonly ratio: number;
}

/**
 * What a scenario does, in the numbers of its flow table (see `FlowTable`); lists rise. Affected is what
 * used a dead arc before: it moved, or it is stranded (the graph still leads there, no planned path does),
 * cut (nothing leads there), or ended (with its own region).
 */
export interface Outcome {
  readonly scenario: Scenario;
  readonly routesAffected: number;
  readonly demandsAffected: number;
  /** Traffic that is carried over other paths than before, at least in part. Units. */
  readonly movedUnits: number;
  /** Traffic of stranded and cut flows. Units. */
  readonly lostUnits: number;
  readonly endedUnits: number;
  readonly stranded: readonly number[];
  readonly cut: readonly number[];
  readonly ended: readonly number[];
  /** The fullest living arc, the first of equals; null without arcs. */
  readonly fullest: ArcUse | null;
  /** Arcs loaded above their capacity, by more than a millionth of it. */
  readonly overloaded: readonly ArcUse[];
  /**
   * Flows that do not fit, and the first arc where they don't: an overloaded arc serves classes in strict
   * priority, and a class that does not fit whole, with all after it, is not fully carried.
   */
  readonly congested: readonly CongestedFlow[];
  /** The moved flow whose slowest path grew most, the first of equals; null if none moved. One way, ms. */
  readonly slowest: { readonly flow: number; readonly beforeMs: number; readonly afterMs: number } | null;
  /** What waits until routes have moved or a gateway is back; null: nothing does, or it is not known. */
  readonly interrupted: Interrupted | null;
}

/** The traffic of workloads whose gateway is dead: what comes from them and goes to them. */
export interface Interrupted {
  /** Routes that begin or end in their region: each of them in part. */
  readonly routes: number;
  readonly demands: number;
  /** The workloads' share of these demands. */
  readonly units: number;
  /** How long, at most. */
  readonly seconds: number;
}

/** A flow that is not fully carried, and the first arc by number that cuts it. */
export interface CongestedFlow {
  readonly flow: number;
  readonly arc: number;
}

import type { QosClass, Spread } from '../model';
import type { Path, Refusal } from '../routing';
import type { Certificate } from './certificate';
import type { Repair } from './cheapest-repair';
import type { ClassStanding } from './keep-split';

/** A path that carries part of a demand. */
export interface LoadedPath {
  readonly path: Path;
  /** Whole number; the path's part is weight / sum of the demand's weights. */
  readonly weight: number;
  readonly mbps: number;
}

export interface PlacedDemand {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly mbps: number;
  /** What the network carries of it, to 1e-6 Mbps, rounded down. */
  readonly carriedMbps: number;
  /** Greatest weight first; empty when there is no path, or, with `te`, none over links with room left. */
  readonly paths: readonly LoadedPath[];
  /**
   * What whole-number weights lose, 0 to 1: of `wecmp`, of what its paths can carry; of `te`, of what the
   * demand would get without rounding.
   */
  readonly lostRatio: number;
  /** Why there is no path; null when there is one. */
  readonly refusal: Refusal | null;
}

/** Inelastic demands that do not fit, with what they conflict with, and what would help. */
export interface Conflict {
  /** Ids of demands, of the class and those above it; any one left out would let the others be carried. */
  readonly demands: readonly string[];
  /** Ids of holders and rules that are needed for the conflict (see `ConflictOthers`). */
  readonly holders: readonly string[];
  readonly rules: readonly string[];
  /** Was it proven that no smaller set is in conflict? */
  readonly smallest: boolean;
  /** What the demands ask together. */
  readonly mbps: number;
  /** Links that stand in their way, by link, from. */
  readonly links: readonly FullLink[];
  /** The cheapest upgrades after which the whole class fits; null when none was found. */
  readonly repair: Repair | null;
  /** Ids of rules whose relaxing, each alone, lets the whole class fit. */
  readonly relaxing: readonly string[];
}

/** One direction of a link that is full. */
export interface FullLink {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  /** With nothing held. */
  readonly capacityMbps: number;
  /** What the holders of the set hold. */
  readonly heldMbps: number;
  /** Lengths that prove the conflict (see `provesConflict`), at most 1; null: placing alone shows it. */
  readonly length: number | null;
}

export interface ClassPlacement {
  readonly class: QosClass;
  readonly mode: Spread;
  /** By id. */
  readonly demands: readonly PlacedDemand[];
  /** Greatest carried load / what classes above leave. */
  readonly utilisationRatio: number;
  /** Greatest offered load / what classes above leave, of the split before rounding; null without `te`. */
  readonly offeredRatio: number | null;
  /** Proves `offeredRatio`: about all demands with a path, on what classes above leave. null without `te`. */
  readonly certificate: Certificate | null;
  /** Weights of `te` add up to this; more than asked for where inelastic demands only fit so. */
  readonly units: number;
  /** Of `te`: was the split proven by the solver, or is it near? null without `te`. */
  readonly method: 'exact' | 'approximate' | null;
  /** null: all of the class is carried, or it is elastic. */
  readonly conflict: Conflict | null;
  /** null: there was no previous plan. */
  readonly stands: ClassStanding | null;
  /** Capacity before and load of this class by arc, in Mbps. */
  readonly capacityMbps: Float64Array;
  readonly loadMbps: Float64Array;
}

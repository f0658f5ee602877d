import type { Floats } from '../graph';
import type { SplitPath } from './path-shares';

/** What a gateway can hold: at most so many paths for a demand, and weights that add up to `units`. */
export interface SplitLimits {
  /** Default 4. */
  readonly mostPaths: number;
  /** Default 16. */
  readonly units: number;
}

/** Working form: weights of one demand, changed in place. */
export interface Weights {
  readonly demand: SplitDemand;
  /** Mbps of one unit. */
  readonly unitMbps: number;
  readonly paths: { readonly arcs: readonly number[]; weight: number }[];
}

/** Mbps by arc. */
export function loadsOf(arcs: number, all: readonly Weights[]): Float64Array {
  const load = new Float64Array(arcs);
  for (const { paths, unitMbps } of all) {
    for (const { arcs: path, weight } of paths)
      if (weight > 0) for (const a of path) load[a] += weight * unitMbps;
  }
  return load;
}

export function peakOf(capacity: Floats, load: Float64Array): number {
  let peak = 0;
  for (let a = 0; a < load.length; a++) if (load[a] > 1e-9) peak = Math.max(peak, load[a] / capacity[a]);
  return peak;
}

/** A demand with the paths that it may use; shares are what the optimum gives them. */
export interface SplitDemand {
  readonly mbps: number;
  /** At least one. */
  readonly paths: readonly SplitPath[];
  /** More paths under the loads by arc, or null: what local search may try beyond `paths`. */
  readonly more: ((length: Floats, closedArc: number) => readonly number[] | null) | null;
}

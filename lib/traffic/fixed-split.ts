import type { Floats, Topology } from '../graph';
import type { Refusal } from '../routing';
import { bestPath, equalCost } from '../routing';
import type { WeightedPath } from './deployable-split';
import type { TrafficDemand } from './traffic-demand';
import { boundedRequest } from './traffic-demand';
import { weighPaths } from './weigh-paths';

/** Weights that follow from the paths' metric, not from the other demands. */
export interface FixedSplit {
  /** Empty when refused. */
  readonly paths: readonly WeightedPath[];
  /** What whole-number weights lose of what the paths can carry; 0 but for `wecmp`. */
  readonly lostRatio: number;
  readonly refusal: Refusal | null;
}

export interface FixedLimits {
  /** How much worse than the best an equal path may be. */
  readonly toleranceRatio: number;
  readonly mostPaths: number;
  /** Sum of the weights of `wecmp`. */
  readonly units: number;
}

/**
 * The paths of one demand and their weights: `single`, the best; `ecmp`, those within the tolerance of the
 * best in its own metric, in equal parts (RFC 2992 for the setting); `wecmp`, the same by what each can
 * carry of `capacity`.
 */
export function fixedSplit(
  topology: Topology,
  capacity: Floats,
  demand: TrafficDemand,
  mode: 'single' | 'ecmp' | 'wecmp',
  { toleranceRatio, mostPaths, units }: FixedLimits,
): FixedSplit {
  const request = boundedRequest(topology, demand);
  if (mode === 'single') {
    const { path, refusal } = bestPath(topology, request, demand.from, demand.to);
    return { paths: path ? [{ arcs: path.arcs, weight: 1 }] : [], lostRatio: 0, refusal };
  }
  const { paths, refusal } = equalCost(topology, request, demand.from, demand.to, toleranceRatio, mostPaths);
  if (paths.length === 0) return { paths: [], lostRatio: 0, refusal };
  const arcs = paths.map((p) => p.arcs);
  if (mode === 'ecmp')
    return { paths: arcs.map((p) => ({ arcs: p, weight: 1 })), lostRatio: 0, refusal: null };
  const { weights, lostRatio } = weighPaths(capacity, arcs, units);
  const weighted = arcs.map((p, j) => ({ arcs: p, weight: weights[j] })).filter(({ weight }) => weight > 0);
  return { paths: weighted, lostRatio, refusal: null };
}

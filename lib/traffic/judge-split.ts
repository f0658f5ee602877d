import type { Floats, Topology } from '../graph';
import { permits } from '../routing';
import type { Spread } from '../model';
import type { WeightedPath } from './deployable-split';
import type { SplitLimits } from './weights';
import { compareArcs } from './path-shares';
import type { TrafficDemand } from './traffic-demand';
import { boundedRequest } from './traffic-demand';
import { leastCapacity } from './flow-problem';

/** How a demand was split in a previous plan. */
export interface PreviousSplit {
  readonly mode: Spread;
  /** What the weights of a `te` split added up to. */
  readonly units: number;
  /** Arcs on the topology that is planned now; null: some link of the path is gone. */
  readonly paths: readonly { readonly arcs: readonly number[] | null; readonly weight: number }[];
}

/** What is to stand of a previous plan. */
export interface PreviousSplits {
  /** How much worse than planned from scratch a class may be. */
  readonly toleranceRatio: number;
  /** undefined: it was not there, or was another demand, or had no path. */
  split(demand: TrafficDemand): PreviousSplit | undefined;
}

/**
 * Why a demand's split does not stand: `gone`, a link of it is; `policy`, a path is not permitted any more;
 * `spread`, the class is split in another way or more finely; `full`, nothing is left on a link of it;
 * `better`, its paths are worse than the best by more than the tolerance; `room`, with it the class would not
 * fit, or be fuller than the tolerance allows.
 */
export type SplitFault = 'gone' | 'policy' | 'spread' | 'full' | 'better' | 'room';

/** A previous split as it could stand: the paths without a fault, with weights in the units of now. */
export interface Standing {
  readonly paths: readonly WeightedPath[];
  /** What all weights of before add up to, in the same units. */
  readonly weights: number;
  readonly fault: SplitFault | null;
}

/** How a class is split now. */
export interface SplitScope {
  readonly topology: Topology;
  /** Mbps by arc. */
  readonly capacity: Floats;
  readonly mode: Spread;
  /** Sum of the weights of a `te` split. */
  readonly units: number;
  readonly limits: SplitLimits;
}

/**
 * Judges each previous split by itself; undefined where there is none. Of `te` the paths that could stand are
 * given with a fault too.
 *
 * @param good tells of the other modes whether a path is within the tolerance of the demand's best.
 */
export function judgeSplit(
  { topology, capacity, mode, units, limits: { mostPaths } }: SplitScope,
  demand: TrafficDemand,
  previous: PreviousSplit,
  good: (arcs: readonly number[]) => boolean,
): Standing {
  const request = boundedRequest(topology, demand);
  const te = mode === 'te';
  const faults: SplitFault[] = [];
  const finer = te ? units / previous.units : 1;
  const paths: WeightedPath[] = [];
  if (previous.mode !== mode || previous.paths.length > mostPaths || !Number.isInteger(finer))
    faults.push('spread');
  for (const { arcs, weight } of previous.paths) {
    if (arcs === null) faults.push('gone');
    else if (!permits(request, arcs)) faults.push('policy');
    else if (te && arcs.some((a) => capacity[a] < leastCapacity)) faults.push('full');
    else if (!te && !good(arcs)) faults.push('better');
    else paths.push({ arcs, weight: weight * finer });
  }
  if (te) paths.sort((x, y) => y.weight - x.weight || compareArcs(x.arcs, y.arcs));
  if (mode === 'wecmp' && paths.some((p) => p.weight > units)) faults.push('spread');
  const order: readonly SplitFault[] = ['gone', 'policy', 'spread', 'full', 'better'];
  const weights = previous.paths.reduce((sum, p) => sum + p.weight * finer, 0);
  return { paths, weights, fault: order.find((f) => faults.includes(f)) ?? null };
}

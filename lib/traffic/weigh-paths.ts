import type { Floats } from '../graph';
import { fillFairly } from './fill-fairly';
import { mostThroughPaths } from './most-through-paths';

/** Weights of equal-cost paths by what they can carry. */
export interface PathWeights {
  /** By path, 0 to the units each; their sum is free. 0: the path is not used. */
  readonly weights: readonly number[];
  /** What these weights can carry. */
  readonly mbps: number;
  /** What they lose to any split of the same paths; 0 to 1. */
  readonly lostRatio: number;
}

/**
 * Weights by available bandwidth (WECMP). Each weight is a whole number up to `units`, the sum is free: the
 * kernel's next hop groups bound a weight (1 to 256), not their sum, and four paths of 1000, 400, 200 and
 * 100 Mbps are 10, 4, 2 and 1, of 17. Weights that had to add up to 16 would lose 5.9 % there. Paths that
 * share links count together, never twice.
 */
export function weighPaths(
  capacity: Floats,
  paths: readonly (readonly number[])[],
  units: number,
): PathWeights {
  const best = mostThroughPaths(capacity, paths);
  const most = best.reduce((sum, x) => sum + x, 0);
  const none = { weights: paths.map(() => 1), mbps: 0, lostRatio: 0 };
  if (!(most > 0)) return none;
  const widths = paths.map((path) => path.reduce((w, a) => Math.min(w, capacity[a]), Infinity));
  const open = paths.map((_, j) => j).filter((j) => widths[j] > 0);
  const flows = open.map((j) => ({ mbps: widths[j], paths: [{ arcs: paths[j], share: 1 }] }));
  const filled = new Float64Array(paths.length);
  fillFairly(capacity, flows).forEach((ratio, i) => (filled[open[i]] = ratio * widths[open[i]]));
  // Filling uses all paths; the optimum, whose corner may leave some empty, only where filling loses.
  const total = filled.reduce((sum, x) => sum + x, 0);
  const wanted = total >= most * (1 - 1e-9) ? [filled] : [filled, best];
  let result: PathWeights = none;
  for (const x of wanted) {
    for (let j = 0; j < x.length; j++) {
      for (let w = 1; x[j] > 0 && w <= units; w++) {
        const weights = Array.from(x, (y) => Math.floor((y * w) / x[j] + 1e-9));
        if (weights.some((v) => v > units)) continue;
        const mbps = throughput(capacity, paths, weights);
        if (mbps <= result.mbps * (1 + 1e-9)) continue;
        result = { weights, mbps, lostRatio: Math.max(0, 1 - mbps / most) };
      }
    }
  }
  return result;
}

function throughput(
  capacity: Floats,
  paths: readonly (readonly number[])[],
  weights: readonly number[],
): number {
  const use = new Map<number, number>();
  paths.forEach((path, j) => {
    for (const a of path) use.set(a, (use.get(a) ?? 0) + weights[j]);
  });
  const sum = weights.reduce((x, y) => x + y, 0);
  let mbps = Infinity;
  for (const [a, weight] of use) if (weight > 0) mbps = Math.min(mbps, (capacity[a] * sum) / weight);
  return mbps;
}

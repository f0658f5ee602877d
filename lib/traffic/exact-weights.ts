import type { Floats } from '../graph';
import { loadsOf, peakOf, type SplitLimits, type Weights } from './weights';

/** Most combinations that are searched to the end. */
const mostCombinations = 2_000_000;

/**
 * Sets the weights to those of the smallest peak by branch and bound, if there are few enough combinations
 * of the given paths; leaves them otherwise, or where the present ones are as good. A single demand with six
 * paths and 32 units is within reach (435,897 combinations).
 */
export function trySmallestPeak(
  capacity: Floats,
  all: readonly Weights[],
  { mostPaths, units }: SplitLimits,
  goal: number,
): void {
  let combinations = 1;
  for (const { paths } of all) {
    for (let j = 1; j < paths.length; j++) combinations *= (units + j) / j;
    if (combinations > mostCombinations) return;
  }
  let best = peakOf(capacity, loadsOf(capacity.length, all));
  if (best <= goal * (1 + 1e-12)) return;
  let bestWeights: number[][] | null = null;
  const load = new Float64Array(capacity.length);
  const now = all.map(({ paths }) => paths.map(() => 0));
  const lay = (i: number, j: number, count: number) => {
    now[i][j] += count;
    for (const a of all[i].paths[j].arcs) load[a] += count * all[i].unitMbps;
  };
  const fits = (arcs: readonly number[]) => arcs.every((a) => load[a] < best * capacity[a] * (1 - 1e-12));

  /** Gives demand i's `left` units to its paths from j on; loads only grow, so a full link ends a branch. */
  const place = (i: number, j: number, left: number, used: number): void => {
    if (i === all.length) {
      best = peakOf(capacity, load);
      bestWeights = now.map((list) => [...list]);
      return;
    }
    const { paths } = all[i];
    if (left === 0) {
      place(i + 1, 0, units, 0);
      return;
    }
    if (j === paths.length || used === mostPaths) return;
    const last = j === paths.length - 1 || used === mostPaths - 1;
    // Without this path; then with as many units as fit. On the last one all units must fit.
    if (j < paths.length - 1) place(i, j + 1, left, used);
    const step = last && j === paths.length - 1 ? left : 1;
    let laid = 0;
    while (laid + step <= left) {
      lay(i, j, step);
      laid += step;
      if (!fits(paths[j].arcs)) break;
      if (laid === left || (!last && j < paths.length - 1)) place(i, j + 1, left - laid, used + 1);
    }
    lay(i, j, -laid);
  };
  place(0, 0, units, 0);
  const found = bestWeights as number[][] | null;
  if (found !== null) all.forEach(({ paths }, i) => paths.forEach((p, j) => (p.weight = found[i][j])));
}

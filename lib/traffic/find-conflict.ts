import type { Floats } from '../graph';

/** Demands that cannot be carried together, though any one left out would let the others be. */
export interface ConflictSet {
  /** Demand numbers, rising. */
  readonly demands: readonly number[];
}

/**
 * An irreducible subset of demands that do not fit: the deletion filter (Chinneck and Dravnieks 1991),
 * smallest contribution first. `weight` says how much each demand adds to the proof that they do not fit;
 * the filter begins with the fewest heaviest ones that `fits` refuses. Calls `fits` about
 * log2(n) + size of that beginning times. undefined when all fit.
 */
export function tryConflict(
  weight: Floats,
  fits: (demands: readonly number[]) => boolean,
): ConflictSet | undefined {
  const order = Array.from(weight, (_, d) => d).sort((x, y) => weight[y] - weight[x] || x - y);
  if (fits(order)) return undefined;
  let [low, high] = [1, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(order.slice(0, middle))) low = middle + 1;
    else high = middle;
  }
  let set = order.slice(0, high);
  // The last one taken is needed: without it the beginning fits.
  for (let i = set.length - 2; i >= 0; i--) {
    const without = set.filter((_, j) => j !== i);
    if (!fits(without)) set = without;
  }
  return { demands: set.sort((x, y) => x - y) };
}

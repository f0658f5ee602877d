import type { Floats } from '../graph';
import { boundOf } from './bound-of';
import type { FlowProblem } from './flow-problem';
import { leastCapacity } from './flow-problem';
import { permittedDistance } from './price-column';

/**
 * Why no split can do better: by linear programming duality, lengths of 0 or more with sum (length x
 * capacity) = 1 bound the greatest utilisation of every split from below by sum (Mbps x shortest distance).
 */
export interface Certificate {
  /** The lengths that are not 0, in 1 / Mbps, by arc number, rising. */
  readonly lengths: readonly { readonly arc: number; readonly length: number }[];
  /** No split has a smaller greatest utilisation. */
  readonly bound: number;
  /** (utilisation - bound) / utilisation of the split it came with; 0 when that is optimal. */
  readonly gapRatio: number;
}

/** Lengths worth less than this part of the whole say nothing and are left out. */
const leastPart = 1e-10;

/** A certificate from the prices that a solver left on the links; any lengths give a true bound. */
export function certify(problem: FlowProblem, prices: Floats, utilisation: number): Certificate {
  const { capacity, demands } = problem;
  const open = (a: number) => capacity[a] >= leastCapacity;
  let sum = 0;
  for (let a = 0; a < prices.length; a++) if (open(a)) sum += prices[a] * capacity[a];
  if (!(sum > 0)) return { lengths: [], bound: 0, gapRatio: utilisation > 0 ? 1 : 0 };
  const length = Float64Array.from(prices as Float64Array, (p, a) =>
    open(a) && (p * capacity[a]) / sum > leastPart ? p / sum : 0,
  );
  let kept = 0;
  for (let a = 0; a < length.length; a++) kept += length[a] * capacity[a];
  for (let a = 0; a < length.length; a++) length[a] /= kept;
  const distance = permittedDistance(problem, length);
  const bound = boundOf(length, capacity, demands, distance);
  return {
    lengths: Array.from(length, (l, arc) => ({ arc, length: l })).filter((l) => l.length > 0),
    bound,
    gapRatio: utilisation > 0 ? Math.max(0, (utilisation - bound) / utilisation) : 0,
  };
}

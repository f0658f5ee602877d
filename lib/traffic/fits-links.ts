import type { Floats } from '../graph';
import { leastCapacity } from './flow-problem';

/** A load within this of a link's capacity fits. */
export const roundingRatio = 1e-9;

/** Does a load fit, given that figures carry rounding errors? */
export function fitsLinks(capacity: Floats, load: Floats): boolean {
  for (let a = 0; a < load.length; a++) {
    if (load[a] > capacity[a] * (1 + roundingRatio) + leastCapacity) return false;
  }
  return true;
}

import type { Floats } from '../graph';
import { leastCapacity } from './flow-problem';

/** A load within this of a link's capacity fits. */
export const roundingRatio = 1e-9;

/**
 * A load of less is none to the utilisation: what classes above leave of a full link is a few bits per
 * second of rounding, and what is carried there fills them.
 */
export const leastLoadMbps = 1e-5;

/** The greatest load / capacity; 0 where nothing is loaded. */
export function utilisationOf(capacity: Floats, load: Floats): number {
  let most = 0;
  for (let a = 0; a < load.length; a++)
    if (load[a] > leastLoadMbps) most = Math.max(most, load[a] / capacity[a]);
  return most;
}

/** Does a load fit, given that figures carry rounding errors? */
export function fitsLinks(capacity: Floats, load: Floats): boolean {
  for (let a = 0; a < load.length; a++) {
    if (load[a] > capacity[a] * (1 + roundingRatio) + leastCapacity) return false;
  }
  return true;
}

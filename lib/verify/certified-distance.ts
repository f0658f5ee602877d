import type { Demand } from '../model';
import { bestPath, newEffort } from './ranked-paths';
import type { Rules } from './rules';
import type { World } from './world';

/** The least length of a permitted path of a demand, in the lengths' unit; Infinity: there is none. */
export function certifiedDistance(
  world: World,
  rules: Rules,
  demand: Demand,
  length: readonly number[],
): number {
  const [source, target] = [world.nodeOf.get(demand.from)!, world.nodeOf.get(demand.to)!];
  const priced: Rules = {
    ...rules,
    widest: false,
    key: length.map((l, n) => (rules.key[n] === Infinity ? Infinity : l)),
    memo: new Map(),
  };
  const effort = newEffort();
  const best = bestPath(world, priced, source, target, effort);
  if (best) return best.key;
  if (!effort.gaveUp) return Infinity;
  // Without the bounds the shortest way is no longer: the bound that it gives is weaker, and still true.
  const free = { ...priced, maxLatency: Infinity, maxHops: Infinity, required: [], memo: new Map() };
  return bestPath(world, free, source, target)?.key ?? Infinity;
}

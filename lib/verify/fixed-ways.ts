import type { Demand, Policy, Spread } from '../model';
import type { Ranked } from './label-search';
import { servingPath, servingPaths } from './carrying';
import { newEffort } from './label-search';
import type { Rules } from './rules';
import { usualEqualCostRatio, withinEqualCost } from './tolerance';
import type { Lane, World } from './world';

/** The paths that a spread takes by the metric alone, in order. */
export interface FixedWays {
  /** undefined: there is no path. */
  readonly best: Ranked | undefined;
  readonly ways: readonly (readonly Lane[])[];
  /** The search gave up: nothing is known. */
  readonly unknown: boolean;
}

/** Finds the paths of a demand under `single`, `ecmp` or `wecmp`, as its policy bounds the latter two. */
export function fixedWays(
  world: World,
  rules: Rules,
  { from, to }: Demand,
  spread: Spread,
  policy: Policy | null,
): FixedWays {
  const [source, target] = [world.nodeOf.get(from)!, world.nodeOf.get(to)!];
  const effort = newEffort();
  const best = servingPath(world, rules, source, target, effort);
  const ways: (readonly Lane[])[] = [];
  if (best && spread === 'single') ways.push(best.lanes);
  if (best && spread !== 'single') {
    const within = withinEqualCost(rules, best, policy?.ecmpToleranceRatio ?? usualEqualCostRatio);
    const mostPaths = Math.min(world.plan.traffic.paths, policy?.ecmpPaths ?? Infinity);
    for (const { lanes } of servingPaths(world, rules, source, target, effort)) {
      if (!within(lanes) || ways.push(lanes) >= mostPaths) break;
    }
  }
  return { best, ways, unknown: effort.gaveUp };
}

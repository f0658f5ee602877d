import { bestPath, compareRanked } from './best-path';
import { type Ranked } from './label-search';
import type { Effort } from './label-search';
import { rankedPaths } from './ranked-paths';
import type { Rules } from './rules';
import type { Lane, World } from './world';

/** Has a path room for an IPv6 packet of the least size on each of its lanes, segments included? */
export function carries(lanes: readonly Lane[]): boolean {
  return lanes.every((l) => l.mostHops >= lanes.length);
}

const known = new WeakMap<Rules, readonly Rules[]>();

/**
 * Rules that allow together just those paths of these that carry a packet of the least size: for every bound
 * on hops among the lanes, the paths that keep to it over lanes with no smaller one.
 */
export function carryingRules(world: World, rules: Rules): readonly Rules[] {
  let made = known.get(rules);
  if (!made) {
    const longest = world.nodes.length - 1;
    const bounds = new Set(world.lanes.map((l) => Math.min(l.mostHops, longest)));
    made = [...bounds].map((bound) => ({
      ...rules,
      key: rules.key.map((k, n) => (world.lanes[n].mostHops < bound ? Infinity : k)),
      // A loopless path has no more hops.
      maxHops: bound < longest ? Math.min(rules.maxHops, bound) : rules.maxHops,
      memo: new Map(),
    }));
    known.set(rules, made);
  }
  return made;
}

/** The best path that carries a packet of the least size; undefined: there is none, or the search gave up. */
export function bestCarrying(
  world: World,
  rules: Rules,
  source: number,
  target: number,
  effort: Effort,
): Ranked | undefined {
  const free = bestPath(world, rules, source, target, effort);
  if (!free || carries(free.lanes)) return free;
  const found = carryingRules(world, rules).flatMap(
    (gate) => bestPath(world, gate, source, target, effort) ?? [],
  );
  return found.sort((a, b) => compareRanked(rules, a, b))[0];
}

/** The first of the paths that serve a pair: of those that carry a packet of the least size, or of all. */
export function servingPath(
  world: World,
  rules: Rules,
  source: number,
  target: number,
  effort: Effort,
): Ranked | undefined {
  return bestCarrying(world, rules, source, target, effort) ?? bestPath(world, rules, source, target, effort);
}

/**
 * The paths that carry a packet of the least size, in order.
 *
 * @param penalty comes first in the order, by lane; null: nothing does.
 */
export function* carryingPaths(
  world: World,
  rules: Rules,
  source: number,
  target: number,
  effort: Effort,
  penalty: readonly number[] | null = null,
): Generator<Ranked, void> {
  const gates = carryingRules(world, rules).map((gate) =>
    rankedPaths(world, { ...gate, penalty }, source, target, effort),
  );
  const heads = gates.map((paths) => paths.next());
  for (;;) {
    let best: Ranked | undefined;
    for (const { value } of heads)
      if (value && (!best || compareRanked(rules, value, best) < 0)) best = value;
    if (!best) return;
    yield best;
    // The same path may come from several.
    const { lanes } = best;
    heads.forEach(({ value }, i) => {
      const same = value?.lanes.length === lanes.length && value.lanes.every((l, k) => l === lanes[k]);
      if (same) heads[i] = gates[i].next();
    });
  }
}

/** The paths that serve a pair, in order: see `servingPath`. */
export function* servingPaths(
  world: World,
  rules: Rules,
  source: number,
  target: number,
  effort: Effort,
): Generator<Ranked, void> {
  if (bestCarrying(world, rules, source, target, effort))
    yield* carryingPaths(world, rules, source, target, effort);
  else yield* rankedPaths(world, rules, source, target, effort);
}

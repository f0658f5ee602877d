import { bestPath, everything } from './best-path';
import { compareLinks, type Effort, labelSearch, newEffort, type Ranked, type Space } from './label-search';
import { distances, leastTo, openLanes } from './distances';
import { Heap } from './heap';
import type { Rules } from './rules';
import type { World } from './world';

/** A space with its best path, or until that is looked for with bounds that no path of it beats. */
interface Entry {
  readonly space: Space;
  readonly bound: Omit<Ranked, 'lanes'>;
  readonly path: Ranked | null;
}

/**
 * The loopless paths from source to target that keep to the rules, in order: penalty; width where the widest
 * is wanted; metric and hops; link ids. Each path parts its space into those that leave it at each of its
 * nodes (Yen 1971, Lawler 1972); with things to meet on the way all paths are gone through, best first.
 */
export function* rankedPaths(
  world: World,
  rules: Rules,
  source: number,
  target: number,
  effort: Effort = newEffort(),
): Generator<Ranked, void> {
  if (rules.required.length > 0) {
    yield* labelSearch(world, { rules, source, target }, effort, everything, 'all');
    return;
  }
  const heap = new Heap<Entry>((a, b) => {
    if (a.bound.penalty !== b.bound.penalty) return a.bound.penalty < b.bound.penalty;
    if (rules.widest && a.bound.mbps !== b.bound.mbps) return a.bound.mbps > b.bound.mbps;
    if (a.bound.key !== b.bound.key) return a.bound.key < b.bound.key;
    // What is not looked for yet may have smaller links.
    if (!a.path || !b.path) return !a.path && b.path !== null;
    return compareLinks(a.path.lanes, b.path.lanes) < 0;
  });
  const offer = (space: Space) => {
    const path = bestPath(world, rules, source, target, effort, space);
    if (path) heap.push({ space, bound: path, path });
  };
  offer(everything);
  let boundOf: ReturnType<typeof bounds> | undefined;
  for (let top = heap.pop(); top !== undefined && !effort.gaveUp; top = heap.pop()) {
    const { path, space } = top;
    if (!path) {
      offer(space);
      continue;
    }
    yield path;
    boundOf ??= bounds(world, rules, source, target);
    for (let i = space.prefix.length; i < path.lanes.length; i++) {
      const banned = [...(i === space.prefix.length ? space.banned : []), path.lanes[i].number];
      const part = { prefix: path.lanes.slice(0, i), banned };
      const bound = boundOf(part);
      if (bound) heap.push({ space: part, bound, path: null });
    }
  }
}

/** What no path of a space is better than, by the whole network's distances; null: it is surely empty. */
function bounds(world: World, rules: Rules, source: number, target: number) {
  const { key, noTransit } = rules;
  const keyTo = distances(world, rules, target, 'key');
  const widthTo = rules.widest ? distances(world, rules, target, 'width') : null;
  const penaltyTo = rules.penalty ? leastTo(world, rules, target, rules.penalty, openLanes(rules)) : null;
  return ({ prefix, banned }: Space): Omit<Ranked, 'lanes'> | null => {
    const spur = prefix.length === 0 ? source : prefix[prefix.length - 1].head;
    let [leastKey, width, leastPenalty] = [Infinity, -Infinity, Infinity];
    for (const { number: n, head, mbps } of world.out[spur]) {
      const through = key[n] + keyTo[head];
      if (through === Infinity || banned.includes(n) || (noTransit[head] && head !== target)) continue;
      if (prefix.some((l) => l.tail === head)) continue;
      leastKey = Math.min(leastKey, through);
      if (widthTo) width = Math.max(width, Math.min(mbps, -widthTo[head]));
      if (penaltyTo) leastPenalty = Math.min(leastPenalty, rules.penalty![n] + penaltyTo[head]);
    }
    if (leastKey === Infinity) return null;
    const bound = { penalty: penaltyTo ? leastPenalty : 0, mbps: width, key: leastKey };
    for (const { number: n, mbps } of prefix) {
      bound.key += key[n];
      bound.mbps = Math.min(bound.mbps, mbps);
      bound.penalty += rules.penalty?.[n] ?? 0;
    }
    return bound;
  };
}

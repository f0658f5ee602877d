import { distances, leastTo, openLanes } from './distances';
import { compareLinks, type Effort, labelSearch, newEffort, type Ranked, type Space } from './label-search';
import { meets, type Rules } from './rules';
import type { Lane, World } from './world';

/** Every path from the source. */
export const everything: Space = { prefix: [], banned: [] };

/**
 * The best loopless path of a space that keeps to the rules, by the tie rule; undefined: there is none, or
 * the search gave up. Without bounds and requirements it takes a few Dijkstra searches, one for each part of
 * the order; so it does where the best path without them keeps to them anyway.
 */
export function bestPath(
  world: World,
  rules: Rules,
  source: number,
  target: number,
  effort: Effort = newEffort(),
  space: Space = everything,
): Ranked | undefined {
  const free = bestFree(world, rules, source, target, space);
  if (!free) return undefined;
  const bounded = rules.maxLatency < Infinity || rules.maxHops < Infinity || rules.required.length > 0;
  if (!bounded || meets(rules, free.lanes)) return free;
  for (const found of labelSearch(world, { rules, source, target }, effort, space, 'first')) return found;
  return undefined;
}

/** The same without bounds and requirements. */
function bestFree(
  world: World,
  rules: Rules,
  source: number,
  target: number,
  { prefix, banned }: Space,
): Ranked | undefined {
  const spur = prefix.length === 0 ? source : prefix[prefix.length - 1].head;
  const open = openLanes(rules);
  for (const n of banned) open[n] = 0;
  for (const { tail } of prefix) for (const { number: n } of world.into[tail]) open[n] = 0;
  const whole = prefix.length === 0 && banned.length === 0;
  const { penalty } = rules;
  if (penalty) {
    const least = leastTo(world, rules, target, penalty, open);
    if (least[spur] === Infinity) return undefined;
    for (const { number: n, tail, head } of world.lanes)
      if (penalty[n] + least[head] !== least[tail]) open[n] = 0;
  }
  if (rules.widest) {
    const width =
      whole && !penalty
        ? distances(world, rules, target, 'width')
        : leastTo(world, rules, target, 'width', open);
    if (width[spur] === Infinity) return undefined;
    const mbps = prefix.reduce((least, l) => Math.min(least, l.mbps), -width[spur]);
    for (const l of world.lanes) if (l.mbps < mbps) open[l.number] = 0;
  } else if (!penalty) {
    // What the whole network's distances lead to is the best if it meets nothing closed.
    const quick = descend(world, rules, distances(world, rules, target, 'key'), open, spur, target);
    if (quick || whole) return quick && ranked(rules, [...prefix, ...quick]);
  }
  const suffix = descend(world, rules, leastTo(world, rules, target, 'key', open), open, spur, target);
  return suffix && ranked(rules, [...prefix, ...suffix]);
}

/**
 * Down the distances over open lanes, the first link of all that are as good; undefined where no lane leads
 * on as the distances say.
 */
function descend(
  world: World,
  { key, noTransit }: Rules,
  distance: Float64Array,
  open: Uint8Array,
  from: number,
  target: number,
): Lane[] | undefined {
  const lanes: Lane[] = [];
  let need = -1;
  for (let v = from; v !== target;) {
    let next: Lane | undefined;
    let least = Infinity;
    for (const lane of world.out[v]) {
      if (open[lane.number] === 0 || (noTransit[lane.head] && lane.head !== target)) continue;
      const through = key[lane.number] + distance[lane.head];
      if (through > least || through === Infinity || (through === least && lane.rank > next!.rank)) continue;
      next = lane;
      least = through;
    }
    // Only the first step may be worse than the distances say: the better lanes are banned there.
    if (!next || (need !== -1 && least !== need)) return undefined;
    lanes.push(next);
    v = next.head;
    need = distance[v];
  }
  return lanes;
}

/** A path with its figures. */
export function ranked(rules: Rules, lanes: readonly Lane[]): Ranked {
  let [penalty, mbps, key] = [0, Infinity, 0];
  for (const { number: n, mbps: width } of lanes) {
    penalty += rules.penalty?.[n] ?? 0;
    mbps = Math.min(mbps, width);
    key += rules.key[n];
  }
  return { lanes, penalty, mbps, key };
}

/** Below 0 where a path stands before another in the order. */
export function compareRanked(rules: Rules, a: Ranked, b: Ranked): number {
  const wider = rules.widest ? b.mbps - a.mbps : 0;
  return a.penalty - b.penalty || wider || a.key - b.key || compareLinks(a.lanes, b.lanes);
}

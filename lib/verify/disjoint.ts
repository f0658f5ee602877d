import { bestPath } from './best-path';
import { newEffort, type Ranked } from './label-search';
import { carries, carryingPaths, carryingRules } from './carrying';
import { rankedPaths } from './ranked-paths';
import { closing, type Rules } from './rules';
import type { Lane, World } from './world';

export type Disjointness = 'link' | 'node' | 'srlg';

/** Do two paths of one pair share a link, for `node` a transit region, or for `srlg` a risk group? */
export function shareRisk(kind: Disjointness, a: readonly Lane[], b: readonly Lane[]): boolean {
  return b.some((lane, i) => risks(kind, a, lane, i === b.length - 1));
}

function risks(kind: Disjointness, path: readonly Lane[], lane: Lane, last: boolean): boolean {
  return path.some(
    (l) =>
      l.link === lane.link ||
      (kind === 'node' && !last && l.head === lane.head) ||
      (kind === 'srlg' && l.srlgs.some((g) => lane.srlgs.includes(g))),
  );
}

/** Two disjoint paths and the sum of their keys. */
export interface Pair {
  readonly primary: readonly Lane[];
  readonly backup: readonly Lane[];
  readonly key: number;
}

/** Most first paths that are tried. */
const mostTried = 2000;

/**
 * The disjoint pair that serves: that of the least sum among those whose paths both carry an IPv6 packet
 * of the least size, or where there is none, among all. null: there is no pair; `unknown`: it would take
 * too long to say.
 *
 * @param partners rules of the second path, no stricter than those of the first.
 */
export function findDisjoint(
  world: World,
  rules: Rules,
  source: number,
  target: number,
  kind: Disjointness,
  partners = rules,
): Pair | null | 'unknown' {
  const question = { world, rules, partners, source, target, kind };
  const any = cheapest(question, false);
  if (any === null || any === 'unknown' || (carries(any.primary) && carries(any.backup))) return any;
  return cheapest(question, true) ?? any;
}

/** Which disjoint pair is asked for. `partners`: rules of the second path. */
interface PairQuestion {
  readonly world: World;
  readonly rules: Rules;
  readonly partners: Rules;
  readonly source: number;
  readonly target: number;
  readonly kind: Disjointness;
}

/**
 * The disjoint pair of the least sum, by trying: every path in order, with the best disjoint from it.
 *
 * @param carrying only paths that carry an IPv6 packet of the least size
 */
function cheapest(question: PairQuestion, carrying: boolean): Pair | null | 'unknown' {
  const { world, rules, partners, source, target, kind } = question;
  const ways = carrying ? carryingRules(world, partners) : [partners];
  const inOrder = carrying ? carryingPaths : rankedPaths;
  const effort = newEffort();
  const first = bestPath(world, rules, source, target, effort);
  if (effort.gaveUp) return 'unknown';
  if (!first || hasCut(world, partners, first.lanes, kind)) return null;
  const least = rules === partners ? null : bestPath(world, partners, source, target, effort);
  let best: Pair | null = null;
  let tried = 0;
  for (const { lanes, key } of inOrder(world, rules, source, target, effort)) {
    // The cheaper of a pair costs at most half of it; of the widest the key says nothing.
    if (best !== null && !rules.widest && key + (least?.key ?? key) > best.key) return best;
    if (tried++ > mostTried) return 'unknown';
    const risky = (n: number) => risks(kind, lanes, world.lanes[n], world.lanes[n].head === target);
    let other: Ranked | undefined;
    for (const way of ways) {
      const found = bestPath(world, closing(way, risky), source, target, effort);
      if (found && (!other || found.key < other.key)) other = found;
    }
    if (other && (best === null || key + other.key < best.key))
      best = { primary: lanes, backup: other.lanes, key: key + other.key };
    if (effort.gaveUp) return 'unknown';
  }
  return effort.gaveUp ? 'unknown' : best;
}

/** Is there a link of this path, for `node` a transit region, without which nothing leads to its end? */
function hasCut(world: World, rules: Rules, lanes: readonly Lane[], kind: Disjointness): boolean {
  const [source, target] = [lanes[0].tail, lanes[lanes.length - 1].head];
  const leads = (closed: (lane: Lane) => boolean) => {
    const met = new Set([source]);
    for (const v of met) {
      if (v !== source && rules.noTransit[v]) continue;
      for (const l of world.out[v]) if (rules.key[l.number] < Infinity && !closed(l)) met.add(l.head);
    }
    return met.has(target);
  };
  return lanes.some(
    ({ link, head }) =>
      !leads((l) => l.link === link) ||
      (kind === 'node' && head !== target && !leads((l) => l.head === head)),
  );
}

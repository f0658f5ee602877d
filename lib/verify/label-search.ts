import { distances, leastTo, openLanes } from './distances';
import { Heap } from './heap';
import { meets, type Rules } from './rules';
import type { Lane, World } from './world';

/** How searches went: `gaveUp` says that nothing is proven by what one did not find. */
export interface Effort {
  gaveUp: boolean;
  /** Partial paths looked at. */
  steps: number;
}

export function newEffort(): Effort {
  return { gaveUp: false, steps: 0 };
}

/** A partial path; `least*` bound what every way on to the target adds up to. */
interface Partial extends Ranked {
  readonly at: number;
  readonly latency: number;
  readonly leastPenalty: number;
  readonly mostMbps: number;
  readonly leastKey: number;
}

/** From where to where, by which rules. */
export interface Trip {
  readonly rules: Rules;
  readonly source: number;
  readonly target: number;
}

/** Most partial paths of one search. */
const mostSteps = 50_000;

/**
 * The loopless paths of a space that keep to bounds and requirements, in order: best first with lower bounds
 * from the target (Hart, Nilsson, Raphael 1968), so that what it yields is exact. `first`: only the first is
 * right, and found with less work.
 */
export function* labelSearch(
  world: World,
  { rules, source, target }: Trip,
  effort: Effort,
  { prefix, banned }: Space,
  want: 'first' | 'all',
): Generator<Ranked, void> {
  const open = openLanes(rules);
  for (const { tail } of prefix) for (const { number: n } of world.into[tail]) open[n] = 0;
  const key = distances(world, rules, target, 'key');
  const latency = rules.maxLatency < Infinity ? distances(world, rules, target, 'latency') : null;
  const hops = rules.maxHops < Infinity ? distances(world, rules, target, 'hops') : null;
  const width = rules.widest ? distances(world, rules, target, 'width') : null;
  const penalty = rules.penalty ? leastTo(world, rules, target, rules.penalty, open) : null;
  // A walk may be cut short where it meets itself only if nothing must be met on the way.
  const prune = want === 'first' && rules.required.length === 0;
  const seen = new Map<number, Partial[]>();
  const heap = new Heap<Partial>((a, b) => {
    if (a.leastPenalty !== b.leastPenalty) return a.leastPenalty < b.leastPenalty;
    if (rules.widest && a.mostMbps !== b.mostMbps) return a.mostMbps > b.mostMbps;
    return a.leastKey !== b.leastKey ? a.leastKey < b.leastKey : compareLinks(a.lanes, b.lanes) < 0;
  });
  const after = (p: Omit<Ranked, 'lanes'> & { latency: number; at: number }, lane: Lane) => ({
    penalty: p.penalty + (rules.penalty?.[lane.number] ?? 0),
    mbps: Math.min(p.mbps, lane.mbps),
    key: p.key + rules.key[lane.number],
    latency: p.latency + rules.latency[lane.number],
    at: lane.head,
  });
  const nothing = { penalty: 0, mbps: Infinity, key: 0, latency: 0, at: source };
  const start = { lanes: prefix, ...prefix.reduce(after, nothing) };
  heap.push({ ...start, leastPenalty: 0, mostMbps: Infinity, leastKey: key[start.at] });
  let steps = 0;
  for (let p = key[start.at] < Infinity ? heap.pop() : undefined; p !== undefined; p = heap.pop()) {
    if (p.at === target) {
      if (meets(rules, p.lanes)) yield p;
      continue;
    }
    effort.steps++;
    if (++steps > mostSteps) {
      effort.gaveUp = true;
      return;
    }
    if (prune) {
      const known = seen.get(p.at) ?? [];
      if (known.some((k) => beats(k, p!))) continue;
      seen.set(p.at, [...known, p]);
    }
    if (p.at !== start.at && rules.noTransit[p.at]) continue;
    for (const lane of world.out[p.at]) {
      const { head: v, number: n } = lane;
      if (open[n] === 0 || key[v] === Infinity || (p.at === start.at && banned.includes(n))) continue;
      if (v === source || p.lanes.some((l) => l.head === v)) continue;
      const on = { lanes: [...p.lanes, lane], ...after(p, lane) };
      if (latency && on.latency + latency[v] > rules.maxLatency) continue;
      if (hops && on.lanes.length + hops[v] > rules.maxHops) continue;
      heap.push({
        ...on,
        leastPenalty: on.penalty + (penalty?.[v] ?? 0),
        mostMbps: width ? Math.min(on.mbps, -width[v]) : 0,
        leastKey: on.key + key[v],
      });
    }
  }
}

/** Is nothing that `b` could become better than the same from `a`? */
function beats(a: Partial, b: Partial): boolean {
  return (
    a.penalty <= b.penalty &&
    a.mbps >= b.mbps &&
    a.latency <= b.latency &&
    a.lanes.length <= b.lanes.length &&
    (a.key < b.key || (a.key === b.key && compareLinks(a.lanes, b.lanes) <= 0))
  );
}

/** Link ids in order; a beginning comes before what it begins. */
export function compareLinks(a: readonly Lane[], b: readonly Lane[]): number {
  for (let i = 0; i < a.length && i < b.length; i++)
    if (a[i].rank !== b[i].rank) return a[i].rank - b[i].rank;
  return a.length - b.length;
}

/** A path with its place in the order: penalty, width where the widest is wanted, key, links. */
export interface Ranked {
  readonly lanes: readonly Lane[];
  readonly penalty: number;
  readonly mbps: number;
  readonly key: number;
}

/** Paths that begin alike: with these lanes, and go on with none of the banned ones. */
export interface Space {
  readonly prefix: readonly Lane[];
  /** Numbers of lanes. */
  readonly banned: readonly number[];
}

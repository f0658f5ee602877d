import { Heap } from './heap';
import type { Rules } from './rules';
import type { Lane, World } from './world';

/** A path with its place in the order. */
export interface Ranked {
  readonly lanes: readonly Lane[];
  readonly penalty: number;
  readonly mbps: number;
  readonly key: number;
}

/** How a search went: `gaveUp` says that nothing is proven by what it did not find. */
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

/** Most partial paths of one search. */
const mostSteps = 50_000;

/**
 * The loopless paths from source to target that keep to the rules, in order: penalty; width where the widest
 * is wanted; metric and hops; link ids. Best first with lower bounds from the target (Hart, Nilsson, Raphael
 * 1968): what it yields is exact. With `first` only the first is right, and found with less work.
 */
export function* rankedPaths(
  world: World,
  rules: Rules,
  source: number,
  target: number,
  effort: Effort = newEffort(),
  first = false,
): Generator<Ranked, void> {
  const key = distances(world, rules, target, 'key');
  const latency = rules.maxLatency < Infinity ? distances(world, rules, target, 'latency') : null;
  const hops = rules.maxHops < Infinity ? distances(world, rules, target, 'hops') : null;
  const width = rules.widest ? distances(world, rules, target, 'width') : null;
  const penalty = rules.penalty ? distances(world, rules, target, 'penalty') : null;
  // A walk may be cut short where it meets itself only if nothing must be met on the way.
  const prune = first && rules.required.length === 0;
  const seen = new Map<number, Partial[]>();
  const heap = new Heap<Partial>((a, b) => {
    if (a.leastPenalty !== b.leastPenalty) return a.leastPenalty < b.leastPenalty;
    if (rules.widest && a.mostMbps !== b.mostMbps) return a.mostMbps > b.mostMbps;
    return a.leastKey !== b.leastKey ? a.leastKey < b.leastKey : compareLinks(a.lanes, b.lanes) < 0;
  });
  const start = { lanes: [], penalty: 0, mbps: Infinity, key: 0, latency: 0, at: source };
  heap.push({ ...start, leastPenalty: 0, mostMbps: Infinity, leastKey: key[source] });
  for (let p = key[source] < Infinity ? heap.pop() : undefined; p !== undefined; p = heap.pop()) {
    if (p.at === target) {
      if (rules.required.every((r) => p!.lanes.some((l) => r.lane(l) || r.node(l.tail) || r.node(l.head))))
        yield p;
      continue;
    }
    if (++effort.steps > mostSteps) {
      effort.gaveUp = true;
      return;
    }
    if (prune) {
      const known = seen.get(p.at) ?? [];
      if (known.some((k) => beats(k, p!))) continue;
      seen.set(p.at, [...known, p]);
    }
    if (p.at !== source && rules.noTransit[p.at]) continue;
    for (const lane of world.out[p.at]) {
      const v = lane.head;
      if (rules.key[lane.number] === Infinity || key[v] === Infinity) continue;
      if (v === source || p.lanes.some((l) => l.head === v)) continue;
      const on: Ranked & { readonly latency: number } = {
        lanes: [...p.lanes, lane],
        penalty: p.penalty + (rules.penalty?.[lane.number] ?? 0),
        mbps: Math.min(p.mbps, lane.mbps),
        key: p.key + rules.key[lane.number],
        latency: p.latency + rules.latency[lane.number],
      };
      if (latency && on.latency + latency[v] > rules.maxLatency) continue;
      if (hops && on.lanes.length + hops[v] > rules.maxHops) continue;
      heap.push({
        ...on,
        at: v,
        leastPenalty: on.penalty + (penalty?.[v] ?? 0),
        mostMbps: width ? Math.min(on.mbps, width[v]) : 0,
        leastKey: on.key + key[v],
      });
    }
  }
}

/** The first of the ranked paths; undefined: there is none, or the search gave up. */
export function bestPath(
  world: World,
  rules: Rules,
  source: number,
  target: number,
  effort: Effort = newEffort(),
): Ranked | undefined {
  for (const path of rankedPaths(world, rules, source, target, effort, true)) return path;
  return undefined;
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

type Figure = 'key' | 'latency' | 'hops' | 'width' | 'penalty';

/** The best figure from every node to a target under rules' closed lanes and regions (Dijkstra 1959). */
export function distances(world: World, rules: Rules, target: number, figure: Figure): readonly number[] {
  const name = `${figure} ${target}`;
  const known = figure === 'penalty' ? undefined : rules.memo.get(name);
  if (known) return known;
  const wide = figure === 'width';
  const best = world.nodes.map(() => (wide ? 0 : Infinity));
  const better = (a: number, b: number) => (wide ? a > b : a < b);
  best[target] = wide ? Infinity : 0;
  const heap = new Heap<readonly [number, number]>((a, b) => better(a[0], b[0]));
  heap.push([best[target], target]);
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const [value, v] = top;
    if (value !== best[v] || (v !== target && rules.noTransit[v])) continue;
    for (const lane of world.into[v]) {
      const n = lane.number;
      if (rules.key[n] === Infinity) continue;
      const through = wide
        ? Math.min(value, lane.mbps)
        : value +
          (figure === 'hops'
            ? 1
            : figure === 'key'
              ? rules.key[n]
              : figure === 'latency'
                ? rules.latency[n]
                : rules.penalty![n]);
      if (!better(through, best[lane.tail])) continue;
      best[lane.tail] = through;
      heap.push([through, lane.tail]);
    }
  }
  if (figure !== 'penalty') rules.memo.set(name, best);
  return best;
}

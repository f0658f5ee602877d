import type { Floats } from '../graph';

/** A demand on a fixed split. */
export interface FixedFlow {
  /** Above 0. */
  readonly mbps: number;
  /** Shares add up to 1. */
  readonly paths: readonly { readonly arcs: readonly number[]; readonly share: number }[];
  /** Most of the demand that is wanted; default 1. */
  readonly mostRatio?: number;
}

/** One arc, and who uses it. */
interface FilledArc {
  readonly mbps: number;
  /** Flow and the Mbps of it on the arc, above 0. */
  readonly users: readonly (readonly [flow: number, mbps: number])[];
  /** The level at which it is full, if nobody else stops before; Infinity: nobody on it rises. */
  fullAt: number;
}

/**
 * The max-min fair carried fraction of each demand, 0 to 1, when splits are fixed: progressive filling
 * (Bertsekas and Gallager 1992, 6.5.2). All fractions rise together; who crosses a link that is full stops.
 * Nobody could have more but by taking from somebody who has no more. What rises on an arc is added up anew
 * whenever somebody on it stops: a sum from which the stopped are subtracted never gets back to 0, and what
 * is left of it would hold up all the others. O(arcs + flows) rounds, each of O(arcs + flows), and
 * O(users^2) for each arc.
 */
export function fillFairly(capacity: Floats, flows: readonly FixedFlow[]): Float64Array {
  const ratio = new Float64Array(flows.length);
  const rises = flows.map(() => true);
  const { arcs, arcsOf } = usersOf(capacity, flows);
  for (const arc of arcs) arc.fullAt = fullAt(arc, rises, ratio);
  let level = 0;
  for (;;) {
    let next = Infinity;
    flows.forEach(({ mostRatio = 1 }, i) => rises[i] && (next = Math.min(next, mostRatio)));
    for (const arc of arcs) next = Math.min(next, arc.fullAt);
    if (next === Infinity) return ratio;
    // Digits may put what is full at once a hair lower.
    level = Math.max(level, next);
    const stopped = new Set<number>();
    flows.forEach(({ mostRatio = 1 }, i) => rises[i] && mostRatio <= level && stopped.add(i));
    for (const arc of arcs) {
      if (arc.fullAt <= level) for (const [i] of arc.users) if (rises[i]) stopped.add(i);
    }
    for (const i of stopped) {
      ratio[i] = level;
      rises[i] = false;
    }
    const changed = new Set([...stopped].flatMap((i) => arcsOf[i]));
    for (const arc of changed) arc.fullAt = fullAt(arc, rises, ratio);
  }
}

function usersOf(capacity: Floats, flows: readonly FixedFlow[]) {
  const users = new Map<number, [flow: number, mbps: number][]>();
  flows.forEach(({ mbps, paths }, i) => {
    const load = new Map<number, number>();
    for (const { arcs, share } of paths) for (const a of arcs) load.set(a, (load.get(a) ?? 0) + share * mbps);
    for (const [a, on] of load) {
      if (!(on > 0)) continue;
      if (!users.has(a)) users.set(a, []);
      users.get(a)!.push([i, on]);
    }
  });
  const arcs: FilledArc[] = [];
  const arcsOf = flows.map((): FilledArc[] => []);
  for (const [a, list] of users) {
    const arc = { mbps: capacity[a], users: list, fullAt: Infinity };
    arcs.push(arc);
    for (const [i] of list) arcsOf[i].push(arc);
  }
  return { arcs, arcsOf };
}

function fullAt({ mbps, users }: FilledArc, rises: readonly boolean[], ratio: Floats): number {
  let [rising, stopped] = [0, 0];
  for (const [i, on] of users) {
    if (rises[i]) rising += on;
    else stopped += ratio[i] * on;
  }
  return rising > 0 ? Math.max(0, mbps - stopped) / rising : Infinity;
}

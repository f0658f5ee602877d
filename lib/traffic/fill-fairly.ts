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

/**
 * The max-min fair carried fraction of each demand, 0 to 1, when splits are fixed: progressive filling
 * (Bertsekas and Gallager 1992, 6.5.2). All fractions rise together; who crosses a link that is full stops.
 * Nobody could have more but by taking from somebody who has no more. O(rounds x (links + path links)).
 */
export function fillFairly(capacity: Floats, flows: readonly FixedFlow[]): Float64Array {
  const ratio = new Float64Array(flows.length);
  const use = flows.map(({ mbps, paths }) => {
    const load = new Map<number, number>();
    for (const { arcs, share } of paths) for (const a of arcs) load.set(a, (load.get(a) ?? 0) + share * mbps);
    return load;
  });
  const active = new Set(flows.keys());
  const rising = new Float64Array(capacity.length);
  const left = Float64Array.from(capacity as Float64Array);
  for (const load of use) for (const [a, mbps] of load) rising[a] += mbps;
  let level = 0;
  while (active.size > 0) {
    let step = Infinity;
    for (const i of active) step = Math.min(step, (flows[i].mostRatio ?? 1) - level);
    for (let a = 0; a < rising.length; a++) {
      if (rising[a] > 1e-12) step = Math.min(step, Math.max(0, left[a]) / rising[a]);
    }
    level += step;
    for (let a = 0; a < rising.length; a++) left[a] -= step * rising[a];
    const full = (a: number) => left[a] <= 1e-9 * Math.max(1, capacity[a]);
    const stopped = [...active].filter(
      (i) =>
        (flows[i].mostRatio ?? 1) - level <= 1e-12 || [...use[i]].some(([a, mbps]) => mbps > 0 && full(a)),
    );
    for (const i of stopped) {
      ratio[i] = level;
      active.delete(i);
      for (const [a, mbps] of use[i]) rising[a] -= mbps;
    }
    // Only rounding can leave nobody stopped at a step of zero.
    if (stopped.length === 0 && !(step > 0)) {
      for (const i of active) ratio[i] = level;
      break;
    }
  }
  return ratio;
}

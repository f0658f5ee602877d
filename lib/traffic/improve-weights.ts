import type { Floats } from '../graph';
import { loadsOf, type SplitLimits, type Weights } from './weights';

/** Close enough to the goal that no reader could see the difference. */
const closeRatio = 1e-4;

/** Moves after which the search stops; each empties the fullest link a little. */
const mostMoves = 20_000;

/**
 * Local search in place (Fortz and Thorup 2000 for the setting): takes the fullest link and moves some units
 * of a demand that crosses it to another of the demand's paths, if every link on that path stays emptier
 * than the fullest is now; of all such moves, the one that leaves the two paths emptiest. The sorted list of
 * utilisations falls with every move, so it ends: at the goal, or where the fullest link has no move left.
 */
export function improveWeights(
  capacity: Floats,
  all: readonly Weights[],
  { mostPaths, units }: SplitLimits,
  goal: number,
): void {
  const load = loadsOf(capacity.length, all);
  const crossing = new Map<number, Set<number>>();
  const note = (i: number, arcs: readonly number[]) => {
    for (const a of arcs) {
      const set = crossing.get(a);
      if (set) set.add(i);
      else crossing.set(a, new Set([i]));
    }
  };
  all.forEach(({ paths }, i) => {
    for (const { arcs, weight } of paths) if (weight > 0) note(i, arcs);
  });
  const mark = new Int32Array(capacity.length);
  for (let moves = 1; moves <= mostMoves; moves++) {
    let [full, peak] = [-1, 0];
    for (let a = 0; a < load.length; a++) {
      if (load[a] > 1e-9 && load[a] / capacity[a] > peak * (1 + 1e-12))
        [full, peak] = [a, load[a] / capacity[a]];
    }
    if (full === -1 || peak <= goal * (1 + closeRatio)) return;
    let best: { i: number; from: number; to: number; count: number; worst: number } | null = null;
    const members = [...(crossing.get(full) ?? [])].sort((x, y) => x - y);
    const consider = (i: number, to: number) => {
      const { paths, unitMbps } = all[i];
      const target = paths[to];
      if (target.arcs.includes(full)) return;
      const open = target.weight > 0 ? 0 : 1;
      const used = paths.reduce((sum, p) => sum + (p.weight > 0 ? 1 : 0), 0);
      for (let from = 0; from < paths.length; from++) {
        const { arcs, weight } = paths[from];
        if (weight === 0 || from === to || !arcs.includes(full)) continue;
        const stamp = moves * 2 + 1;
        for (const a of arcs) mark[a] = stamp;
        let room = Infinity;
        for (const a of target.arcs) {
          if (mark[a] !== stamp) room = Math.min(room, peak * capacity[a] - load[a]);
        }
        for (const a of arcs) mark[a] = 0;
        let most = Math.min(weight, Math.floor(room / unitMbps - 1e-7));
        if (used + open > mostPaths) {
          // Only a path that becomes free can make place for this one.
          if (most < weight) continue;
          most = weight;
        }
        // Best where the emptied and the filled path meet; half of the room is near it for equal capacities.
        const counts = used + open > mostPaths ? [weight] : [1, Math.ceil(most / 2), most];
        for (const count of counts) {
          if (count < 1 || count > most || count > units) continue;
          const mbps = count * unitMbps;
          let worst = (load[full] - mbps) / capacity[full];
          for (const a of target.arcs) {
            if (!arcs.includes(a)) worst = Math.max(worst, (load[a] + mbps) / capacity[a]);
          }
          if (worst < peak * (1 - 1e-9) && (best === null || worst < best.worst * (1 - 1e-12)))
            best = { i, from, to, count, worst };
        }
      }
    };
    for (const i of members) for (let to = 0; to < all[i].paths.length; to++) consider(i, to);
    if (best === null) {
      const length = load.map((l, a) => Math.exp(24 * (l / capacity[a] / peak - 1)) / capacity[a]);
      for (const i of members) {
        const arcs = all[i].demand.more?.(length, full) ?? null;
        const { paths } = all[i];
        if (arcs === null || paths.some((p) => same(p.arcs, arcs))) continue;
        paths.push({ arcs, weight: 0 });
        consider(i, paths.length - 1);
      }
    }
    if (best === null) return;
    const { i, from, to, count } = best as { i: number; from: number; to: number; count: number };
    const { paths, unitMbps } = all[i];
    paths[from].weight -= count;
    paths[to].weight += count;
    for (const a of paths[from].arcs) load[a] -= count * unitMbps;
    for (const a of paths[to].arcs) load[a] += count * unitMbps;
    note(i, paths[to].arcs);
    for (const a of paths[from].arcs) {
      if (!paths.some((p) => p.weight > 0 && p.arcs.includes(a))) crossing.get(a)!.delete(i);
    }
  }
}

function same(x: readonly number[], y: readonly number[]): boolean {
  return x.length === y.length && x.every((a, i) => a === y[i]);
}

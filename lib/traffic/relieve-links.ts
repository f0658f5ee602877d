import { sameArcs } from '../routing/same-arcs';
import type { WeightedPath } from './deployable-split';
import type { Weights } from './weights';
import { fullestArc, type SplitChoice } from './split-choice';

/** Moves after which the search stops. */
const mostMoves = 20_000;

/** Some units of a demand, from one of its paths to another. */
interface Move {
  readonly demand: Weights;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mbps that leave the path they had before, for each Mbps that leaves the full link. */
  readonly price: number;
}

/**
 * Takes from links that are too full no more than is too much, in place: the fullest first, by the move of
 * least price, then of most relief, to a path on which no link becomes too full. Units that run over another
 * path than before anyway cost nothing, and earn where they return. Ends within the limit, or where no move
 * is left. `load` is kept up to date.
 *
 * @param had by demand, the weights before.
 */
export function relieveLinks(
  choice: SplitChoice,
  all: readonly Weights[],
  had: readonly (readonly WeightedPath[])[],
  load: Float64Array,
): void {
  const { capacity, mostRatio, limits } = choice;
  for (let moves = 0; moves < mostMoves; moves++) {
    const full = fullestArc(choice, load);
    if (full === -1) return;
    const excess = load[full] - mostRatio * capacity[full];
    let best: Move | null = null;
    const consider = (demand: Weights, k: number, from: number, to: number) => {
      const { paths, unitMbps } = demand;
      const [out, into] = [paths[from], paths[to]];
      if (out.weight === 0 || from === to || !out.arcs.includes(full) || into.arcs.includes(full)) return;
      let room = Infinity;
      for (const a of into.arcs)
        if (!out.arcs.includes(a)) room = Math.min(room, mostRatio * capacity[a] - load[a]);
      const wanted = Math.max(1, Math.ceil(excess / unitMbps - 1e-9));
      const count = Math.min(wanted, Math.floor(room / unitMbps + 1e-9), out.weight);
      const used = paths.filter((p) => p.weight > 0).length;
      if (count < 1 || (into.weight === 0 && used >= limits.mostPaths && count < out.weight)) return;
      const before = (arcs: readonly number[]) => had[k].find((w) => sameArcs(w.arcs, arcs))?.weight ?? 0;
      const leaves = Math.min(count, Math.max(0, before(out.arcs) - (out.weight - count)));
      const returns = Math.min(count, Math.max(0, before(into.arcs) - into.weight));
      // The last unit may relieve more than is too much.
      const relief = Math.min(excess, count * unitMbps);
      const price = ((leaves - returns) * unitMbps) / relief;
      const better =
        best === null ||
        price < best.price - 1e-9 ||
        (price < best.price + 1e-9 && relief > best.count * best.demand.unitMbps * (1 + 1e-9));
      if (better) best = { demand, from, to, count, price };
    };
    const length = Float64Array.from(
      load,
      (l, a) => Math.exp(24 * (l / capacity[a] / mostRatio - 1)) / capacity[a],
    );
    all.forEach((demand, k) => {
      const { paths } = demand;
      if (!paths.some((p) => p.weight > 0 && p.arcs.includes(full))) return;
      const more = demand.demand.more?.(length, full) ?? null;
      if (more !== null && !paths.some((p) => sameArcs(p.arcs, more))) paths.push({ arcs: more, weight: 0 });
      for (let from = 0; from < paths.length; from++)
        for (let to = 0; to < paths.length; to++) consider(demand, k, from, to);
    });
    if (best === null) return;
    const { demand, from, to, count } = best as Move;
    demand.paths[from].weight -= count;
    demand.paths[to].weight += count;
    for (const a of demand.paths[from].arcs) load[a] -= count * demand.unitMbps;
    for (const a of demand.paths[to].arcs) load[a] += count * demand.unitMbps;
  }
}

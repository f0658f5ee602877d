import type { Topology } from '../graph';
import { sameArcs } from '../routing/same-arcs';
import type { WeightedPath } from './deployable-split';
import type { Weights } from './weights';
import { loadsOf } from './weights';
import { flowDemand } from './flow-demand';
import { flowProblem } from './flow-problem';
import { improveWeights } from './improve-weights';
import { morePaths } from './more-paths';
import { compareArcs } from './path-shares';
import { relieveLinks } from './relieve-links';
import { fullestArc, type SplitChoice } from './split-choice';
import type { TrafficDemand } from './traffic-demand';

/** Below the goal by as much as `improveWeights` may end above it. */
const goalRatio = 1 / (1 + 1e-4);

/**
 * Moves single units of `te` splits: what stands stays, units whose path is gone go where they hurt the
 * fullest link least, then local search empties what is too full until the class is within the limit; at
 * last units return where there is room. undefined: local search ends above the limit.
 */
export function moveUnits(
  topology: Topology,
  demands: readonly TrafficDemand[],
  choice: SplitChoice,
): readonly (readonly WeightedPath[])[] | undefined {
  const { capacity, limits, afresh, before, mbps, mostRatio } = choice;
  const routed = demands.map((_, i) => i).filter((i) => afresh[i].length > 0 && mbps[i] > 0);
  const problem = flowProblem(
    topology,
    capacity,
    routed.map((i) => flowDemand(topology, demands[i])),
  );
  const more = morePaths(problem);
  const wanted = routed.map((i) => wantedOf(choice, i));
  const had = routed.map((i, k) => (before[i] ? wanted[k] : []));
  const all = routed.map((i, k): Weights => {
    const start = wanted[k];
    const others = afresh[i].filter((p) => !start.some((s) => sameArcs(s.arcs, p.arcs)));
    const paths = [...start, ...others.map(({ arcs }) => ({ arcs, weight: 0 }))];
    return {
      demand: { mbps: mbps[i], paths: [], more: more(k) },
      unitMbps: mbps[i] / limits.units,
      paths: paths.map(({ arcs, weight }) => ({ arcs, weight })),
    };
  });
  const load = loadsOf(capacity.length, all);
  const order = routed.map((_, k) => k).sort((x, y) => mbps[routed[y]] - mbps[routed[x]] || x - y);
  for (const k of order) placeLost(choice, all[k], load);
  relieveLinks(choice, all, had, load);
  if (fullestArc(choice, load) !== -1) improveWeights(capacity, all, limits, mostRatio * goalRatio);
  if (fullestArc(choice, loadsOf(capacity.length, all)) !== -1) return undefined;
  returnAll(choice, all, wanted, order);
  tryAgain(choice, all, had, wanted, order);
  const result = afresh.map((list) => list);
  routed.forEach((i, k) => (result[i] = splitOf(all[k])));
  const full = fullestArc(choice, loadsOf(capacity.length, all));
  return full === -1 ? result : undefined;
}

/** Lets units return where there is room, then whole splits that could not unit by unit, until none can. */
function returnAll(
  choice: SplitChoice,
  all: readonly Weights[],
  wanted: readonly (readonly WeightedPath[])[],
  order: readonly number[],
): void {
  const load = loadsOf(choice.capacity.length, all);
  for (let returned = true; returned;) {
    returned = false;
    for (const k of order) while (returnUnits(choice, all[k], wanted[k], load)) returned = true;
    for (const k of order) {
      if (weightsOf(wanted[k]) < choice.limits.units || strayUnits(all[k], wanted[k]) === 0) continue;
      const now = all[k].paths.map((p) => p.weight);
      setWeights(all[k], load, weightsOn(all[k], wanted[k]));
      if (fullestArc(choice, load) === -1) returned = true;
      else setWeights(all[k], load, now);
    }
  }
}

/** Most demands that are tried once more. */
const mostTries = 400;

/**
 * Puts one demand after another back as far as it can stand and relieves the links anew; what moves no fewer
 * Mbps is undone. Who goes first decides much, and this is another first each time.
 */
function tryAgain(
  choice: SplitChoice,
  all: readonly Weights[],
  had: readonly (readonly WeightedPath[])[],
  wanted: readonly (readonly WeightedPath[])[],
  order: readonly number[],
): void {
  const moved = () =>
    all.reduce((sum, w, k) => sum + strayUnits(w, had[k]) * w.unitMbps * (had[k].length > 0 ? 1 : 0), 0);
  let least = moved();
  let tries = 0;
  for (let better = true; better;) {
    better = false;
    for (const k of order) {
      if (had[k].length === 0 || strayUnits(all[k], had[k]) === 0 || tries++ >= mostTries) continue;
      const now = all.map(({ paths }) => paths.map((p) => p.weight));
      const load = loadsOf(choice.capacity.length, all);
      setWeights(all[k], load, weightsOn(all[k], wanted[k]));
      placeLost(choice, all[k], load);
      relieveLinks(choice, all, had, load);
      if (fullestArc(choice, load) === -1) returnAll(choice, all, wanted, order);
      const found = moved();
      if (fullestArc(choice, loadsOf(choice.capacity.length, all)) === -1 && found < least - 1e-9) {
        least = found;
        better = true;
      } else all.forEach(({ paths }, x) => paths.forEach((p, j) => (p.weight = now[x][j] ?? 0)));
    }
  }
}

/** Units that run over other paths than these weights say, or in greater numbers. */
function strayUnits({ paths }: Weights, had: readonly WeightedPath[]): number {
  const weights = weightsOn({ paths }, had);
  return paths.reduce((sum, p, j) => sum + Math.max(0, p.weight - weights[j]), 0);
}

/** These weights by the demand's own list of paths. */
function weightsOn({ paths }: Pick<Weights, 'paths'>, had: readonly WeightedPath[]): number[] {
  return paths.map((p) => had.find((w) => sameArcs(w.arcs, p.arcs))?.weight ?? 0);
}

function weightsOf(paths: readonly WeightedPath[]): number {
  return paths.reduce((sum, p) => sum + p.weight, 0);
}

function setWeights({ paths, unitMbps }: Weights, load: Float64Array, weights: readonly number[]): void {
  paths.forEach((p, j) => {
    for (const a of p.arcs) load[a] += (weights[j] - p.weight) * unitMbps;
    p.weight = weights[j];
  });
}

/** What of a demand's previous split can stand, or all of the one chosen anew. */
function wantedOf({ afresh, before }: SplitChoice, i: number): readonly WeightedPath[] {
  const standing = before[i];
  const usable = standing !== undefined && standing.fault !== 'spread' && standing.paths.length > 0;
  return usable ? standing.paths : afresh[i];
}

/** Gives the units that have no path any more to paths, each where the fullest link stays emptiest. */
function placeLost(
  { capacity, limits }: SplitChoice,
  { paths, unitMbps }: Weights,
  load: Float64Array,
): void {
  for (let left = limits.units - weightsOf(paths); left > 0; left--) {
    const used = paths.filter((p) => p.weight > 0).length;
    let [best, bestPeak] = [-1, Infinity];
    paths.forEach(({ arcs, weight }, j) => {
      if (weight === 0 && used >= limits.mostPaths) return;
      const peak = arcs.reduce((p, a) => Math.max(p, (load[a] + unitMbps) / capacity[a]), 0);
      if (best === -1 || peak < bestPeak * (1 - 1e-12)) [best, bestPeak] = [j, peak];
    });
    paths[best].weight++;
    for (const a of paths[best].arcs) load[a] += unitMbps;
  }
}

/** Moves units back to the paths that had them, as many as there is room for; was there any? */
function returnUnits(
  { capacity, limits, mostRatio }: SplitChoice,
  { paths, unitMbps }: Weights,
  wanted: readonly WeightedPath[],
  load: Float64Array,
): boolean {
  const had = weightsOn({ paths }, wanted);
  for (let to = 0; to < paths.length; to++) {
    for (let from = 0; from < paths.length; from++) {
      const [into, out] = [paths[to], paths[from]];
      const most = Math.min(had[to] - into.weight, out.weight - had[from]);
      if (most <= 0) continue;
      let room = Infinity;
      for (const a of into.arcs)
        if (!out.arcs.includes(a)) room = Math.min(room, mostRatio * capacity[a] - load[a]);
      const count = Math.min(most, Math.floor(room / unitMbps + 1e-9));
      const used = paths.filter((p) => p.weight > 0).length;
      const opens = into.weight === 0 && count < out.weight;
      if (count <= 0 || (opens && used >= limits.mostPaths)) continue;
      into.weight += count;
      out.weight -= count;
      for (const a of into.arcs) load[a] += count * unitMbps;
      for (const a of out.arcs) load[a] -= count * unitMbps;
      return true;
    }
  }
  return false;
}

function splitOf({ paths }: Weights): WeightedPath[] {
  return paths
    .filter(({ weight }) => weight > 0)
    .map(({ arcs, weight }) => ({ arcs, weight }))
    .sort((x, y) => y.weight - x.weight || compareArcs(x.arcs, y.arcs));
}

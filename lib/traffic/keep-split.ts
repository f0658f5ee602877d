import type { Floats, Topology } from '../graph';
import { bestPath } from '../routing';
import { withinTolerance } from '../routing/keep-paths';
import { found, newProblem } from '../routing/problem';
import type { Spread } from '../model';
import type { WeightedPath } from './deployable-split';
import type { SplitLimits } from './weights';
import { peakOf } from './weights';
import { fillFairly } from './fill-fairly';
import { roundingRatio } from './fits-links';
import { judgeSplit, type PreviousSplits, type SplitFault } from './judge-split';
import { mixSplits } from './mix-splits';
import { moveUnits } from './move-units';
import { loadOf, movedMbps, sameSplit, sharesOf, type SplitChoice } from './split-choice';
import type { TrafficDemand } from './traffic-demand';
import { boundedRequest } from './traffic-demand';

/** A class with the split that planning it anew gives; lists are by demand. */
export interface AfreshClass {
  readonly topology: Topology;
  readonly capacity: Floats;
  readonly mode: Spread;
  readonly limits: SplitLimits;
  readonly demands: readonly TrafficDemand[];
  readonly paths: readonly (readonly WeightedPath[])[];
  readonly units: number;
  /** Of `te`, the least possible greatest utilisation. */
  readonly offered: number | null;
}

/** What stands of the previous splits of a class. */
export interface KeptSplits {
  /** By demand; the anew ones where nothing stands. */
  readonly paths: readonly (readonly WeightedPath[])[];
  readonly units: number;
  readonly stands: ClassStanding;
}

/** How a class stands to the previous plan. */
export interface ClassStanding {
  /** Does its split differ from the one that planning it anew gives? */
  readonly differs: boolean;
  /** Ids of demands whose previous split stands in the place of another. */
  readonly kept: readonly string[];
  /**
   * The greatest utilisation that the class is held against: of `te` the least possible, of `ecmp` and
   * `wecmp` that of their paths chosen anew; null for `single`, which only has to fit.
   */
  readonly againstRatio: number | null;
  /** Why the previous split of a demand does not stand, by id. */
  readonly faults: ReadonlyMap<string, SplitFault>;
}

/**
 * Keeps the previous splits of a class where they can stand and the class as a whole stays within the
 * tolerance: of `te` the greatest utilisation is at most (1 + tolerance) x the optimum, or what whole weights
 * reach anew, of `ecmp` and `wecmp` (1 + tolerance) x what they have anew; every class must fit if it
 * would anew. Where all together are too much, few are moved: of two ways (`moveUnits`, for `te`, and
 * `mixSplits`) the one that moves fewer Mbps. A `te` class that does not fit even at the optimum keeps all or
 * nothing: all, where no demand is carried worse than anew by more than the tolerance.
 */
export function keepSplits(afresh: AfreshClass, previous: PreviousSplits): KeptSplits {
  const { demands, mode, limits, capacity } = afresh;
  const te = mode === 'te';
  const splits = demands.map((d) => previous.split(d));
  const units = te ? commonUnits(afresh.units, limits.units, splits) : afresh.units;
  const before = demands.map((demand, i) => {
    const split = splits[i];
    if (!split || afresh.paths[i].length === 0 || demand.mbps <= 0) return undefined;
    const good = te ? () => true : goodPath(afresh.topology, demand, previous.toleranceRatio);
    return judgeSplit({ ...afresh, units }, demand, split, good);
  });
  const scale = te ? units / afresh.units : 1;
  const choice: SplitChoice = {
    capacity,
    mbps: demands.map((d) => d.mbps),
    limits: { ...limits, units },
    afresh: afresh.paths.map((list) => list.map(({ arcs, weight }) => ({ arcs, weight: weight * scale }))),
    before,
    mostRatio: limitOf(afresh, previous.toleranceRatio),
  };
  // Nothing to choose: what would stand is what is chosen anew, or nothing would.
  const settled =
    before.every((s) => s === undefined || s.paths.length === 0) ||
    before.every((s, i) => s === undefined || (s.fault === null && sameSplit(s.paths, choice.afresh[i])));
  const over = te && afresh.offered !== null && afresh.offered > 1 + roundingRatio;
  const paths = settled
    ? undefined
    : over
      ? tryAll(choice, previous.toleranceRatio)
      : tryFew(afresh, choice, previous.toleranceRatio);
  const final = paths ?? choice.afresh;
  const differs = final.some((list, i) => !sameSplit(list, choice.afresh[i]));
  const stands = (i: number) => before[i]?.fault === null && sameSplit(final[i], before[i].paths);
  const faults = new Map<string, SplitFault>();
  demands.forEach(({ id }, i) => {
    const standing = before[i];
    if (standing && !stands(i)) faults.set(id, standing.fault ?? 'room');
  });
  return {
    paths: differs ? final : afresh.paths,
    units: differs ? units : afresh.units,
    stands: {
      differs,
      kept: demands.filter((_, i) => stands(i) && !sameSplit(final[i], choice.afresh[i])).map((d) => d.id),
      againstRatio: te
        ? afresh.offered
        : mode === 'single'
          ? null
          : peakOf(capacity, loadOf(capacity, choice.mbps, choice.afresh)),
      faults,
    },
  };
}

/** Finer units of before are kept, where they follow from those asked for by doubling. */
function commonUnits(
  afresh: number,
  asked: number,
  splits: readonly ({ readonly units: number } | undefined)[],
): number {
  const doubled = (units: number) => Number.isInteger(Math.log2(units / asked));
  return splits.reduce((most, s) => (s && doubled(s.units) ? Math.max(most, s.units) : most), afresh);
}

/** Is a path within the tolerance of the best that the demand could take? */
function goodPath(
  topology: Topology,
  demand: TrafficDemand,
  toleranceRatio: number,
): (arcs: readonly number[]) => boolean {
  const request = boundedRequest(topology, demand);
  const { path } = bestPath(topology, request, demand.from, demand.to);
  if (path === null) return () => false;
  const problem = newProblem(request, topology.nodeIndex.get(demand.to)!);
  const best = found(problem, path.arcs);
  return (arcs) => withinTolerance(request, best, found(problem, arcs), toleranceRatio);
}

/** No link of the class may be fuller. */
function limitOf({ mode, offered, ...afresh }: AfreshClass, toleranceRatio: number): number {
  const mbps = afresh.demands.map((d) => d.mbps);
  const own = peakOf(afresh.capacity, loadOf(afresh.capacity, mbps, afresh.paths));
  const against = mode === 'te' ? (offered ?? 0) : own;
  if (against > 1 || mode === 'single') return Math.max(1, own);
  // Whole weights may not reach the optimum: nothing needs to be emptier than anew.
  return Math.min(1, Math.max(own, against * (1 + toleranceRatio)));
}

/** Is every link within the tolerance of the optimum, but for a unit of each demand on it? */
function nearOptimum(
  { offered, capacity }: AfreshClass,
  { mbps, limits }: SplitChoice,
  paths: readonly (readonly WeightedPath[])[],
  toleranceRatio: number,
): boolean {
  const load = loadOf(capacity, mbps, paths);
  const units = new Float64Array(capacity.length);
  paths.forEach((list, i) => {
    for (const a of new Set(list.flatMap((p) => p.arcs))) units[a] += mbps[i] / limits.units;
  });
  const most = Math.min(1, (offered ?? 0) * (1 + toleranceRatio));
  return load.every((l, a) => l <= (most * capacity[a] + units[a]) * (1 + roundingRatio) + 1e-9);
}

/** The way that moves fewest Mbps; undefined: the one chosen anew. */
function tryFew(afresh: AfreshClass, choice: SplitChoice, toleranceRatio: number) {
  const { mode, topology, demands } = afresh;
  const ways = [mode === 'te' ? moveUnits(topology, demands, choice) : undefined, mixSplits(choice)];
  let best: readonly (readonly WeightedPath[])[] | undefined;
  for (const way of ways) {
    if (way === undefined || (mode === 'te' && !nearOptimum(afresh, choice, way, toleranceRatio))) continue;
    if (best === undefined || movedMbps(choice, way) < movedMbps(choice, best) - 1e-9) best = way;
  }
  return best;
}

/** All that can stand, if nobody is carried worse by more than the tolerance; else undefined. */
function tryAll(choice: SplitChoice, toleranceRatio: number) {
  const { afresh, before, mbps, capacity } = choice;
  const all = afresh.map((list, i) => (before[i]?.fault === null ? before[i].paths : list));
  const routed = mbps.map((_, i) => i).filter((i) => mbps[i] > 0 && afresh[i].length > 0);
  const carried = (paths: readonly (readonly WeightedPath[])[]) =>
    fillFairly(
      capacity,
      routed.map((i) => ({ mbps: mbps[i], paths: sharesOf(paths[i]) })),
    );
  const [now, wanted] = [carried(all), carried(afresh)];
  return now.every((r, k) => r >= wanted[k] * (1 - toleranceRatio) - roundingRatio) ? all : undefined;
}

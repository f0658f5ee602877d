import { byText } from '../diagnostics';
import type { Floats, Topology } from '../graph';
import type { QosClass, Spread } from '../model';
import { bestPath } from '../routing';
import { pathOf } from '../routing/path';
import { found, newProblem } from '../routing/problem';
import type { Certificate } from './certificate';
import type { ClassPlacement, LoadedPath, PlacedDemand } from './class-placement';
import type { WeightedPath } from './deployable-split';
import type { SplitLimits } from './weights';
import { deployableSplit } from './deployable-split';
import { fillFairly } from './fill-fairly';
import { fixedSplit } from './fixed-split';
import { flowDemand } from './flow-demand';
import { roundingRatio, utilisationOf } from './fits-links';
import { flowProblem } from './flow-problem';
import type { PreviousSplits } from './judge-split';
import { keepSplits } from './keep-split';
import { routable } from './routable';
import { maxMinFlow } from './max-min-flow';
import { minMaxFlow } from './min-max-flow';
import { morePaths } from './more-paths';
import type { Solver } from './solver';
import { sharesOf } from './split-choice';
import type { TrafficDemand } from './traffic-demand';
import { boundedRequest } from './traffic-demand';

/** What a class is placed with. */
export interface ClassInput {
  readonly topology: Topology;
  /** What the classes above leave, Mbps by arc. */
  readonly capacity: Floats;
  readonly class: QosClass;
  readonly mode: Spread;
  readonly demands: readonly TrafficDemand[];
  readonly limits: SplitLimits;
  readonly solver: Solver | null;
  /** null: all is chosen anew. */
  readonly previous: PreviousSplits | null;
}

/** Of equal cost, where no policy says another (DESIGN section 10). */
const usualToleranceRatio = 0.1;

/** The kernel's greatest next hop weight; finer weights than the sum of it are not tried. */
const mostUnits = 256;

/** Splits of a class before they are filled. */
interface Split {
  readonly paths: readonly (readonly WeightedPath[])[];
  /** What max-min fairness over all splits gives each demand; 1 unless `te` does not fit. */
  readonly fairRatio: Floats;
  readonly refused: readonly (PlacedDemand['refusal'] | null)[];
  readonly lost: readonly number[];
  readonly units: number;
  readonly offered: number | null;
  readonly certificate: Certificate | null;
  readonly method: 'exact' | 'approximate' | null;
}

/**
 * Places one class on what is left. Splits first, by the mode; then what they carry: all, or on full links a
 * max-min fair part. Does not say which demands conflict: see `explainConflict`.
 */
export function placeClass(input: ClassInput): ClassPlacement {
  const { topology, capacity, mode, limits, previous } = input;
  const demands = [...input.demands].sort((x, y) => byText(x.id, y.id));
  const afresh = mode === 'te' ? bestSplit(input, demands) : fixedSplits(input, demands, mode);
  const keep = previous && keepSplits({ topology, capacity, mode, limits, demands, ...afresh }, previous);
  const split = keep ? { ...afresh, ...keep } : afresh;
  const routed = demands.map((_, i) => i).filter((i) => split.paths[i].length > 0 && demands[i].mbps > 0);
  const ratios = fillFairly(
    capacity,
    routed.map((i) => ({ mbps: demands[i].mbps, paths: sharesOf(split.paths[i]) })),
  );
  const ratio = new Float64Array(demands.length);
  routed.forEach((i, k) => (ratio[i] = ratios[k]));

  const load = new Float64Array(capacity.length);
  const placed = demands.map((demand, i): PlacedDemand => {
    const whole = ratio[i] >= 1 - roundingRatio;
    const carriedMbps = whole ? demand.mbps : Math.floor(demand.mbps * ratio[i] * 1e6) / 1e6;
    const request = boundedRequest(topology, demand);
    const problem = newProblem(request, topology.nodeIndex.get(demand.to)!);
    const paths = sharesOf(split.paths[i]).map(({ arcs, share, weight }): LoadedPath => {
      const mbps = Math.round(carriedMbps * share * 1e6) / 1e6;
      for (const a of arcs) load[a] += carriedMbps * share;
      return { path: pathOf(request, found(problem, arcs)), weight, mbps };
    });
    const { id, from, to, mbps } = demand;
    return {
      id,
      from,
      to,
      mbps,
      carriedMbps,
      paths,
      lostRatio:
        mode === 'te' && paths.length > 0 ? Math.max(0, 1 - ratio[i] / split.fairRatio[i]) : split.lost[i],
      refusal: split.refused[i],
    };
  });
  for (let a = 0; a < load.length; a++) load[a] = Math.round(load[a] * 1e6) / 1e6;
  return {
    class: input.class,
    mode,
    demands: placed,
    utilisationRatio: utilisationOf(capacity, load),
    offeredRatio: split.offered,
    certificate: split.certificate,
    units: split.units,
    method: split.method,
    conflict: null,
    stands: keep?.stands ?? null,
    capacityMbps: Float64Array.from(capacity as Float64Array),
    loadMbps: load,
  };
}

function fixedSplits(
  input: ClassInput,
  demands: readonly TrafficDemand[],
  mode: 'single' | 'ecmp' | 'wecmp',
): Split {
  const { topology, capacity, limits } = input;
  const splits = demands.map((d) => {
    const mostPaths = Math.min(limits.mostPaths, d.ecmpPaths ?? Infinity);
    const toleranceRatio = d.ecmpToleranceRatio ?? usualToleranceRatio;
    return fixedSplit(topology, capacity, d, mode, { toleranceRatio, mostPaths, units: limits.units });
  });
  return {
    paths: splits.map((s) => s.paths),
    fairRatio: new Float64Array(demands.length).fill(1),
    refused: splits.map((s) => s.refusal),
    lost: splits.map((s) => s.lostRatio),
    units: limits.units,
    offered: null,
    certificate: null,
    method: null,
  };
}

function bestSplit(input: ClassInput, demands: readonly TrafficDemand[]): Split {
  const { topology, capacity, solver, limits } = input;
  const flows = demands.map((d) => flowDemand(topology, d));
  const open = routable(topology, capacity, flows);
  const refused = demands.map((d, i) =>
    open[i] ? null : bestPath(topology, boundedRequest(topology, d), d.from, d.to).refusal,
  );
  const numbers = demands.map((_, i) => i).filter((i) => open[i]);
  const paths: (readonly WeightedPath[])[] = demands.map(() => []);
  const fairRatio = new Float64Array(demands.length).fill(1);
  const lost = demands.map(() => 0);
  const none = { paths, fairRatio, refused, lost, units: limits.units };
  if (numbers.length === 0) return { ...none, offered: null, certificate: null, method: null };

  const problem = flowProblem(
    topology,
    capacity,
    numbers.map((i) => flows[i]),
  );
  const best = minMaxFlow(problem, solver);
  const over = best.utilisation > 1 + roundingRatio;
  const fair = over ? maxMinFlow(problem, best, solver) : null;
  fair?.ratio.forEach((r, k) => (fairRatio[numbers[k]] = r));
  const more = morePaths(problem);
  const wanted = numbers.map((i, k) => ({
    mbps: flows[i].mbps * Math.max(fairRatio[i], 1e-9),
    // Who gets nothing of full links still has its ways.
    paths: fair && fair.paths[k].length > 0 ? fair.paths[k] : best.paths[k],
    more: more(k),
  }));
  const goal = over ? 0 : best.certificate.bound;
  let { units } = limits;
  let split = deployableSplit(capacity, wanted, limits, goal);
  // Coarse weights must not refuse what fits.
  while (!over && split.utilisation > 1 + roundingRatio && units * 2 <= mostUnits) {
    units *= 2;
    split = deployableSplit(capacity, wanted, { ...limits, units }, goal);
  }
  numbers.forEach((i, k) => (paths[i] = split.paths[k]));
  const { utilisation: offered, certificate, method } = best;
  return { ...none, units, offered, certificate, method };
}

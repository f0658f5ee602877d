import type { Floats } from '../graph';
import { approximateFlow } from './approximate-flow';
import type { Certificate } from './certificate';
import { certify } from './certificate';
import type { FlowProblem } from './flow-problem';
import { leastCapacity } from './flow-problem';
import { tryGenerateColumns } from './generate-columns';
import type { SplitPath } from './path-shares';
import { pathShares } from './path-shares';
import type { Column } from './price-column';
import { priceColumns } from './price-column';
import type { Solver } from './solver';

/** A split of every demand that makes the fullest link as empty as possible. */
export interface MinMaxFlow {
  /** Greatest load / capacity; above 1 when the demands do not fit. */
  readonly utilisation: number;
  /** By demand; shares add up to 1. */
  readonly paths: readonly (readonly SplitPath[])[];
  readonly certificate: Certificate;
  /** `approximate`: no solver was given, or the LP was too large for it. */
  readonly method: 'exact' | 'approximate';
}

/** Where column generation stops, as a share of the optimum. */
export const exactToleranceRatio = 1e-6;

/**
 * Splits demands at least possible maximum link utilisation: the path formulation of multicommodity flow by
 * column generation, within 1e-6 of its optimum, certified by link lengths. Every demand must have a
 * permitted path. Without a solver, or where the LP could outgrow its heap, by `approximateFlow`.
 */
export function minMaxFlow(problem: FlowProblem, solver: Solver | null): MinMaxFlow {
  const { capacity, commodities } = problem;
  const size = Float64Array.from(capacity as Float64Array, (c) => Math.max(c, leastCapacity));
  const first = priceColumns(
    problem,
    size.map((c) => 1 / c),
  ).columns;
  const peak = Math.max(...arcLoads(problem, first).map((load, a) => load / size[a]), 1e-12);
  const scale = size.map((c) => c * peak);
  const tie = tieLengths(problem, scale);
  const generated =
    solver === null
      ? undefined
      : tryGenerateColumns(
          solver,
          problem,
          {
            levelCost: 1,
            mostLevel: Infinity,
            levelCapacity: scale,
            capacity: null,
            levelShare: new Float64Array(commodities.length),
            fixedShare: new Float64Array(commodities.length).fill(1),
            extraCost: null,
            scale,
          },
          first,
          tie,
          exactToleranceRatio,
        );
  const found = generated
    ? { columns: generated.columns, share: generated.answer.share, length: generated.answer.length }
    : approximateFlow(problem, first);
  const paths = pathShares(problem, found.columns, found.share);
  const utilisation = peakOf(problem, paths);
  return {
    utilisation,
    paths,
    certificate: certify(problem, found.length, utilisation),
    method: generated ? 'exact' : 'approximate',
  };
}

/** Mbps by arc when every given column has share 1. */
export function arcLoads(problem: FlowProblem, columns: readonly Column[]): Float64Array {
  const load = new Float64Array(problem.capacity.length);
  for (const { arcs, mbps } of columns) arcs.forEach((a, i) => (load[a] += mbps[i]));
  return load;
}

/**
 * Lengths so small that they never matter but where nothing else does: by latency, so that paths the optimum
 * leaves open are short. Their sum over full links is a ten-millionth of the utilisation's.
 */
export function tieLengths({ topology }: FlowProblem, scale: Floats): Float64Array {
  const { latencyMs } = topology;
  let most = 0;
  for (let a = 0; a < latencyMs.length; a++) most = Math.max(most, latencyMs[a]);
  return Float64Array.from(
    scale as Float64Array,
    (s, a) => ((1e-7 / scale.length) * (0.1 + latencyMs[a] / (most || 1))) / s,
  );
}

function peakOf({ capacity, demands }: FlowProblem, paths: readonly (readonly SplitPath[])[]): number {
  const load = new Float64Array(capacity.length);
  paths.forEach((list, d) => {
    for (const { arcs, share } of list) for (const a of arcs) load[a] += share * demands[d].mbps;
  });
  return load.reduce(
    (most, l, a) => (l > 0 ? Math.max(most, l / Math.max(capacity[a], leastCapacity)) : most),
    0,
  );
}

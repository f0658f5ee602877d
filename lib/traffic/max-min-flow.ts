import type { FlowDemand, FlowProblem } from './flow-problem';
import { flowProblem } from './flow-problem';
import { fillFairly } from './fill-fairly';
import { tryGenerateColumns } from './generate-columns';
import type { MinMaxFlow } from './min-max-flow';
import { exactToleranceRatio, tieLengths } from './min-max-flow';
import type { SplitPath } from './path-shares';
import { pathShares } from './path-shares';
import { splitColumns } from './split-columns';
import { permittedDistance } from './price-column';
import type { Solver } from './solver';

/** Fractions of demands that fit together, and the splits that carry them. */
export interface MaxMinFlow {
  /** By demand, 0 to 1. */
  readonly ratio: Float64Array;
  readonly paths: readonly (readonly SplitPath[])[];
  /** `exact`: no fraction could rise but by lowering a smaller or equal one, over all permitted paths. */
  readonly method: 'exact' | 'approximate';
}

/** Fixed fractions are held a hair lower, so that the next level is feasible whatever the last digits. */
const hair = 1 - 1e-7;

/** Fractions differ by demand: commodities of their own pay for longer here than for one common level. */
const mostOwn = 1200;

/** Levels after which the rest is filled on fixed splits. */
const mostLevels = 60;

/**
 * Lexicographic max-min fairness over all splits (Bertsekas and Gallager 1992; Nace and Pioro 2008 for the
 * routing part): raises all fractions together as far as routing allows, fixes those whose links have a
 * price (they cannot rise in any optimum), and goes on with the others until all are fixed or 1. The first
 * level is 1 / the least maximum utilisation. `start` is the min-max split of the same problem.
 */
export function maxMinFlow(problem: FlowProblem, start: MinMaxFlow, solver: Solver | null): MaxMinFlow {
  const { topology, capacity, demands } = problem;
  const ratio = new Float64Array(demands.length);
  /** By demand: the level at which it was fixed; -1: still rising. */
  const fixed = new Int32Array(demands.length).fill(-1);
  let paths: readonly (readonly SplitPath[])[] = start.paths;
  let reached = Math.min(1, 1 / start.utilisation);
  for (let level = 0; solver !== null && start.method === 'exact' && level < mostLevels; level++) {
    // Splits of the level before carry every fraction reached: the master starts feasible.
    const scaled = demands.map((d, i): FlowDemand =>
      fixed[i] === -1 ? d : { ...d, mbps: d.mbps * ratio[i] * hair },
    );
    const now = flowProblem(topology, capacity, scaled, { groupOf: (i) => fixed[i], mostOwn });
    const first = splitColumns(now, paths);
    const rising = Float64Array.from(now.commodities, ({ demands: [d] }) => (fixed[d] === -1 ? 1 : 0));
    const found = tryGenerateColumns(
      solver,
      now,
      {
        levelCost: -1,
        mostLevel: 1,
        levelCapacity: null,
        capacity,
        levelShare: rising,
        fixedShare: rising.map((r) => 1 - r),
        extraCost: null,
        scale: Float64Array.from(capacity as Float64Array, (c) => Math.max(c, 1e-6)),
      },
      first,
      tieLengths(
        now,
        Float64Array.from(capacity as Float64Array, (c) => Math.max(c, 1e-6)),
      ),
      exactToleranceRatio,
    );
    if (found === undefined) break;
    reached = found.answer.level;
    paths = pathShares(now, found.columns, found.answer.share);
    if (reached >= 1 - 1e-9) {
      fixed.forEach((f, i) => f === -1 && (ratio[i] = 1));
      return { ratio, paths, method: 'exact' };
    }
    const distance = permittedDistance(now, found.answer.length);
    const price = demands.map((d, i) => (fixed[i] === -1 ? d.mbps * distance[i] : 0));
    const sum = price.reduce((x, y) => x + y, 0);
    let more = false;
    price.forEach((p, i) => {
      if (fixed[i] !== -1) return;
      if (p > (1e-7 * sum) / demands.length) {
        fixed[i] = level;
        ratio[i] = reached;
      } else more = true;
    });
    if (!more) return { ratio, paths, method: 'exact' };
  }
  const filled = fillFairly(
    capacity,
    demands.map(({ mbps }, i) => ({ mbps, paths: paths[i], mostRatio: fixed[i] === -1 ? 1 : ratio[i] })),
  );
  return { ratio: filled, paths, method: 'approximate' };
}

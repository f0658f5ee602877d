import type { FlowProblem } from './flow-problem';
import type { Column } from './price-column';
import { columnPath } from './price-column';

/** A path with its part of a demand, 0 to 1. */
export interface SplitPath {
  readonly arcs: readonly number[];
  readonly share: number;
}

/** Shares below this are rounding errors of the solver. */
const leastShare = 1e-9;

/**
 * The paths of every demand from the columns of its commodity: equal paths added up, greatest share first,
 * then by arcs; shares add up to 1.
 */
export function pathShares(
  problem: FlowProblem,
  columns: readonly Column[],
  share: Readonly<Float64Array>,
): SplitPath[][] {
  const used: number[][] = problem.commodities.map(() => []);
  columns.forEach((column, j) => {
    if (share[j] > leastShare) used[column.commodity].push(j);
  });
  const result: SplitPath[][] = problem.demands.map(() => []);
  problem.commodities.forEach((commodity, c) => {
    const total = used[c].reduce((sum, j) => sum + share[j], 0);
    commodity.demands.forEach((d, i) => {
      const paths: { arcs: readonly number[]; share: number }[] = [];
      for (const j of used[c]) {
        const arcs = columnPath(problem, columns[j], i);
        const same = paths.find(
          (p) => p.arcs.length === arcs.length && p.arcs.every((a, k) => a === arcs[k]),
        );
        if (same) same.share += share[j] / total;
        else paths.push({ arcs, share: share[j] / total });
      }
      result[d] = paths.sort((x, y) => y.share - x.share || compareArcs(x.arcs, y.arcs));
    });
  });
  return result;
}

/** Arc numbers in order, the shorter first where one begins the other. */
export function compareArcs(x: readonly number[], y: readonly number[]): number {
  for (let i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return x[i] - y[i];
  return x.length - y.length;
}

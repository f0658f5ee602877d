import type { FlowProblem } from './flow-problem';
import type { Column } from './price-column';
import { columnPath } from './price-column';

/** A path with its part of a demand, 0 to 1. */
export interface SplitPath {
  readonly arcs: readonly number[];
  readonly share: number;
}

/** Shares below this part of the greatest are rounding errors of the solver. */
const leastPart = 1e-9;

/**
 * The paths of every demand from the columns of its commodity: equal paths added up, greatest share first,
 * then by arcs; shares add up to 1, however little of the demand is carried. Where nothing is, the first
 * column's path stands. Every commodity has a column.
 */
export function pathShares(
  problem: FlowProblem,
  columns: readonly Column[],
  share: Readonly<Float64Array>,
): SplitPath[][] {
  const used: number[][] = problem.commodities.map(() => []);
  const most = problem.commodities.map(() => 0);
  columns.forEach(({ commodity }, j) => (most[commodity] = Math.max(most[commodity], share[j])));
  columns.forEach(({ commodity: c }, j) => {
    const first = most[c] <= 0 && used[c].length === 0;
    if (first || share[j] > leastPart * most[c]) used[c].push(j);
  });
  const part = (j: number) => (most[columns[j].commodity] > 0 ? share[j] : 1);
  const result: SplitPath[][] = problem.demands.map(() => []);
  problem.commodities.forEach((commodity, c) => {
    const total = used[c].reduce((sum, j) => sum + part(j), 0);
    commodity.demands.forEach((d, i) => {
      const paths: { arcs: readonly number[]; share: number }[] = [];
      for (const j of used[c]) {
        const arcs = columnPath(problem, columns[j], i);
        const same = paths.find(
          (p) => p.arcs.length === arcs.length && p.arcs.every((a, k) => a === arcs[k]),
        );
        if (same) same.share += part(j) / total;
        else paths.push({ arcs, share: part(j) / total });
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

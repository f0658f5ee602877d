import type { FlowProblem } from './flow-problem';
import type { SplitPath } from './path-shares';
import type { Column } from './price-column';
import { pathsColumn } from './price-column';

/**
 * Columns whose mixture is a given split. The demands of a commodity move together: the line from 0 to 1 is
 * cut wherever one of them changes from one path to the next, and each piece is a column.
 */
export function splitColumns(problem: FlowProblem, paths: readonly (readonly SplitPath[])[]): Column[] {
  return problem.commodities.flatMap((commodity, c) => {
    const ends = commodity.demands.map((d) => {
      let sum = 0;
      return paths[d].map(({ share }) => (sum += share));
    });
    const cuts = [...new Set([0, ...ends.flatMap((list) => list.slice(0, -1))])].sort((x, y) => x - y);
    return cuts.map((cut) =>
      pathsColumn(
        problem,
        commodity,
        c,
        commodity.demands.map((d, i) => {
          const at = ends[i].findIndex((end) => end > cut);
          return paths[d][at === -1 ? paths[d].length - 1 : at].arcs;
        }),
      ),
    );
  });
}

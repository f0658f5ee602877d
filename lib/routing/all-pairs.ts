import type { Topology } from '../graph';
import { keyTree, widthTree } from './backward-search';
import { needsLabels, newProblem } from './problem';
import type { Request } from './request';
import { checkRequest } from './request';
import { everything, solve } from './solve';

/**
 * The best metric of every ordered pair, row by source: value [from x n + to], in ms, USD/GB, Mbps or
 * balanced units. No route: Infinity, of bandwidth 0; a region to itself: 0, of bandwidth Infinity. A search
 * that gave up: NaN.
 */
export function allPairs(topology: Topology, request: Request): Float64Array {
  checkRequest(topology, request);
  const n = topology.nodes.length;
  const values = new Float64Array(n * n);
  const { widest, hopRadix, scale } = request;
  for (let target = 0; target < n; target++) {
    const problem = newProblem(request, target);
    const slow = needsLabels(problem) || request.maxKey < Infinity;
    const tree = slow ? null : widest ? widthTree(request, target) : keyTree(request, target);
    for (let source = 0; source < n; source++) {
      let value: number;
      if (source === target) value = widest ? Infinity : 0;
      else if (tree !== null && request.noTransit[source] === 0) {
        value = widest ? Math.max(0, tree[source]) : Math.floor(tree[source] / hopRadix) / scale;
      } else {
        const best = solve(problem, source, everything);
        if (best === null) value = problem.limited ? NaN : widest ? 0 : Infinity;
        else value = widest ? best.width : Math.floor(best.key / hopRadix) / scale;
        problem.limited = false;
      }
      values[source * n + target] = value;
    }
  }
  return values;
}

import type { Topology } from '../graph';
import { widthTree } from './backward-search';
import { keyMatrix } from './key-matrix';
import { needsLabels, newProblem } from './problem';
import type { Request } from './request';
import { checkRequest } from './request';
import { everything, solve } from './solve';

/**
 * The best metric of every ordered pair, row by source: value [from x n + to], in ms, USD/GB, Mbps or
 * balanced units. No route: Infinity, of bandwidth 0; a region to itself: 0, of bandwidth Infinity. A search
 * that gave up: NaN. Sums over arcs alone are answered together (see `keyMatrix`), all else pair by pair.
 */
export function allPairs(topology: Topology, request: Request): Float64Array {
  checkRequest(topology, request);
  const { widest, hopRadix, scale, maxKey } = request;
  if (widest || needsLabels(newProblem(request, 0)) || request.impossible) return pairByPair(request);
  const values = keyMatrix(request);
  for (let i = 0; i < values.length; i++) {
    values[i] = values[i] > maxKey ? Infinity : Math.floor(values[i] / hopRadix) / scale;
  }
  return values;
}

function pairByPair(request: Request): Float64Array {
  const n = request.topology.nodes.length;
  const values = new Float64Array(n * n);
  const { widest, hopRadix, scale } = request;
  for (let target = 0; target < n; target++) {
    const problem = newProblem(request, target);
    const slow = needsLabels(problem) || request.maxKey < Infinity;
    const tree = slow ? null : widthTree(request, target);
    for (let source = 0; source < n; source++) {
      let value: number;
      if (source === target) value = widest ? Infinity : 0;
      else if (tree !== null && request.noTransit[source] === 0) value = Math.max(0, tree[source]);
      else {
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

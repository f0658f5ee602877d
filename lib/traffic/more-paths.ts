import type { Floats } from '../graph';
import type { FlowProblem, Gate } from './flow-problem';
import type { LengthTree } from './length-tree';
import { lengthTree, treePath } from './length-tree';
import { keepsTo } from './price-column';

/**
 * For local search: a demand's shortest permitted path under lengths that keeps off one arc, or null. Trees
 * are kept while the lengths are the same array and the source is the same. Paths that only a full search
 * would find, for demands with bounds or requirements, are not offered.
 */
export function morePaths(
  problem: FlowProblem,
): (demand: number) => (length: Floats, closedArc: number) => readonly number[] | null {
  let known: { length: Floats; arc: number; trees: Map<Gate, Map<number, LengthTree>> } | null = null;
  return (d) => (length, arc) => {
    const [demand, gate] = [problem.demands[d], problem.gates[d]];
    if (known === null || known.length !== length || known.arc !== arc)
      known = { length, arc, trees: new Map() };
    let trees = known.trees.get(gate);
    if (!trees) known.trees.set(gate, (trees = new Map()));
    let tree = trees.get(demand.source);
    if (!tree) {
      const closed = gate.closed.slice();
      closed[arc] = 1;
      tree = lengthTree(problem.topology, length, { closed, noTransit: gate.noTransit }, demand.source);
      trees.set(demand.source, tree);
    }
    const path = treePath(problem.topology, tree.entering, demand.target);
    return path !== null && keepsTo(problem.topology, demand, path) ? path : null;
  };
}

import { networkGraph } from './network-graph';
import type { Topology } from './topology';

/**
 * The parts of the network between which no link runs, whatever its direction: lists of region ids, each
 * sorted, in the order of their first ids. Drained regions stand alone. O(n + m).
 */
export function components(topology: Topology): string[][] {
  const graph = networkGraph(topology);
  const seen = new Set<string>();
  const parts: string[][] = [];
  for (const start of topology.nodes) {
    if (seen.has(start)) continue;
    const part = [start];
    seen.add(start);
    for (const id of part) {
      graph.forEachNeighbor(id, (neighbour) => {
        if (!seen.has(neighbour)) part.push(neighbour);
        seen.add(neighbour);
      });
    }
    parts.push(part.sort());
  }
  return parts;
}

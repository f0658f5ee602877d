import { MultiDirectedGraph } from 'graphology';
import type { Topology } from './topology';

/** What an edge of the graph knows; its key is `<link id> <from> <to>`. */
export interface EdgeAttributes {
  readonly link: string;
  readonly latencyMs: number;
  /** null: not known. */
  readonly costPerGbUsd: number | null;
  readonly availableMbps: number;
  readonly [key: string]: unknown;
}

/**
 * The topology as a graphology graph, for algorithms that are not worth writing twice; a fresh one each time.
 * O(n + m).
 */
export function networkGraph(
  topology: Topology,
): MultiDirectedGraph<{ country: string | null }, EdgeAttributes> {
  const { nodes, countries, links, tail, head, link, latencyMs, costPerGbUsd, availableMbps } = topology;
  const graph = new MultiDirectedGraph<{ country: string | null }, EdgeAttributes>();
  nodes.forEach((id, v) => graph.addNode(id, { country: countries[v] }));
  for (let a = 0; a < topology.arcCount; a++) {
    const [from, to, id] = [nodes[tail[a]], nodes[head[a]], links[link[a]]];
    graph.addDirectedEdgeWithKey(`${id} ${from} ${to}`, from, to, {
      link: id,
      latencyMs: latencyMs[a],
      costPerGbUsd: Number.isNaN(costPerGbUsd[a]) ? null : costPerGbUsd[a],
      availableMbps: availableMbps[a],
    });
  }
  return graph;
}

import { bidirectional } from 'graphology-shortest-path/dijkstra';
import type { ArcInput } from '../../lib/graph';
import { freezeTopology, networkGraph } from '../../lib/graph';
import { allPairs, compileRequest, tryBestPath } from '../../lib/routing';
import { seeded } from '../support/random-seeded';

describe.each([
  [1, 100, 400],
  [2, 150, 2000],
  [3, 200, 700],
])('on a random network, seed %d, %d regions, %d arcs', (seed, n, m) => {
  const random = seeded(seed);
  const arcs: ArcInput[] = Array.from({ length: m }, (_, i) => {
    const a = random.whole(0, n - 1);
    const b = (a + random.whole(1, n - 1)) % n;
    const figures = {
      latencyMs: random.whole(1, 2000) / 10,
      costPerGbUsd: random.whole(1, 90) / 1000,
      availableMbps: random.whole(1, 100),
    };
    return { from: `r${a}`, to: `r${b}`, link: `l${i}`, ...figures };
  });
  const topology = freezeTopology({ nodes: Array.from({ length: n }, (_, i) => `r${i}`), arcs });
  const graph = networkGraph(topology);

  it.each([
    ['latency', 'latencyMs'],
    ['cost', 'costPerGbUsd'],
  ] as const)('the best %s is what graphology finds', (strategy, figure) => {
    const request = compileRequest(topology, { strategy });
    const matrix = allPairs(topology, request);
    for (let i = 0; i < 200; i++) {
      const [from, to] = [`r${random.whole(0, n - 1)}`, `r${random.whole(0, n - 1)}`];
      if (from === to) continue;
      const nodes = bidirectional(graph, from, to, figure) as string[] | null;
      const path = tryBestPath(topology, request, from, to);
      expect(path === undefined).toBe(nodes === null);
      if (nodes === null || path === undefined) continue;
      const hops = nodes
        .slice(1)
        .map((head, k) =>
          Math.min(...graph.outEdges(nodes[k], head).map((e) => graph.getEdgeAttribute(e, figure) as number)),
        );
      expect(path.metric).toBeCloseTo(
        hops.reduce((s, x) => s + x, 0),
        6,
      );
      expect(matrix[topology.nodeIndex.get(from)! * n + topology.nodeIndex.get(to)!]).toBe(path.metric);
    }
  });
});

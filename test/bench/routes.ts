import { dijkstra } from 'graphology-shortest-path';
import { freezeTopology, networkGraph } from '../../lib/graph';
import { allPairs, compileRequest, tryBestPath } from '../../lib/routing';
import { meshGraph } from '../support/formula-graphs';
import { interleave, type Timing } from './measure';

/** Timings of one question, ours first. */
export interface RouteRoom {
  readonly title: string;
  readonly timings: readonly Timing[];
}

/**
 * Routes on the complete graph of 100 regions, 9,900 directed links, by latency. @throws if ours and the
 * peer disagree.
 */
export function routeRooms(): RouteRoom[] {
  const input = meshGraph(100);
  const topology = freezeTopology(input);
  const graph = networkGraph(topology);
  const n = topology.nodes.length;
  const compiled = compileRequest(topology, { strategy: 'latency' });
  const pair = (round: number): [number, number] => {
    const from = (round * 37) % n;
    return [from, (from + 1 + ((round * 61) % (n - 1))) % n];
  };
  const peer = (from: number, to: number) =>
    dijkstra.bidirectional(graph, topology.nodes[from], topology.nodes[to], 'latencyMs') as string[];

  for (let round = 0; round < 200; round++) {
    const [from, to] = pair(round);
    const ours = tryBestPath(topology, compiled, from, to)!.latencyMs;
    const path = peer(from, to);
    const hop = (a: string, b: string) => graph.getEdgeAttribute(graph.outEdges(a, b)[0], 'latencyMs');
    const theirs = path.slice(1).reduce((sum, id, i) => sum + hop(path[i], id), 0);
    if (ours !== theirs) throw new Error(`pair ${from} to ${to}: ${ours} ms against ${theirs} ms`);
  }
  const one = interleave(
    [
      { name: 'one pair, nothing kept', run: (round) => tryBestPath(topology, compiled, ...pair(round)) },
      {
        name: 'one pair, request compiled too',
        run: (round) =>
          tryBestPath(topology, compileRequest(topology, { strategy: 'latency' }), ...pair(round)),
      },
      { name: 'graphology dijkstra.bidirectional', run: (round) => peer(...pair(round)) },
    ],
    200,
    50,
    5,
  );
  const all = interleave(
    [
      {
        name: 'all 9,900 pairs',
        run: () => allPairs(topology, compileRequest(topology, { strategy: 'latency' })),
      },
      {
        name: 'graphology dijkstra.singleSource, 100 sources',
        run: () => topology.nodes.map((id) => dijkstra.singleSource(graph, id, 'latencyMs')),
      },
    ],
    7,
    2,
  );
  return [
    { title: 'one route, mesh 100', timings: one },
    { title: 'all pairs, mesh 100', timings: all },
  ];
}

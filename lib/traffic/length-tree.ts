import type { Floats, Topology } from '../graph';
import { NodeHeap } from '../routing/node-heap';
import type { Gate } from './flow-problem';

/** Shortest paths from one source under arc lengths. */
export interface LengthTree {
  /** By node; Infinity: not reached. */
  readonly distance: Float64Array;
  /** The arc by which the path enters, by node; -1 at the source and where there is no path. */
  readonly entering: Int32Array;
  /** Nodes in the order in which they were settled, the source first. */
  readonly order: readonly number[];
}

/**
 * Dijkstra (1959) from a source under lengths of 0 or more, through a gate. Ties go to the arc with the
 * smaller number, so equal lengths give equal trees. O((n + m) log n).
 */
export function lengthTree(topology: Topology, length: Floats, gate: Gate, source: number): LengthTree {
  const { first, head } = topology;
  const { closed, noTransit } = gate;
  const n = topology.nodes.length;
  const distance = new Float64Array(n).fill(Infinity);
  const entering = new Int32Array(n).fill(-1);
  const order: number[] = [];
  const settled = new Uint8Array(n);
  const heap = new NodeHeap(distance);
  distance[source] = 0;
  heap.offer(source);
  while (heap.size > 0) {
    const v = heap.pop();
    settled[v] = 1;
    order.push(v);
    if (noTransit[v] === 1 && v !== source) continue;
    const d = distance[v];
    for (let a = first[v], end = first[v + 1]; a < end; a++) {
      const u = head[a];
      const through = d + length[a];
      if (closed[a] === 1 || settled[u] === 1 || through > distance[u]) continue;
      if (through === distance[u] && entering[u] <= a) continue;
      distance[u] = through;
      entering[u] = a;
      heap.offer(u);
    }
  }
  return { distance, entering, order };
}

/** The arcs to a node in order; null: the tree does not reach it. */
export function treePath(
  topology: Topology,
  entering: Readonly<Int32Array>,
  target: number,
): number[] | null {
  const arcs: number[] = [];
  for (let a = entering[target]; a !== -1; a = entering[topology.tail[a]]) arcs.push(a);
  return arcs.length === 0 ? null : arcs.reverse();
}

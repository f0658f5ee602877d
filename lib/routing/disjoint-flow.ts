import type { Topology } from '../graph';
import { keyTree, searchBack } from './backward-search';
import { NodeHeap } from './node-heap';
import type { Request } from './request';

/** The least total key of two disjoint paths, and the arcs that an optimal pair can use. */
export interface DisjointFlow {
  readonly totalKey: number;
  /** By arc, 0: some optimal pair may use it; 1: none does. Working memory, valid until the next flow. */
  readonly useless: Float64Array;
}

/**
 * Working memory of one topology. A node v of the first path, entered at v, is left at v + n where nodes have
 * capacity one; any other is both at v.
 */
interface Scratch {
  readonly distance: Float64Array;
  readonly heap: NodeHeap;
  /** Least key to the target by node. */
  readonly potential: Float64Array;
  /** The arc of the first path that leaves a node; -1: none. */
  readonly onward: Int32Array;
  readonly useless: Float64Array;
}

const scratches = new WeakMap<Topology, Scratch>();

function scratchOf(topology: Topology): Scratch {
  let scratch = scratches.get(topology);
  if (!scratch) {
    const n = topology.nodes.length;
    const distance = new Float64Array(2 * n);
    scratch = {
      distance,
      heap: new NodeHeap(distance),
      potential: new Float64Array(n),
      onward: new Int32Array(n).fill(-1),
      useless: new Float64Array(topology.arcCount),
    };
    scratches.set(topology, scratch);
  }
  return scratch;
}

/**
 * The cheapest pair of link-disjoint or node-disjoint paths by two augmentations of a flow (Suurballe 1974,
 * Suurballe and Tarjan 1984, Bhandari 1999); null if there is no such pair. Only for additive metrics,
 * without bounds and requirements. The first is a best path and needs no search, as the target's tree is
 * known; the second is a search against the arcs by reduced keys, which ends at the source. By complementary
 * slackness every optimal pair keeps to arcs whose reduced key is not positive, which the tie rule then
 * chooses among. Both directions of one link are never used at once: as keys are positive, leaving both out
 * would be cheaper. Arcs below a width can be closed. O((n + m) log n).
 */
export function disjointFlow(
  request: Request,
  source: number,
  target: number,
  byNode: boolean,
  belowWidth = -Infinity,
): DisjointFlow | null {
  const { topology, key, inKey, inWidth, noTransit } = request;
  const { tail, head, first, inFirst, inTail, inArc, arcCount, availableMbps } = topology;
  const n = topology.nodes.length;
  const { distance, heap, potential, onward, useless } = scratchOf(topology);
  potential.set(
    belowWidth === -Infinity
      ? keyTree(request, target)
      : searchBack(request, target, -1, { nodes: null, arcs: null, belowWidth, firstArcs: [] }),
  );
  if (noTransit[source] === 1) {
    // The tree leaves such a source out.
    for (let a = first[source]; a < first[source + 1]; a++) {
      if (availableMbps[a] < belowWidth) continue;
      potential[source] = Math.min(potential[source], key[a] + potential[head[a]]);
    }
  }
  if (potential[source] === Infinity) return null;
  for (let v = source; v !== target; v = head[onward[v]]) {
    let next = first[v];
    while (availableMbps[next] < belowWidth || key[next] + potential[head[next]] !== potential[v]) next++;
    onward[v] = next;
  }
  const leave = (v: number) => (byNode && v !== source && onward[v] !== -1 ? v + n : v);

  distance.fill(Infinity);
  heap.clear();
  const offer = (state: number, through: number) => {
    if (through >= distance[state]) return;
    distance[state] = through;
    heap.offer(state);
  };
  offer(target, 0);
  while (heap.size > 0) {
    const state = heap.pop();
    if (state === source) break;
    const v = state < n ? state : state - n;
    const d = distance[state];
    if (state < n) {
      for (let i = inFirst[v], end = inFirst[v + 1]; i < end; i++) {
        const u = inTail[i];
        if (onward[u] === inArc[i] || potential[u] === Infinity || inWidth[i] < belowWidth) continue;
        offer(leave(u), d + (inKey[i] + potential[v] - potential[u]));
      }
      // Back within a node that the first path runs through.
      if (leave(v) !== v) offer(leave(v), d);
    }
    // Back along the first path, which gives up an arc: its reduced key is 0.
    if (onward[v] !== -1 && state === leave(v)) offer(head[onward[v]], d);
  }
  const more = distance[source];
  const lengthFrom = (state: number, v: number) => potential[v] + Math.min(distance[state], more);
  useless.fill(1);
  for (let a = 0; more < Infinity && a < arcCount; a++) {
    const [u, v] = [tail[a], head[a]];
    if (u === target || v === source || availableMbps[a] < belowWidth) continue;
    if (potential[u] === Infinity || potential[v] === Infinity) continue;
    if (key[a] + lengthFrom(v, v) - lengthFrom(leave(u), u) <= 0) useless[a] = 0;
  }
  for (let v = source; v !== target;) {
    const next = onward[v];
    onward[v] = -1;
    v = head[next];
  }
  return more < Infinity ? { totalKey: 2 * potential[source] + more, useless } : null;
}

import { NodeHeap } from './node-heap';
import type { Request } from './request';

/** The least total key of two disjoint paths, and the arcs that an optimal pair can use. */
export interface DisjointFlow {
  readonly totalKey: number;
  /** By arc, 0: some optimal pair may use it; 1: none does. */
  readonly useless: Float64Array;
}

/**
 * The cheapest pair of link-disjoint or node-disjoint paths by two augmentations of a flow with reduced costs
 * (Suurballe 1974, Suurballe and Tarjan 1984, Bhandari 1999); null if there is no such pair. Only for
 * additive metrics, without bounds and requirements. By complementary slackness every optimal pair keeps to
 * arcs whose reduced cost is not positive, which the tie rule then chooses among. Both directions of one link
 * are never used at once: as keys are positive, leaving both out would be cheaper. Arcs below a width can be
 * closed. O((n + m) log n).
 */
export function disjointFlow(
  request: Request,
  source: number,
  target: number,
  byNode: boolean,
  belowWidth = -Infinity,
): DisjointFlow | null {
  const { topology, key, noTransit } = request;
  const { tail, head, arcCount, availableMbps } = topology;
  const n = topology.nodes.length;
  // Node v is entered at v and left at v + n when nodes have capacity one; else both are v.
  const out = (v: number) => (byNode ? v + n : v);
  const size = byNode ? 2 * n : n;
  const edges = 2 * (arcCount + (byNode ? n : 0));
  const to = new Int32Array(edges);
  const cost = new Float64Array(edges);
  const room = new Uint8Array(edges);
  const next = new Int32Array(edges);
  const first = new Int32Array(size).fill(-1);
  let count = 0;
  const join = (from: number, into: number, price: number, open: boolean) => {
    for (const [x, y, c, r] of [
      [from, into, price, open ? 1 : 0],
      [into, from, -price, 0],
    ] as const) {
      to[count] = y;
      cost[count] = c;
      room[count] = r;
      next[count] = first[x];
      first[x] = count++;
    }
  };
  const passes = (v: number) => v === source || v === target || noTransit[v] === 0;
  for (let a = 0; a < arcCount; a++) {
    const open = key[a] < Infinity && availableMbps[a] >= belowWidth && passes(tail[a]) && passes(head[a]);
    const useful = head[a] !== source && tail[a] !== target;
    join(out(tail[a]), head[a], open ? key[a] : 0, open && useful);
  }
  if (byNode) for (let v = 0; v < n; v++) join(v, v + n, 0, v !== source && v !== target);

  const potential = new Float64Array(size);
  const distance = new Float64Array(size);
  const heap = new NodeHeap(distance);
  const via = new Int32Array(size);
  const [start, end] = [out(source), target];
  for (let round = 0; round < 2; round++) {
    distance.fill(Infinity);
    heap.clear();
    distance[start] = 0;
    heap.offer(start);
    while (heap.size > 0) {
      const x = heap.pop();
      for (let e = first[x]; e !== -1; e = next[e]) {
        if (room[e] === 0) continue;
        const through = distance[x] + cost[e] + potential[x] - potential[to[e]];
        if (through >= distance[to[e]]) continue;
        distance[to[e]] = through;
        via[to[e]] = e;
        heap.offer(to[e]);
      }
    }
    if (distance[end] === Infinity) return null;
    for (let x = 0; x < size; x++) potential[x] += Math.min(distance[x], distance[end]);
    for (let x = end; x !== start; x = to[via[x] ^ 1]) {
      room[via[x]] = 0;
      room[via[x] ^ 1] = 1;
    }
  }
  const useless = new Float64Array(arcCount).fill(1);
  let totalKey = 0;
  for (let a = 0; a < arcCount; a++) {
    const e = 2 * a;
    const used = room[e ^ 1] === 1;
    if (used) totalKey += key[a];
    const tight = room[e] === 1 && cost[e] + potential[out(tail[a])] - potential[head[a]] <= 0;
    if (used || tight) useless[a] = 0;
  }
  return { totalKey, useless };
}

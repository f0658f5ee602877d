import type { Topology } from '../graph';
import { NodeHeap } from './node-heap';
import type { Request } from './request';

/**
 * Working memory of one topology. Each search leaves it to the next; nothing of it is ever handed to a
 * caller.
 */
interface Scratch {
  readonly distance: Float64Array;
  readonly heap: NodeHeap;
  /** Distance and what is at least ahead: the order of a directed search. */
  readonly rank: Float64Array;
  readonly rankHeap: NodeHeap;
  /** Zero for every node: nothing is known to be ahead. */
  readonly nowhere: Float64Array;
}

const scratches = new WeakMap<Topology, Scratch>();

function scratchOf(topology: Topology): Scratch {
  let scratch = scratches.get(topology);
  if (!scratch) {
    const distance = new Float64Array(topology.nodes.length);
    const rank = new Float64Array(topology.nodes.length);
    const nowhere = new Float64Array(topology.nodes.length);
    scratch = { distance, heap: new NodeHeap(distance), rank, rankHeap: new NodeHeap(rank), nowhere };
    scratches.set(topology, scratch);
  }
  return scratch;
}

/** What a backward search may not use. */
export interface Closed {
  /** 1: the node is closed. */
  readonly nodes: Uint8Array | null;
  /** Above 0: the arc is closed. */
  readonly arcs: Float64Array | null;
  /** Arcs with less available bandwidth are closed. */
  readonly belowWidth: number;
  /** Arcs that may not be the first. */
  readonly firstArcs: readonly number[];
}

const nothingClosed: Closed = { nodes: null, arcs: null, belowWidth: -Infinity, firstArcs: [] };

/** Searches from one source after which its own tree is made, to direct those that follow. */
const directedAfter = 3;

/**
 * Dijkstra (1959) from the target against the arcs: by node the least key to the target, Infinity if there is
 * none. With `source` the labels on best paths from there are final, others may be too great: what lies
 * further than the best path is not looked at, and once the source has a tree of its own that tree directs
 * the search (A*: Hart, Nilsson, Raphael 1968; its figures never fall by more than an arc's key along it, so
 * each node is taken once). Nodes as far as the best path are looked at, for the tie rule. The array is
 * working memory, valid until the next search of this topology. O((n + m) log n).
 */
export function searchBack(
  request: Request,
  target: number,
  source = -1,
  closed = nothingClosed,
): Float64Array {
  const { inFirst, inTail, inArc } = request.topology;
  const { inKey, inWidth, noTransit } = request;
  const { nodes, arcs, belowWidth, firstArcs } = closed;
  const tree = source === -1 ? undefined : sourceTree(request, source);
  const { distance, rank, rankHeap: heap, nowhere } = scratchOf(request.topology);
  const ahead = tree ?? nowhere;
  distance.fill(Infinity);
  heap.clear();
  distance[target] = 0;
  rank[target] = ahead[target];
  heap.offer(target);
  let bound = Infinity;
  while (heap.size > 0) {
    const v = heap.pop();
    if (rank[v] > bound) break;
    if (v === source) continue;
    const d = distance[v];
    for (let i = inFirst[v], end = inFirst[v + 1]; i < end; i++) {
      const through = d + inKey[i];
      const u = inTail[i];
      if (through >= distance[u]) continue;
      const whole = through + ahead[u];
      if (whole > bound || whole === Infinity) continue;
      if (inWidth[i] < belowWidth) continue;
      if (nodes !== null && nodes[u] === 1) continue;
      if (arcs !== null && arcs[inArc[i]] > 0) continue;
      if (u === source) {
        if (firstArcs.length > 0 && firstArcs.includes(inArc[i])) continue;
        bound = through;
      } else if (noTransit[u] === 1) continue;
      distance[u] = through;
      rank[u] = whole;
      heap.offer(u);
    }
  }
  return distance;
}

/**
 * By node the least key from a source, with nothing closed; Infinity if there is no path. Kept with the
 * request; undefined before the source has had a few searches, which would not be worth a tree.
 */
function sourceTree({ topology, key, noTransit, memo }: Request, source: number): Float64Array | undefined {
  const known = memo.sourceTrees[source];
  if (known !== undefined) return known;
  const searches = (memo.searchesFrom[source] ?? 0) + 1;
  memo.searchesFrom[source] = searches;
  if (searches <= directedAfter) return undefined;
  const { first, head } = topology;
  const { distance, heap } = scratchOf(topology);
  distance.fill(Infinity);
  heap.clear();
  distance[source] = 0;
  heap.offer(source);
  while (heap.size > 0) {
    const u = heap.pop();
    if (noTransit[u] === 1 && u !== source) continue;
    for (let a = first[u], end = first[u + 1]; a < end; a++) {
      const through = distance[u] + key[a];
      if (through >= distance[head[a]]) continue;
      distance[head[a]] = through;
      heap.offer(head[a]);
    }
  }
  return (memo.sourceTrees[source] = distance.slice());
}

/** The whole tree of a target, kept with the request. Nodes that allow no transit have Infinity. */
export function keyTree(request: Request, target: number): Float64Array {
  return (request.memo.keyTrees[target] ??= searchBack(request, target).slice());
}

/**
 * Widest paths by the same search: by node the most bandwidth a path to the target can have, negative;
 * Infinity if there is no path. With `source` it stops there, and only the source's figure counts. Working
 * memory, as above.
 */
export function searchWidestBack(
  request: Request,
  target: number,
  source = -1,
  closed = nothingClosed,
): Float64Array {
  const { inFirst, inTail, inArc } = request.topology;
  const { inKey, inWidth, noTransit } = request;
  const { nodes, arcs, firstArcs } = closed;
  const { distance, heap } = scratchOf(request.topology);
  distance.fill(Infinity);
  heap.clear();
  distance[target] = -Infinity;
  heap.offer(target);
  let bound = Infinity;
  while (heap.size > 0) {
    const v = heap.pop();
    const d = distance[v];
    if (v === source || d >= bound) break;
    for (let i = inFirst[v], end = inFirst[v + 1]; i < end; i++) {
      const u = inTail[i];
      const through = d > -inWidth[i] ? d : -inWidth[i];
      if (through >= distance[u] || through >= bound || inKey[i] === Infinity) continue;
      if (nodes !== null && nodes[u] === 1) continue;
      if (arcs !== null && arcs[inArc[i]] > 0) continue;
      if (u === source) {
        if (firstArcs.length > 0 && firstArcs.includes(inArc[i])) continue;
        bound = through;
      } else if (noTransit[u] === 1) continue;
      distance[u] = through;
      heap.offer(u);
    }
  }
  return distance;
}

/**
 * The widest tree of a target, kept with the request: most bandwidth by node, -Infinity where there is no
 * path.
 */
export function widthTree(request: Request, target: number): Float64Array {
  return (request.memo.widthTrees[target] ??= searchWidestBack(request, target).map((d) => -d));
}

/**
 * Least sum of any arc figures to the target over open arcs; the bounds of constrained searches. Bellman-Ford
 * with a queue: figures may be zero, and this runs once per target. Kept with the request by the caller.
 */
export function leastToTarget(
  request: Request,
  target: number,
  figure: (arc: number) => number,
): Float64Array {
  const { inFirst, inArc, inTail } = request.topology;
  const least = new Float64Array(request.topology.nodes.length).fill(Infinity);
  least[target] = 0;
  let front = [target];
  while (front.length > 0) {
    const next = new Set<number>();
    for (const v of front) {
      for (let i = inFirst[v]; i < inFirst[v + 1]; i++) {
        const u = inTail[i];
        const through = least[v] + figure(inArc[i]);
        if (request.inKey[i] === Infinity || through >= least[u]) continue;
        least[u] = through;
        if (request.noTransit[u] === 0) next.add(u);
      }
    }
    front = [...next];
  }
  return least;
}

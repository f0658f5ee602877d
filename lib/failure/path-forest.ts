import type { Topology } from '../graph';
import type { Request } from '../routing';
import { keyMatrix } from '../routing/key-matrix';

/**
 * The best path of every ordered pair as one reverse tree for each target. Row t holds the tree of target t.
 * Nobody writes to it after it is made: what a failure changes stands in a repair of its own.
 */
export interface PathForest {
  readonly topology: Topology;
  readonly request: Request;
  /** Metric and hops in one number (`Request.key`) from node v to t at [t n + v]; Infinity: no path. */
  readonly distance: Float64Array;
  /** The arc that leaves v towards t by the tie rule (metric, hops, link ids); -1: none. */
  readonly next: Int32Array;
}

/**
 * All trees, from the distances of all pairs (see `keyMatrix`). Throws RangeError for requests that trees do
 * not answer: of another topology, by bandwidth, or with bounds or things required of a whole path.
 */
export function pathForest(topology: Topology, request: Request): PathForest {
  if (request.topology !== topology) throw new RangeError('the request was compiled for another topology');
  const bounded = request.maxHops < Infinity || request.maxLatency < Infinity || request.required > 0;
  if (request.widest || bounded || request.impossible) {
    throw new RangeError('trees hold best paths by a sum over arcs alone, without bounds on the whole path');
  }
  const n = topology.nodes.length;
  const distance = keyMatrix(request, true);
  const next = new Int32Array(n * n).fill(-1);
  for (let target = 0; target < n; target++) {
    const to = distance.subarray(target * n, target * n + n);
    for (let v = 0; v < n; v++) {
      if (v !== target && to[v] < Infinity) next[target * n + v] = nextArc(request, to, target, v);
    }
  }
  return { topology, request, distance, next };
}

/**
 * The living arc on a best path from v to the target with the least link id; links are numbered by id and no
 * link has two arcs out of one node, so following it at each node gives the first path by link ids.
 */
export function nextArc(
  request: Request,
  to: Float64Array,
  target: number,
  v: number,
  dead: Uint8Array | null = null,
): number {
  const { first, head, link } = request.topology;
  let best = -1;
  for (let a = first[v]; a < first[v + 1]; a++) {
    const w = head[a];
    if ((dead !== null && dead[a] === 1) || (request.noTransit[w] === 1 && w !== target)) continue;
    if (to[w] + request.key[a] !== to[v]) continue;
    if (best === -1 || link[a] < link[best]) best = a;
  }
  return best;
}

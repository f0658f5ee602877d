import { NodeHeap } from '../routing/node-heap';
import { nextArc, type PathForest } from './path-forest';

/** The best paths that remain without some arcs. */
export interface RepairedForest {
  /** Pairs whose best path used a dead arc, as source and target by turns; by target, then source. */
  readonly rerouted: Int32Array;
  /** As `PathForest.distance`, node numbers. */
  distance(source: number, target: number): number;
  /** Arc numbers of the best path that remains, null if there is none; empty from a node to itself. */
  tryPath(source: number, target: number): number[] | null;
}

/** A target's tree where it changed. */
interface Row {
  readonly distance: Float64Array;
  readonly next: Int32Array;
}

/**
 * Repairs the trees of a forest after arcs are deleted (Ramalingam and Reps 1996, all deletions at once): in
 * each tree only the nodes whose best path used a dead arc are settled again, from those whose path stands.
 * The forest itself stays as it is, so a repair never sees what failed in another. O(targets x dead arcs)
 * and, for each changed tree, O(n + k d log k) for k nodes of degree d to settle. Throws RangeError on arcs
 * that the topology does not have.
 */
export function repairForest(forest: PathForest, failed: readonly number[]): RepairedForest {
  const { topology, request } = forest;
  const { first, tail, head, inFirst, inArc, inTail, arcCount } = topology;
  const { key, noTransit } = request;
  const n = topology.nodes.length;
  const dead = new Uint8Array(arcCount);
  for (const a of failed) {
    if (!(a >= 0 && a < arcCount)) throw new RangeError(`no arc ${a} in the topology`);
    dead[a] = 1;
  }
  const rows = new Map<number, Row>();
  const rerouted: number[] = [];
  const lost = new Uint8Array(n);
  const to = new Float64Array(n);
  const heap = new NodeHeap(to);

  for (let target = 0; target < n; target++) {
    const base = target * n;
    const list: number[] = [];
    for (const a of failed) {
      const v = tail[a];
      if (forest.next[base + v] !== a || lost[v] === 1) continue;
      lost[v] = 1;
      list.push(v);
    }
    if (list.length === 0) continue;
    for (const v of list) {
      for (let i = inFirst[v]; i < inFirst[v + 1]; i++) {
        const u = inTail[i];
        if (lost[u] === 1 || forest.next[base + u] !== inArc[i]) continue;
        lost[u] = 1;
        list.push(u);
      }
    }
    list.sort((a, b) => a - b);
    to.set(forest.distance.subarray(base, base + n));
    for (const v of list) to[v] = Infinity;
    for (const v of list) {
      for (let a = first[v]; a < first[v + 1]; a++) {
        const w = head[a];
        if (dead[a] === 1 || lost[w] === 1 || (noTransit[w] === 1 && w !== target)) continue;
        if (to[w] + key[a] < to[v]) to[v] = to[w] + key[a];
      }
      if (to[v] < Infinity) heap.offer(v);
    }
    while (heap.size > 0) {
      const v = heap.pop();
      if (noTransit[v] === 1) continue;
      for (let i = inFirst[v]; i < inFirst[v + 1]; i++) {
        const [a, u] = [inArc[i], inTail[i]];
        if (lost[u] === 0 || dead[a] === 1 || to[v] + key[a] >= to[u]) continue;
        to[u] = to[v] + key[a];
        heap.offer(u);
      }
    }
    const next = forest.next.slice(base, base + n);
    for (const v of list) {
      next[v] = to[v] === Infinity ? -1 : nextArc(request, to, target, v, dead);
      lost[v] = 0;
      rerouted.push(v, target);
    }
    rows.set(target, { distance: to.slice(), next });
  }

  return {
    rerouted: Int32Array.from(rerouted),
    distance: (source, target) => rows.get(target)?.distance[source] ?? forest.distance[target * n + source],
    tryPath(source, target) {
      const next = rows.get(target)?.next ?? forest.next.subarray(target * n, target * n + n);
      const arcs: number[] = [];
      for (let v = source; v !== target; v = head[arcs[arcs.length - 1]]) {
        if (next[v] === -1) return null;
        arcs.push(next[v]);
      }
      return arcs;
    },
  };
}

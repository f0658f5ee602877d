import { keyTree } from './backward-search';
import { NodeHeap } from './node-heap';
import { OrderedHeap } from './ordered-heap';
import type { Problem, SuffixBounds } from './problem';

/** Beyond so many required things the bounds ignore them: 2^8 states per node are enough. */
const mostBits = 8;

/**
 * Dijkstra from the target over (node, things collected on the way), without arcs below a width, and without
 * closed nodes. O(2^bits (m + n bits) log).
 */
export function suffixBounds(
  problem: Problem,
  belowWidth: number,
  closedNodes: Uint8Array | null = null,
): SuffixBounds {
  const { request, target, penalty, minimise } = problem;
  const bits = request.required <= mostBits ? request.required : 0;
  if (bits === 0 && !minimise && closedNodes === null)
    return { bits, penalty: null, key: keyTree(request, target) };
  if (bits === 0) return plainBounds(problem, belowWidth, closedNodes);

  const { inFirst, inArc, inTail, link, nodes } = request.topology;
  const sets = 1 << bits;
  const all = sets - 1;
  const bestPenalty = new Float64Array(nodes.length * sets).fill(Infinity);
  const bestKey = new Float64Array(nodes.length * sets).fill(Infinity);
  const heap = new OrderedHeap<readonly [state: number, penalty: number, key: number]>(
    (x, y) => x[1] < y[1] || (x[1] === y[1] && x[2] < y[2]),
  );
  const offer = (state: number, p: number, k: number) => {
    if (p > bestPenalty[state] || (p === bestPenalty[state] && k >= bestKey[state])) return;
    bestPenalty[state] = p;
    bestKey[state] = k;
    heap.push([state, p, k]);
  };
  offer(target * sets + (request.nodeBits[target] & all), 0, 0);
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const [state, p, k] = top;
    if (p !== bestPenalty[state] || k !== bestKey[state]) continue;
    const v = Math.floor(state / sets);
    const collected = state & all;
    for (let i = inFirst[v]; i < inFirst[v + 1]; i++) {
      const [a, u] = [inArc[i], inTail[i]];
      if (request.noTransit[u] === 1 || request.inKey[i] === Infinity || request.inWidth[i] < belowWidth)
        continue;
      if (closedNodes !== null && closedNodes[u] === 1) continue;
      const extra = penalty === null ? 0 : penalty[a];
      if (extra > 0 && !minimise) continue;
      const set = (collected | request.linkBits[link[a]] | request.nodeBits[u]) & all;
      offer(u * sets + set, p + extra, k + request.inKey[i]);
    }
  }
  // What collects more than is missing will do as well.
  for (let bit = 1; bit < sets; bit <<= 1) {
    for (let s = 0; s < bestKey.length; s++) {
      const more = s | bit;
      if ((s & bit) !== 0 || bestPenalty[more] > bestPenalty[s]) continue;
      if (bestPenalty[more] < bestPenalty[s] || bestKey[more] < bestKey[s]) {
        bestPenalty[s] = bestPenalty[more];
        bestKey[s] = bestKey[more];
      }
    }
  }
  return { bits, penalty: bestPenalty, key: bestKey };
}

/**
 * Without things to collect: least penalties first, then least keys along arcs that keep to them. Two
 * searches by one number each are several times faster than one by two.
 */
function plainBounds(problem: Problem, belowWidth: number, closedNodes: Uint8Array | null): SuffixBounds {
  const { request, target, penalty, minimise } = problem;
  const { inFirst, inArc, inTail, nodes } = request.topology;
  const { inKey, inWidth, noTransit } = request;
  const least = (cost: (i: number, v: number, u: number) => number): Float64Array => {
    const best = new Float64Array(nodes.length).fill(Infinity);
    const heap = new NodeHeap(best);
    best[target] = 0;
    heap.offer(target);
    while (heap.size > 0) {
      const v = heap.pop();
      for (let i = inFirst[v], end = inFirst[v + 1]; i < end; i++) {
        const u = inTail[i];
        const through = best[v] + cost(i, v, u);
        if (through >= best[u] || noTransit[u] === 1 || inKey[i] === Infinity || inWidth[i] < belowWidth)
          continue;
        if (closedNodes !== null && closedNodes[u] === 1) continue;
        best[u] = through;
        heap.offer(u);
      }
    }
    return best;
  };
  const extra = (i: number) => {
    const p = penalty === null ? 0 : penalty[inArc[i]];
    return p > 0 && !minimise ? Infinity : p;
  };
  const fewest = least(extra);
  const key = least((i, v, u) => (fewest[v] + extra(i) === fewest[u] ? inKey[i] : Infinity));
  return { bits: 0, penalty: fewest, key };
}

import type { Evaluator } from './evaluate';
import { type Placement, placeFlow } from './place-flow';
import { linkArcs } from './scenario';

/**
 * Who is on which link, where each goes when that link alone fails, and whom that brings onto which other
 * links: what two failures do beyond the sum of both. The users of link l are on[onFirst[l]] to
 * on[onFirst[l + 1] - 1]; such a place k stands for flow on[k] on that link.
 */
export interface PairIndex {
  readonly onFirst: Int32Array;
  readonly on: Int32Array;
  /** Path of flow on[k] when its link alone fails; -1: lost, -2: several. */
  readonly alone: Int32Array;
  /** The block that holds the pairs whose first link is this one; the last one asked for is kept. */
  blockOf(first: number): PairBlock;
}

/**
 * The places that meet in each pair of links whose first is `low` to `high` - 1: those of pair i, j are
 * entry[start[p]] to entry[start[p + 1] - 1] with p = (i - low) n + j, of n links; of the first link, then of
 * the second.
 */
export interface PairBlock {
  readonly low: number;
  readonly high: number;
  readonly start: Int32Array;
  readonly entry: Int32Array;
}

/** Most entries of a block; four bytes each, and the work is the same whatever it is. */
const blockEntries = 8e6;

/** O(sum of path lengths of all flows moved by single failures). */
export function pairIndex({ base }: Evaluator): PairIndex {
  const { table, flowFirst, flow } = base;
  const { topology, paths, partFirst, partPath } = table;
  const { link } = topology;
  const n = topology.links.length;
  const onFirst = new Int32Array(n + 1);
  const users: number[] = [];
  for (let l = 0; l < n; l++) {
    const list = new Set<number>();
    for (const a of linkArcs(topology, l))
      for (let i = flowFirst[a]; i < flowFirst[a + 1]; i++) list.add(flow[i]);
    for (const f of list) users.push(f);
    onFirst[l + 1] = users.length;
  }
  const on = Int32Array.from(users);
  const alone = new Int32Array(on.length);
  const dead = new Uint8Array(topology.arcCount);
  const placed: Placement = { count: 0, path: [], units: [] };
  for (let l = 0; l < n; l++) {
    for (const a of linkArcs(topology, l)) dead[a] = 1;
    for (let k = onFirst[l]; k < onFirst[l + 1]; k++) {
      placeFlow(table, dead, on[k], placed);
      alone[k] = placed.count === 1 ? placed.path[0] : placed.count === 0 ? -1 : -2;
    }
    for (const a of linkArcs(topology, l)) dead[a] = 0;
  }

  const met = new Int32Array(n);
  /** Other links that flow on[k] meets, before or after its own link l fails; each once. */
  const meet = (k: number, l: number, visit: (other: number) => void) => {
    met[l] = k;
    const see = (path: number) => {
      for (let i = paths.first[path], end = paths.first[path + 1]; i < end; i++) {
        const other = link[paths.arc[i]];
        if (met[other] === k) continue;
        met[other] = k;
        visit(other);
      }
    };
    const f = on[k];
    for (let p = partFirst[f]; p < partFirst[f + 1]; p++) see(partPath[p]);
    // The living parts of a flow with several are among its parts.
    if (alone[k] >= 0) see(alone[k]);
  };
  const walk = (from: number, visit: (k: number, l: number, other: number) => void) => {
    met.fill(-1);
    for (let l = from; l < n; l++) {
      for (let k = onFirst[l]; k < onFirst[l + 1]; k++) meet(k, l, (other) => visit(k, l, other));
    }
  };
  const entriesOf = new Float64Array(n);
  walk(0, (_k, l, other) => entriesOf[Math.min(l, other)]++);

  const build = (low: number, high: number): PairBlock => {
    const start = new Int32Array((high - low) * n + 1);
    const pairs = (visit: (pair: number, k: number) => void) =>
      walk(low, (k, l, other) => {
        const i = Math.min(l, other);
        if (i >= low && i < high) visit((i - low) * n + Math.max(l, other), k);
      });
    pairs((p) => start[p + 1]++);
    for (let p = 0; p < start.length - 1; p++) start[p + 1] += start[p];
    const entry = new Int32Array(start[start.length - 1]);
    const next = start.slice();
    // Links are walked rising: the places of the first stand before those of the second.
    pairs((p, k) => (entry[next[p]++] = k));
    return { low, high, start, entry };
  };
  let block: PairBlock | null = null;
  return {
    onFirst,
    on,
    alone,
    blockOf(first) {
      if (block !== null && first >= block.low && first < block.high) return block;
      let [low, high] = [0, 0];
      while (high <= first) {
        low = high;
        let size = entriesOf[high++];
        while (high < n && size + entriesOf[high] <= blockEntries) size += entriesOf[high++];
      }
      return (block = build(low, high));
    },
  };
}

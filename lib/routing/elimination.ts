import type { Request } from './request';

/**
 * A graph of which nodes were taken out one by one, each replaced by shortcuts between its neighbours: the
 * distances between those that are left never changed.
 */
export interface Elimination {
  /** Nodes that are left, rising. */
  readonly core: readonly number[];
  /** The others, in the order in which they went. */
  readonly gone: readonly number[];
  /** By node: of one that is left its neighbours in the core, else those it had when it went. */
  readonly near: readonly (readonly number[])[];
  /** Key to and from the neighbour in the same place; Infinity: no arc that way. */
  readonly to: readonly (readonly number[])[];
  readonly from: readonly (readonly number[])[];
  /** Every key is the same both ways. */
  readonly symmetric: boolean;
}

/** Nodes of more neighbours stay: their shortcuts would cost more than a search of the core saves. */
const mostNeighbours = 12;

/**
 * Takes nodes out, fewest neighbours first (the minimum degree order of Rose 1970). Leaves and chains go at
 * no cost; of backbones, which are nearly planar, little is left. Nodes that allow no transit go before all
 * others, without shortcuts. O(n k^3 + m) for k neighbours at most.
 */
export function eliminate(request: Request): Elimination {
  const n = request.topology.nodes.length;
  const { noTransit } = request;
  const { near, to, from } = neighbours(request);
  const symmetric = to.every((keys, v) => keys.every((key, i) => key === from[v][i]));
  const left = new Uint8Array(n).fill(1);
  const gone: number[] = [];
  const join = (a: number, b: number, key: number) => {
    let i = near[a].indexOf(b);
    if (i === -1) {
      i = near[a].length;
      append(near, to, from, a, b);
      append(near, to, from, b, a);
    }
    if (key >= to[a][i]) return;
    to[a][i] = key;
    from[b][near[b].indexOf(a)] = key;
  };
  const remove = (v: number, bridge: boolean) => {
    left[v] = 0;
    gone.push(v);
    const [near_, to_, from_] = [near[v], to[v], from[v]];
    for (const u of near_) {
      const i = near[u].indexOf(v);
      for (const list of [near[u], to[u], from[u]]) {
        list[i] = list[list.length - 1];
        list.pop();
      }
    }
    if (!bridge) return;
    for (let i = 0; i < near_.length; i++) {
      for (let j = 0; j < near_.length; j++) {
        if (i !== j && from_[i] + to_[j] < Infinity) join(near_[i], near_[j], from_[i] + to_[j]);
      }
    }
  };
  for (let v = 0; v < n; v++) if (noTransit[v] === 1) remove(v, false);

  const queue = Array.from({ length: mostNeighbours + 1 }, (): number[] => []);
  for (let v = n - 1; v >= 0; v--) if (left[v] === 1) queue[near[v].length]?.push(v);
  for (let degree = 0; degree <= mostNeighbours;) {
    const v = queue[degree].pop();
    if (v === undefined) degree++;
    // Whoever changed its number of neighbours stands in another queue too.
    else if (left[v] === 1 && near[v].length === degree) {
      remove(v, true);
      for (const u of near[v]) {
        queue[near[u].length]?.push(u);
        if (near[u].length < degree) degree = near[u].length;
      }
    }
  }
  const core = Array.from({ length: n }, (_, v) => v).filter((v) => left[v] === 1);
  return { core, gone, near, to, from, symmetric };
}

function append(near: number[][], to: number[][], from: number[][], v: number, u: number): void {
  near[v].push(u);
  to[v].push(Infinity);
  from[v].push(Infinity);
}

/** The graph by node, the best of parallel arcs. */
function neighbours({ topology, key, inKey }: Request): Record<'near' | 'to' | 'from', number[][]> {
  const { nodes, first, head, inFirst, inTail } = topology;
  const [near, to, from] = [0, 0, 0].map(() => nodes.map((): number[] => []));
  const place = new Int32Array(nodes.length).fill(-1);
  nodes.forEach((_, v) => {
    const placeOf = (u: number) => {
      if (place[u] === -1) {
        place[u] = near[v].length;
        append(near, to, from, v, u);
      }
      return place[u];
    };
    for (let a = first[v]; a < first[v + 1]; a++) {
      if (key[a] === Infinity) continue;
      const i = placeOf(head[a]);
      if (key[a] < to[v][i]) to[v][i] = key[a];
    }
    for (let i = inFirst[v]; i < inFirst[v + 1]; i++) {
      if (inKey[i] === Infinity) continue;
      const j = placeOf(inTail[i]);
      if (inKey[i] < from[v][j]) from[v][j] = inKey[i];
    }
    for (const u of near[v]) place[u] = -1;
  });
  return { near, to, from };
}

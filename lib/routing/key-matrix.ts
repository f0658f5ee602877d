import { eliminate, type Elimination } from './elimination';
import { NodeHeap } from './node-heap';
import type { Request } from './request';

/**
 * The least key (`Request.key`) of every ordered pair: [from x n + to], or by target [to x n + from].
 * Infinity: no path; 0: a node to itself. Bounds on whole paths do not count. Keys are whole numbers, so this
 * equals a search for each pair to the last digit.
 *
 * Nodes of few neighbours are eliminated, searches answer for those that are left, and the others come back
 * in reverse order, each as a minimum over the rows of its neighbours (Planken, de Weerdt and van der Krogt
 * 2012). O(n^2 k + c (e + c log c)) for k neighbours of an eliminated node, c nodes and e arcs left.
 */
export function keyMatrix(request: Request, byTarget = false): Float64Array {
  const n = request.topology.nodes.length;
  const graph = eliminate(request);
  // Rows and columns stand in the order in which nodes are answered: the core, then the last one gone.
  const order = Int32Array.from([...graph.core, ...[...graph.gone].reverse()]);
  const place = new Int32Array(n);
  order.forEach((v, p) => (place[v] = p));
  const ahead = new Float64Array(n * n);
  // Row v of `back` is column v of `ahead`.
  const back = graph.symmetric ? ahead : new Float64Array(n * n);
  const core = graph.core.length;
  fillCore(graph, place, ahead, n);
  if (back !== ahead) for (let p = 0; p < core; p++) copyColumn(ahead, back, n, p, core);
  for (let p = core; p < n; p++) {
    const v = order[p];
    extend(request, graph.near[v], graph.to[v], place, ahead, v);
    if (back !== ahead) extend(request, graph.near[v], graph.from[v], place, back, v);
    for (let x = 0; x < p; x++) ahead[x * n + p] = back[p * n + x];
    if (back !== ahead) for (let x = 0; x < p; x++) back[x * n + p] = ahead[p * n + x];
  }
  return byNumber(byTarget ? back : ahead, order);
}

/** Least keys between the nodes of the core, to the upper left of the matrix. */
function fillCore({ core, near, to }: Elimination, place: Int32Array, matrix: Float64Array, n: number): void {
  const first = new Int32Array(core.length + 1);
  core.forEach((v, p) => (first[p + 1] = first[p] + near[v].length));
  const head = new Int32Array(first[core.length]);
  const key = new Float64Array(first[core.length]);
  core.forEach((v, p) => {
    for (let i = 0; i < near[v].length; i++) {
      head[first[p] + i] = place[near[v][i]];
      key[first[p] + i] = to[v][i];
    }
  });
  if (first[core.length] > core.length ** 2 / 4) relaxAll(first, head, key, matrix, n);
  else searchAll(first, head, key, matrix, n);
}

/** Of few arcs: a search from each node (Dijkstra 1959). O(c (e + c log c)). */
function searchAll(
  first: Int32Array,
  head: Int32Array,
  key: Float64Array,
  matrix: Float64Array,
  n: number,
): void {
  const distance = new Float64Array(first.length - 1);
  const heap = new NodeHeap(distance);
  for (let source = 0; source < distance.length; source++) {
    distance.fill(Infinity);
    distance[source] = 0;
    heap.offer(source);
    while (heap.size > 0) {
      const v = heap.pop();
      const d = distance[v];
      for (let e = first[v], end = first[v + 1]; e < end; e++) {
        const through = d + key[e];
        if (through >= distance[head[e]]) continue;
        distance[head[e]] = through;
        heap.offer(head[e]);
      }
    }
    matrix.set(distance, source * n);
  }
}

/** Of many arcs: through each node in turn (Floyd 1962). O(c^3), without a heap. */
function relaxAll(
  first: Int32Array,
  head: Int32Array,
  key: Float64Array,
  matrix: Float64Array,
  n: number,
): void {
  const core = first.length - 1;
  for (let v = 0; v < core; v++) {
    matrix.fill(Infinity, v * n, v * n + core);
    for (let e = first[v]; e < first[v + 1]; e++) matrix[v * n + head[e]] = key[e];
    matrix[v * n + v] = 0;
  }
  for (let middle = 0; middle < core; middle++) {
    const row = middle * n;
    for (let v = 0; v < core; v++) {
      const into = v * n;
      const d = matrix[into + middle];
      if (d === Infinity || v === middle) continue;
      for (let x = 0; x < core; x++) {
        const through = d + matrix[row + x];
        if (through < matrix[into + x]) matrix[into + x] = through;
      }
    }
  }
}

/** Row p up to the diagonal: to each node before p by way of the best neighbour. */
function extend(
  { noTransit, topology }: Request,
  near: readonly number[],
  keys: readonly number[],
  place: Int32Array,
  matrix: Float64Array,
  node: number,
): void {
  const n = topology.nodes.length;
  const p = place[node];
  const row = p * n;
  matrix.fill(Infinity, row, row + p);
  const passing = near.map((_, i) => i).filter((i) => noTransit[near[i]] === 0);
  // Two rows at a time: half of the reading and writing of row p.
  for (let i = 0; i < passing.length; i += 2) {
    const [one, two] = [passing[i], passing[Math.min(i + 1, passing.length - 1)]];
    const [first, second] = [place[near[one]] * n, place[near[two]] * n];
    const [key, other] = [keys[one], keys[two]];
    for (let x = 0; x < p; x++) {
      const y = matrix[first + x] + key;
      const z = matrix[second + x] + other;
      const least = y < z ? y : z;
      if (least < matrix[row + x]) matrix[row + x] = least;
    }
  }
  near.forEach((u, i) => {
    // Nothing leads on through such a neighbour.
    if (noTransit[u] === 1 && keys[i] < matrix[row + place[u]]) matrix[row + place[u]] = keys[i];
  });
}

function copyColumn(from: Float64Array, to: Float64Array, n: number, column: number, rows: number): void {
  for (let x = 0; x < rows; x++) to[column * n + x] = from[x * n + column];
}

/** Rows and columns back by node number. */
function byNumber(matrix: Float64Array, order: Int32Array): Float64Array {
  const n = order.length;
  const result = new Float64Array(n * n);
  for (let p = 0; p < n; p++) {
    const [row, into] = [p * n, order[p] * n];
    for (let x = 0; x < n; x++) result[into + order[x]] = matrix[row + x];
  }
  return result;
}

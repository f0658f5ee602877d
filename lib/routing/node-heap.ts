/**
 * Indexed binary heap over node numbers, least distance first, with decrease-key. The distances belong to the
 * caller, who lowers one and then calls `offer`. Made once per size and used again: `clear` costs what is
 * left in it.
 */
export class NodeHeap {
  private readonly heap: Int32Array;
  /** Place in the heap by node; -1: not in it. */
  private readonly place: Int32Array;
  private readonly distance: Float64Array;
  size = 0;

  constructor(distance: Float64Array) {
    this.distance = distance;
    this.heap = new Int32Array(distance.length);
    this.place = new Int32Array(distance.length).fill(-1);
  }

  clear(): void {
    for (let i = 0; i < this.size; i++) this.place[this.heap[i]] = -1;
    this.size = 0;
  }

  /** Takes the node in, or moves it up after its distance fell. */
  offer(node: number): void {
    const { heap, place, distance } = this;
    const d = distance[node];
    let i = place[node] === -1 ? this.size++ : place[node];
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const other = heap[parent];
      if (distance[other] <= d) break;
      heap[i] = other;
      place[other] = i;
      i = parent;
    }
    heap[i] = node;
    place[node] = i;
  }

  /** Takes the nearest node out. Only when `size` is not 0. */
  pop(): number {
    const { heap, place, distance } = this;
    const top = heap[0];
    place[top] = -1;
    const last = heap[--this.size];
    if (this.size === 0) return top;
    const d = distance[last];
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && distance[heap[child + 1]] < distance[heap[child]]) child++;
      const other = heap[child];
      if (distance[other] >= d) break;
      heap[i] = other;
      place[other] = i;
      i = child;
    }
    heap[i] = last;
    place[last] = i;
    return top;
  }
}

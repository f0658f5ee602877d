/** Things that are due at a time; those due at the same time leave as they came. */
export interface DelayQueue<T> {
  readonly size: number;
  /** When the next is due; Infinity when empty. */
  readonly nextMs: number;
  push(dueMs: number, item: T): void;
  /** Takes the next one if it is due by then. O(log n). */
  tryTake(byMs: number): T | undefined;
}

interface Entry<T> {
  readonly dueMs: number;
  readonly order: number;
  readonly item: T;
}

/** An empty queue: a binary heap by time, then by order of arrival. */
export function delayQueue<T>(): DelayQueue<T> {
  const heap: Entry<T>[] = [];
  let order = 0;
  const before = (a: Entry<T>, b: Entry<T>) =>
    a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
  const sink = (entry: Entry<T>) => {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      if (before(entry, heap[child])) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = entry;
  };
  return {
    get size() {
      return heap.length;
    },
    get nextMs() {
      return heap.length === 0 ? Infinity : heap[0].dueMs;
    },
    push(dueMs, item) {
      const entry = { dueMs, order: order++, item };
      let at = heap.length;
      heap.push(entry);
      while (at > 0 && before(entry, heap[(at - 1) >> 1])) {
        heap[at] = heap[(at - 1) >> 1];
        at = (at - 1) >> 1;
      }
      heap[at] = entry;
    },
    tryTake(byMs) {
      if (heap.length === 0 || heap[0].dueMs > byMs) return undefined;
      const { item } = heap[0];
      const last = heap.pop()!;
      if (heap.length > 0) sink(last);
      return item;
    },
  };
}

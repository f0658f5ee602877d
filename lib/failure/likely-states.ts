/** Something that is down for a share of the time, independent of all else. */
export interface Event {
  readonly id: string;
  /** Share of time, 0 to 1. */
  readonly unavailability: number;
  /** Arcs that are dead while it lasts. */
  readonly arcs: readonly number[];
}

/** Which events last, as numbers into the list, rising, and the share of time in which exactly they do. */
export interface State {
  readonly events: readonly number[];
  readonly probability: number;
}

interface Node {
  /** Probability before the last flip, and with it. */
  readonly before: number;
  readonly probability: number;
  /** Flipped events by place in the order, rising. */
  readonly flips: readonly number[];
}

/**
 * The states of independent events in order of falling probability; equal ones in a fixed order. Best first:
 * from the likeliest state by flipping events, likeliest flips first; each state follows from exactly one
 * other, which is no less likely (Lawler 1972). O(log k) and O(events) memory for the k-th.
 */
export function* likelyStates(events: readonly Event[]): Generator<State> {
  const odds = events.map(({ unavailability: u }) => Math.min(u, 1 - u) / Math.max(u, 1 - u));
  const order = events.map((_, i) => i).filter((i) => odds[i] > 0);
  order.sort((a, b) => odds[b] - odds[a] || a - b);
  const usual = events.map(({ unavailability }) => unavailability > 0.5);
  const likeliest = events.reduce((p, { unavailability: u }) => p * Math.max(u, 1 - u), 1);
  const stateOf = ({ flips, probability }: Node): State => {
    const lasts = usual.slice();
    for (const k of flips) lasts[order[k]] = !lasts[order[k]];
    return { events: lasts.flatMap((on, i) => (on ? [i] : [])), probability };
  };
  const queue: Node[] = [];
  const flip = (before: number, flips: readonly number[], k: number) => {
    if (k < order.length) push(queue, { before, probability: before * odds[order[k]], flips: [...flips, k] });
  };
  yield stateOf({ before: likeliest, probability: likeliest, flips: [] });
  flip(likeliest, [], 0);
  while (queue.length > 0) {
    const node = pop(queue);
    yield stateOf(node);
    const last = node.flips[node.flips.length - 1];
    flip(node.probability, node.flips, last + 1);
    flip(node.before, node.flips.slice(0, -1), last + 1);
  }
}

function sooner(a: Node, b: Node): boolean {
  if (a.probability !== b.probability) return a.probability > b.probability;
  const i = a.flips.findIndex((k, at) => k !== b.flips[at]);
  return i === -1
    ? a.flips.length < b.flips.length
    : b.flips[i] === undefined
      ? false
      : a.flips[i] < b.flips[i];
}

function push(heap: Node[], node: Node): void {
  let i = heap.push(node) - 1;
  for (let up = (i - 1) >> 1; i > 0 && sooner(node, heap[up]); up = (i - 1) >> 1) {
    heap[i] = heap[up];
    i = up;
  }
  heap[i] = node;
}

function pop(heap: Node[]): Node {
  const top = heap[0];
  const node = heap.pop()!;
  if (heap.length === 0) return top;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && sooner(heap[child + 1], heap[child])) child++;
    if (!sooner(heap[child], node)) break;
    heap[i] = heap[child];
    i = child;
  }
  heap[i] = node;
  return top;
}

import type { Rules } from './rules';
import type { World } from './world';

/** What is least from a node to the target; `width` is the narrowest lane's, negative: wider is less. */
export type Figure = 'key' | 'latency' | 'hops' | 'width';

/** The best figure from every node to a target under the rules, kept for the next question. */
export function distances(world: World, rules: Rules, target: number, figure: Figure): Float64Array {
  const name = `${figure} ${target}`;
  let known = rules.memo.get(name);
  if (!known) rules.memo.set(name, (known = leastTo(world, rules, target, figure, openLanes(rules))));
  return known;
}

/** By lane: 1 where the rules let it be used. */
export function openLanes({ key }: Rules): Uint8Array {
  const open = new Uint8Array(key.length);
  for (let n = 0; n < key.length; n++) if (key[n] < Infinity) open[n] = 1;
  return open;
}

/**
 * The best figure from every node to a target over open lanes; Infinity: there is no way. `figure` as an
 * array gives a sum over it by lane (Dijkstra 1959).
 */
export function leastTo(
  world: World,
  rules: Rules,
  target: number,
  figure: Figure | readonly number[],
  open: Uint8Array,
): Float64Array {
  const { noTransit } = rules;
  const wide = figure === 'width';
  const hops = figure === 'hops';
  const weight =
    typeof figure !== 'string'
      ? figure
      : figure === 'latency'
        ? rules.latency
        : wide
          ? world.mbps
          : rules.key;
  const best = new Float64Array(world.nodes.length).fill(Infinity);
  best[target] = wide ? -Infinity : 0;
  const queue = new NodeQueue();
  queue.push(target, best[target]);
  while (queue.pop()) {
    const { node: v, value } = queue;
    if (value !== best[v] || (noTransit[v] && v !== target)) continue;
    for (const { number: n, tail } of world.into[v]) {
      if (open[n] === 0) continue;
      const through = wide ? Math.max(value, -weight[n]) : value + (hops ? 1 : weight[n]);
      if (through >= best[tail]) continue;
      best[tail] = through;
      queue.push(tail, through);
    }
  }
  return best;
}

/** Nodes by value, the least first; `pop` leaves them in `node` and `value`. */
class NodeQueue {
  node = 0;
  value = 0;
  private readonly nodes: number[] = [];
  private readonly values: number[] = [];

  push(node: number, value: number): void {
    const { nodes, values } = this;
    let i = nodes.push(node) - 1;
    values.push(value);
    for (let up = (i - 1) >> 1; i > 0 && value < values[up]; up = (i - 1) >> 1) {
      nodes[i] = nodes[up];
      values[i] = values[up];
      i = up;
    }
    nodes[i] = node;
    values[i] = value;
  }

  /** false: it is empty. */
  pop(): boolean {
    const { nodes, values } = this;
    if (nodes.length === 0) return false;
    this.node = nodes[0];
    this.value = values[0];
    const [node, value] = [nodes.pop()!, values.pop()!];
    const end = nodes.length;
    let i = 0;
    for (let child = 1; child < end; child = 2 * i + 1) {
      if (child + 1 < end && values[child + 1] < values[child]) child++;
      if (values[child] >= value) break;
      nodes[i] = nodes[child];
      values[i] = values[child];
      i = child;
    }
    if (end > 0) {
      nodes[i] = node;
      values[i] = value;
    }
    return true;
  }
}

import { figuresOf } from './figures';
import { leastToTarget } from './backward-search';
import { OrderedHeap } from './ordered-heap';
import type { Problem, Spur, Subspace, SuffixBounds } from './problem';
import { suffixBounds } from './suffix-bounds';

/** A partial path from the end of the prefix. */
interface Label {
  readonly node: number;
  readonly arc: number;
  readonly parent: Label | null;
  readonly penalty: number;
  readonly key: number;
  /** Lower bounds of the whole path through this label. */
  readonly penaltyBound: number;
  readonly keyBound: number;
  readonly latency: number;
  readonly hops: number;
  /** Required things met so far. */
  readonly met: number;
  readonly depth: number;
}

/**
 * The best path of a subspace under bounds on latency and hops, required things and penalties: label setting
 * with dominance, nearest to the target first (A*; Aneja, Aggarwal and Nair 1983 for the dominance, Feillet
 * et al. 2004 for loopless paths with requirements, whose labels compare their visited nodes too). Exact,
 * with the tie rule. The arcs behind the prefix; null if there is none, or if the label limit is passed,
 * which `problem.limited` then says.
 */
export function labelSearch(
  problem: Problem,
  space: Subspace,
  spur: Spur,
  belowWidth: number,
): number[] | null {
  problem.bounds ??= new Map();
  let bounds = problem.bounds.get(belowWidth);
  if (bounds === undefined) problem.bounds.set(belowWidth, (bounds = suffixBounds(problem, belowWidth)));
  const { labelLimit } = problem.request;
  // Bounds of the whole network serve every subspace; where they mislead, bounds of this one are worth their
  // price.
  const first = Math.min(labelLimit, space.depth > 0 || problem.request.required > 0 ? patience : Infinity);
  let path = search(problem, space, spur, belowWidth, { bounds, limit: first, careful: false });
  if (path === undefined && first < labelLimit) {
    const own = suffixBounds(problem, belowWidth, spur.closed);
    const careful = problem.request.required > 0;
    path = search(problem, space, spur, belowWidth, { bounds: own, limit: labelLimit, careful });
  }
  if (path === undefined) problem.limited = true;
  return path ?? null;
}

/** Labels after which a search makes bounds of its own and looks at what each label can still reach. */
const patience = 500;

/**
 * Labels per node that a new one is compared with where requirements make dominance rare: it only saves work.
 */
const comparisons = 40;

interface SearchEffort {
  readonly bounds: SuffixBounds;
  /** Most labels. */
  readonly limit: number;
  /** Looks at what each label can still reach. */
  readonly careful: boolean;
}

/** undefined: more than `limit` labels. */
function search(
  problem: Problem,
  { base, depth, banned }: Subspace,
  { node: source, closed: closedNodes }: Spur,
  belowWidth: number,
  { bounds, limit, careful }: SearchEffort,
): number[] | null | undefined {
  const { request, target, penalty, minimise } = problem;
  const { topology, key, nodeBits, linkBits, noTransit, maxHops, maxLatency } = request;
  const { first, head, link, availableMbps } = topology;
  const { latency } = figuresOf(topology);
  const full = 2 ** request.required - 1;
  const requires = request.required > 0;
  const sets = 1 << bounds.bits;
  const hopsLeft =
    maxHops < Infinity ? (request.memo.hopTrees[target] ??= leastToTarget(request, target, () => 1)) : null;
  const latencyLeft =
    maxLatency < Infinity
      ? (request.memo.latencyTrees[target] ??= leastToTarget(request, target, (a) => latency[a]))
      : null;

  const start = startLabel(problem, source, base, depth);
  const settled = new Map<number, Label[]>();
  const heap = new OrderedHeap<Label>(
    (x, y) =>
      x.penaltyBound < y.penaltyBound ||
      (x.penaltyBound === y.penaltyBound &&
        (x.keyBound < y.keyBound || (x.keyBound === y.keyBound && compareSequences(x, y, link) < 0))),
  );
  heap.push(start);
  let labels = 1;
  for (let label = heap.pop(); label !== undefined; label = heap.pop()) {
    const { node } = label;
    if (node === target) return arcsOf(label);
    const others = settled.get(node);
    if (others === undefined) settled.set(node, [label]);
    else if (others.some((o) => dominates(o, label, requires, latencyLeft !== null, hopsLeft !== null, link)))
      continue;
    else if (!requires || others.length < comparisons) others.push(label);
    if (careful && !canMeetRest(problem, label, closedNodes, belowWidth, full)) continue;

    for (let a = first[node]; a < first[node + 1]; a++) {
      const v = head[a];
      if (key[a] === Infinity || availableMbps[a] < belowWidth || closedNodes[v] === 1) continue;
      if (noTransit[v] === 1 && v !== target) continue;
      const extra = penalty === null ? 0 : penalty[a];
      if (extra > 0 && !minimise) continue;
      if (label === start && banned.includes(a)) continue;
      const met = label.met | linkBits[link[a]] | nodeBits[v];
      if (v === target && met !== full) continue;
      const state = v * sets + (bounds.bits === 0 ? 0 : full & ~met);
      if (bounds.key[state] === Infinity) continue;
      const hops = label.hops + 1;
      if (hopsLeft !== null && hops + hopsLeft[v] > maxHops) continue;
      const time = label.latency + latency[a];
      if (latencyLeft !== null && time + latencyLeft[v] > maxLatency) continue;
      if (visits(label, v)) continue;
      if (++labels > limit) return undefined;
      heap.push({
        node: v,
        arc: a,
        parent: label,
        penalty: label.penalty + extra,
        key: label.key + key[a],
        penaltyBound:
          label.penalty + extra + (minimise && bounds.penalty !== null ? bounds.penalty[state] : 0),
        keyBound: label.key + key[a] + bounds.key[state],
        latency: time,
        hops,
        met,
        depth: label.depth + 1,
      });
    }
  }
  return null;
}

/** The label at the end of the prefix, with what the prefix has used and met. */
function startLabel(problem: Problem, source: number, base: readonly number[], depth: number): Label {
  const { topology, nodeBits, linkBits } = problem.request;
  const figures = figuresOf(topology);
  let [latency, met] = [0, nodeBits[source]];
  for (let i = 0; i < depth; i++) {
    latency += figures.latency[base[i]];
    met |= linkBits[topology.link[base[i]]] | nodeBits[topology.tail[base[i]]];
  }
  return {
    node: source,
    arc: -1,
    parent: null,
    penalty: 0,
    key: 0,
    penaltyBound: 0,
    keyBound: 0,
    latency,
    hops: depth,
    met,
    depth: 0,
  };
}

/**
 * Can every good end of `b` follow `a` as well? Without requirements a collision of that end with a's nodes
 * only makes a shorter path; with them it could lose a required thing, so a's nodes must all be b's too.
 */
function dominates(
  a: Label,
  b: Label,
  requires: boolean,
  byLatency: boolean,
  byHops: boolean,
  link: Readonly<Int32Array>,
): boolean {
  if (byLatency && a.latency > b.latency) return false;
  if (byHops && a.hops > b.hops) return false;
  if (requires && (b.met & ~a.met) !== 0) return false;
  if (a.penalty > b.penalty || (a.penalty === b.penalty && a.key > b.key)) return false;
  if (requires) {
    for (let x: Label | null = a; x !== null; x = x.parent) if (!visits(b, x.node)) return false;
  }
  return a.penalty < b.penalty || a.key < b.key || compareSequences(a, b, link) < 0;
}

/**
 * Can a walk from the label to the target that keeps off its nodes still meet every required thing? O(n + m).
 */
function canMeetRest(
  problem: Problem,
  label: Label,
  closed: Uint8Array,
  belowWidth: number,
  full: number,
): boolean {
  if (label.met === full) return true;
  const { request, target, penalty, minimise } = problem;
  const { topology, key, noTransit, nodeBits, linkBits } = request;
  const { first, head, inFirst, inArc, inTail, link, availableMbps } = topology;
  const open = (a: number) =>
    key[a] < Infinity && availableMbps[a] >= belowWidth && (minimise || penalty === null || penalty[a] === 0);
  // 1: off limits; 2: reached from the label; 4: reaches the target.
  const marks = Uint8Array.from(closed);
  for (let x: Label | null = label; x !== null; x = x.parent) marks[x.node] = 1;
  const front = [label.node];
  for (const v of front) {
    if (v === target) continue;
    for (let a = first[v]; a < first[v + 1]; a++) {
      const u = head[a];
      if (marks[u] !== 0 || !open(a) || (noTransit[u] === 1 && u !== target)) continue;
      marks[u] = 2;
      front.push(u);
    }
  }
  if (marks[target] !== 2) return false;
  const back = [target];
  marks[target] = 6;
  let met = label.met | nodeBits[target];
  for (const v of back) {
    for (let i = inFirst[v]; i < inFirst[v + 1]; i++) {
      const u = inTail[i];
      if (!open(inArc[i])) continue;
      if (u === label.node || (marks[u] & 2) !== 0) met |= linkBits[link[inArc[i]]];
      if (marks[u] !== 2) continue;
      marks[u] = 6;
      met |= nodeBits[u];
      back.push(u);
    }
  }
  return met === full;
}

function visits(label: Label, node: number): boolean {
  for (let x: Label | null = label; x !== null; x = x.parent) if (x.node === node) return true;
  return false;
}

/** Link ids from the start; a beginning of a sequence stands before it. */
function compareSequences(a: Label, b: Label, link: Readonly<Int32Array>): number {
  let [x, y]: [Label, Label] = [a, b];
  while (x.depth > y.depth) x = x.parent!;
  while (y.depth > x.depth) y = y.parent!;
  let order = 0;
  while (x !== y) {
    if (link[x.arc] !== link[y.arc]) order = link[x.arc] - link[y.arc];
    x = x.parent!;
    y = y.parent!;
  }
  return order || a.depth - b.depth;
}

function arcsOf(label: Label): number[] {
  const arcs: number[] = [];
  for (let x = label; x.parent !== null; x = x.parent) arcs.push(x.arc);
  return arcs.reverse();
}

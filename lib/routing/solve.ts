import type { Topology } from '../graph';
import { keyTree, searchBack, searchWidestBack, widthTree } from './backward-search';
import { labelSearch } from './label-search';
import type { Found, Problem, Spur, Subspace } from './problem';
import { found, needsLabels, needsMoreLabels } from './problem';
import type { Request } from './request';

const closedNodesOf = new WeakMap<Topology, Uint8Array>();

/**
 * The best path of a subspace, exact by the tie rule; null if it is empty (or `problem.limited` became true).
 * `once`: no tree is made for the target, as for a single pair. Without bounds and requirements O((n + m) log
 * n), far less when the target's tree is known; the bandwidth strategy tries widths by bisection when the
 * widest is not in the subspace.
 */
export function solve(problem: Problem, source: number, space: Subspace, once = false): Found | null {
  const { request } = problem;
  const { topology } = request;
  if (request.impossible) return null;
  let closed = closedNodesOf.get(topology);
  if (!closed) closedNodesOf.set(topology, (closed = new Uint8Array(topology.nodes.length)));
  const { base, depth } = space;
  for (let i = 0; i < depth; i++) closed[topology.tail[base[i]]] = 1;
  const spur: Spur = { node: depth === 0 ? source : topology.head[base[depth - 1]], closed };
  try {
    const suffix = request.widest
      ? widestSuffix(problem, space, spur, once)
      : leastSuffix(problem, space, spur, once);
    return suffix && found(problem, depth === 0 ? suffix : [...base.slice(0, depth), ...suffix]);
  } finally {
    for (let i = 0; i < depth; i++) closed[topology.tail[base[i]]] = 0;
  }
}

/** The whole space: every path from the source. */
export const everything: Subspace = { base: [], depth: 0, banned: [] };

function leastSuffix(problem: Problem, space: Subspace, spur: Spur, once: boolean): number[] | null {
  if (needsMoreLabels(problem)) return labelSearch(problem, space, spur, -Infinity);
  const free = leastFree(problem, space, spur, once);
  if (free === null || space.depth + free.length <= problem.request.maxHops) return free;
  return labelSearch(problem, space, spur, -Infinity);
}

/** The same without a bound on hops. */
function leastFree(problem: Problem, space: Subspace, spur: Spur, once: boolean): number[] | null {
  const { request, target, penalty } = problem;
  const { banned } = space;
  const most = request.maxKey - prefixKey(request, space);
  if (!once || request.memo.keyTrees[target] !== undefined) {
    const walked = walk(problem, spur, keyTree(request, target), banned, -Infinity, most);
    if (walked !== undefined) return walked;
  }
  const distance = searchBack(request, target, spur.node, {
    nodes: spur.closed,
    arcs: penalty,
    belowWidth: -Infinity,
    firstArcs: banned,
  });
  return walk(problem, spur, distance, banned, -Infinity, most) ?? null;
}

function widestSuffix(problem: Problem, space: Subspace, spur: Spur, once: boolean): number[] | null {
  const { request, target, penalty, minimise } = problem;
  const labels = needsLabels(problem);
  const moreLabels = needsMoreLabels(problem);
  const most = request.maxKey - prefixKey(request, space);
  const attempt = (belowWidth: number): number[] | null => {
    if (moreLabels) return labelSearch(problem, space, spur, belowWidth);
    const firstArcs = space.banned;
    const distance = searchBack(request, target, spur.node, {
      nodes: spur.closed,
      arcs: penalty,
      belowWidth,
      firstArcs,
    });
    const free = walk(problem, spur, distance, firstArcs, belowWidth, most) ?? null;
    if (free === null || space.depth + free.length <= request.maxHops) return free;
    return labelSearch(problem, space, spur, belowWidth);
  };
  let least: number[] | null = null;
  let leastPenalty = 0;
  if (minimise) {
    least = attempt(-Infinity);
    if (least === null) return null;
    leastPenalty = found(problem, least).penalty;
  }
  const good = (path: number[] | null) =>
    path !== null && (!minimise || found(problem, path).penalty === leastPenalty);

  const top = labels ? mostWidth(problem, space, spur) : exactWidth(problem, space, spur, once);
  if (top === -Infinity) return null;
  let best = attempt(top);
  if (good(best) || problem.limited) return problem.limited ? null : best;
  best = least ?? attempt(-Infinity);
  if (best === null || problem.limited) return null;
  // Bisection over the widths that exist: the widest at which the subspace still has a path (of least
  // penalty).
  const widths = widthsOf(request);
  let low = 0;
  let high = widths.length - 1;
  while (low <= high && widths[low] >= top) low++;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const path = attempt(widths[middle]);
    if (problem.limited) return null;
    if (good(path)) {
      best = path;
      high = middle - 1;
    } else low = middle + 1;
  }
  return best;
}

/**
 * From the spur along arcs that keep to the labels, the smallest link first: the first in the tie rule's
 * order of all best paths, as labels fall strictly. undefined if it ends blind, which it never does on labels
 * made for this subspace that reach the spur; null if even the bound of the labels is above `most`.
 */
function walk(
  problem: Problem,
  { node: spur, closed }: Spur,
  distance: Float64Array,
  banned: readonly number[],
  belowWidth: number,
  most: number,
): number[] | null | undefined {
  const { request, target, penalty } = problem;
  const { key } = request;
  const { first, head, link, availableMbps } = request.topology;
  let least = Infinity;
  let next = -1;
  for (let a = first[spur], end = first[spur + 1]; a < end; a++) {
    const v = head[a];
    const through = key[a] + distance[v];
    if (through > least || through === Infinity || closed[v] === 1) continue;
    if (through === least && link[a] > link[next]) continue;
    if (availableMbps[a] < belowWidth || (penalty !== null && penalty[a] > 0)) continue;
    if (banned.length > 0 && banned.includes(a)) continue;
    least = through;
    next = a;
  }
  if (next === -1 || least > most) return null;
  const arcs = [next];
  for (let v = head[next]; v !== target; v = head[next]) {
    const need = distance[v];
    next = -1;
    for (let a = first[v], end = first[v + 1]; a < end; a++) {
      if (key[a] + distance[head[a]] !== need || (next !== -1 && link[a] > link[next])) continue;
      if (closed[head[a]] === 1 || head[a] === spur || availableMbps[a] < belowWidth) continue;
      if (penalty !== null && penalty[a] > 0) continue;
      next = a;
    }
    if (next === -1) return undefined;
    arcs.push(next);
  }
  return arcs;
}

/** No path of the subspace is wider than this; bounds and requirements may leave less. */
function mostWidth(problem: Problem, space: Subspace, { node: spur, closed }: Spur): number {
  const { request, target } = problem;
  const { first, head, availableMbps } = request.topology;
  const tree = widthTree(request, target);
  let most = -Infinity;
  for (let a = first[spur], end = first[spur + 1]; a < end; a++) {
    const width = Math.min(availableMbps[a], tree[head[a]]);
    if (width > most && request.key[a] < Infinity && closed[head[a]] === 0 && !space.banned.includes(a))
      most = width;
  }
  return Math.min(most, prefixWidth(request, space));
}

/** The width of the subspace's widest path when nothing but widths and closed parts counts. */
function exactWidth(problem: Problem, space: Subspace, { node: spur, closed }: Spur, once: boolean): number {
  const { request, target, penalty } = problem;
  const { key, memo } = request;
  const { first, head, availableMbps } = request.topology;
  const whole = space.depth === 0 && space.banned.length === 0 && penalty === null;
  if (whole && (!once || memo.widthTrees[target] !== undefined)) {
    const tree = widthTree(request, target);
    let most = -Infinity;
    for (let a = first[spur], end = first[spur + 1]; a < end; a++) {
      const width = Math.min(availableMbps[a], tree[head[a]]);
      if (width > most && key[a] < Infinity) most = width;
    }
    return most;
  }
  const parts = { nodes: closed, arcs: penalty, belowWidth: -Infinity, firstArcs: space.banned };
  return Math.min(-searchWidestBack(request, target, spur, parts)[spur], prefixWidth(request, space));
}

function prefixWidth(request: Request, { base, depth }: Subspace): number {
  let least = Infinity;
  for (let i = 0; i < depth; i++) least = Math.min(least, request.topology.availableMbps[base[i]]);
  return least;
}

/**
 * Lower bounds of a subspace's paths in the order: what the ranking sorts by before it solves. null: surely
 * empty.
 */
export function lowerBound(problem: Problem, space: Subspace, source: number): Omit<Found, 'arcs'> | null {
  const { request, target } = problem;
  const { base, depth, banned } = space;
  const { first, head, tail, availableMbps } = request.topology;
  const spur = depth === 0 ? source : head[base[depth - 1]];
  const tree = keyTree(request, target);
  const widths = request.widest ? widthTree(request, target) : null;
  const closing = problem.penalty !== null && !problem.minimise ? problem.penalty : null;
  let [key, width] = [Infinity, -Infinity];
  next: for (let a = first[spur], end = first[spur + 1]; a < end; a++) {
    const v = head[a];
    const through = request.key[a] + tree[v];
    if (through === Infinity || (through >= key && widths === null)) continue;
    if (closing !== null && closing[a] > 0) continue;
    if (banned.includes(a)) continue;
    for (let i = 0; i < depth; i++) if (tail[base[i]] === v) continue next;
    if (through < key) key = through;
    if (widths !== null) width = Math.max(width, Math.min(availableMbps[a], widths[v]));
  }
  if (key === Infinity) return null;
  let penalty = 0;
  for (let i = 0; i < depth; i++) {
    key += request.key[base[i]];
    width = Math.min(width, availableMbps[base[i]]);
    if (problem.penalty !== null) penalty += problem.penalty[base[i]];
  }
  return { penalty, width, key };
}

function prefixKey(request: Request, { base, depth }: Subspace): number {
  let sum = 0;
  for (let i = 0; i < depth; i++) sum += request.key[base[i]];
  return sum;
}

/** Distinct widths of open arcs, falling. */
export function widthsOf(request: Request): Float64Array {
  const { memo, key, topology } = request;
  if (memo.widths === undefined) {
    const open = Array.from(topology.availableMbps as Float64Array).filter((_, a) => key[a] < Infinity);
    memo.widths = Float64Array.from(new Set(open)).sort().reverse();
  }
  return memo.widths;
}

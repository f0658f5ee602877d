import type { Topology } from '../graph';
import type { PathOrder } from './path-order';
import type { Found, Problem } from './problem';
import { comparePaths, newProblem } from './problem';
import { Ranking } from './ranking';
import type { Request } from './request';
import { newMemo } from './request';
import { sameArcs } from './same-arcs';
import { everything, solve } from './solve';

/** Is there room for an IPv6 packet of the least size on a path over these arcs (`Topology.mostHops`)? */
export function carries({ mostHops }: Topology, arcs: readonly number[]): boolean {
  return arcs.every((a) => mostHops[a] >= arcs.length);
}

/**
 * Requests that permit together just those paths of this one that carry a packet of the least size: for each
 * bound among the arcs, the paths of so many hops over arcs with no smaller bound. null: every path carries
 * it. Most networks have one tunnel MTU, hence one such request.
 */
export function carryingRequests(request: Request): readonly Request[] | null {
  const { memo } = request;
  if (memo.carrying === undefined) memo.carrying = compile(request);
  return memo.carrying;
}

function compile(request: Request): readonly Request[] | null {
  const { topology, key } = request;
  const { mostHops, inArc } = topology;
  const longest = Math.min(topology.nodes.length - 1, request.maxHops);
  const bounds = new Set<number>();
  mostHops.forEach((hops, a) => key[a] < Infinity && bounds.add(Math.min(hops, longest)));
  const list = [...bounds].sort((x, y) => x - y);
  if (list.length === 0 || list[0] >= longest) return null;
  return list.map((bound): Request => {
    const open = Float64Array.from(key as Float64Array, (k, a) => (mostHops[a] < bound ? Infinity : k));
    return {
      ...request,
      key: open,
      inKey: Float64Array.from(inArc as Int32Array, (a) => open[a]),
      maxHops: bound >= longest ? request.maxHops : bound,
      memo: { ...newMemo(), carrying: null },
    };
  });
}

/** Paths of several requests in one order, each path once. */
export class MergedRanking implements PathOrder {
  private readonly rankings: readonly Ranking[];
  private readonly heads: (Found | null | undefined)[];

  constructor(problems: readonly Problem[], source: number) {
    this.rankings = problems.map((problem) => new Ranking(problem, source));
    this.heads = problems.map(() => undefined);
  }

  get request(): Request {
    return this.rankings[0].request;
  }

  get limited(): boolean {
    return this.rankings.some((r) => r.limited);
  }

  get maxKey(): number {
    return this.rankings[0].maxKey;
  }

  set maxKey(most: number) {
    for (const ranking of this.rankings) ranking.maxKey = most;
  }

  get minWidth(): number {
    return this.rankings[0].minWidth;
  }

  set minWidth(least: number) {
    for (const ranking of this.rankings) ranking.minWidth = least;
  }

  next(): Found | null {
    this.rankings.forEach((ranking, i) => {
      if (this.heads[i] === undefined) this.heads[i] = ranking.next();
    });
    let best: Found | null = null;
    for (const head of this.heads) {
      // Found before the bounds were set.
      if (head && (head.key > this.maxKey || head.width < this.minWidth)) continue;
      if (head && (best === null || comparePaths(this.request, head, best) < 0)) best = head;
    }
    if (best === null) return null;
    const { arcs } = best;
    this.heads.forEach((head, i) => head && sameArcs(head.arcs, arcs) && (this.heads[i] = undefined));
    return best;
  }
}

/**
 * The paths of a pair that serve it, in order, with the first of them: those that carry a packet of the least
 * size, or where none does all. `all` goes on with the others where those that carry it end.
 */
export function servingPaths(
  request: Request,
  source: number,
  target: number,
): { readonly order: PathOrder; readonly first: Found | null } {
  const gates = carryingRequests(request);
  if (gates !== null) {
    const order = new MergedRanking(
      gates.map((gate) => newProblem(gate, target)),
      source,
    );
    const first = order.next();
    if (first !== null) return { order, first };
  }
  const order = new Ranking(newProblem(request, target), source);
  return { order, first: order.next() };
}

/** The first of the paths that serve a pair. `once`: see `solve`. */
export function servingPath(
  request: Request,
  source: number,
  target: number,
  once = false,
): { readonly path: Found | null; readonly limited: boolean } {
  const problem = newProblem(request, target);
  const path = solve(problem, source, everything, once);
  const gates = path === null ? null : carryingRequests(request);
  if (path === null || gates === null || carries(request.topology, path.arcs))
    return { path, limited: problem.limited };
  const found = bestOf(gates, source, target, null);
  return { path: found.path ?? path, limited: problem.limited || found.limited };
}

/** The best path of several requests; arcs with a penalty are closed. */
export function bestOf(
  requests: readonly Request[],
  source: number,
  target: number,
  closed: Float64Array | null,
): { readonly path: Found | null; readonly limited: boolean } {
  let path: Found | null = null;
  let limited = false;
  for (const request of requests) {
    const problem = newProblem(request, target, closed);
    const found = solve(problem, source, everything);
    limited ||= problem.limited;
    if (found !== null && (path === null || comparePaths(request, found, path) < 0)) path = found;
  }
  return { path, limited };
}

import type { Topology } from '../graph';
import { carries, servingPath, servingPaths } from './carrying';
import type { Path } from './path';
import { pathOf } from './path';
import { newProblem, type Found } from './problem';
import { Ranking } from './ranking';
import type { Refusal } from './refusal';
import { refuse, searchLimit } from './refusal';
import type { NodeRef, Request } from './request';
import { checkRequest, nodeNumber } from './request';
import { everything, solve } from './solve';

/**
 * The best path of the request by the tie rule (metric, fewest hops, link ids in order), or undefined where
 * there is none, for whatever reason. A single pair: nothing is kept for the next call.
 */
export function tryBestPath(
  topology: Topology,
  request: Request,
  from: NodeRef,
  to: NodeRef,
): Path | undefined {
  checkRequest(topology, request);
  const [source, target] = [nodeNumber(topology, from), nodeNumber(topology, to)];
  const best = source === target ? null : solve(newProblem(request, target), source, everything, true);
  return best === null ? undefined : pathOf(request, best);
}

/** A path, or why there is none. */
export type PathResult =
  { readonly path: Path; readonly refusal: null } | { readonly path: null; readonly refusal: Refusal };

/**
 * The first of the paths that serve a pair, or the reason and the nearest thing that would work: as
 * `tryBestPath`, but that paths which carry an IPv6 packet of the least size stand before all others.
 */
export function bestPath(topology: Topology, request: Request, from: NodeRef, to: NodeRef): PathResult {
  checkRequest(topology, request);
  const [source, target] = [nodeNumber(topology, from), nodeNumber(topology, to)];
  if (source === target) return { path: null, refusal: refuse(request, source, target, false) };
  const { path, limited } = servingPath(request, source, target, true);
  if (path === null) return { path: null, refusal: refuse(request, source, target, limited) };
  return { path: pathOf(request, path), refusal: null };
}

/** Paths in order; `refusal` when there is none, or when the search gave up after the ones given. */
export interface PathsResult {
  readonly paths: readonly Path[];
  readonly refusal: Refusal | null;
}

/**
 * The k best loopless paths in the order of the tie rule, fewer if there are not so many; those that carry an
 * IPv6 packet of the least size stand before all others.
 */
export function kShortest(
  topology: Topology,
  request: Request,
  from: NodeRef,
  to: NodeRef,
  k: number,
): PathsResult {
  checkRequest(topology, request);
  const [source, target] = [nodeNumber(topology, from), nodeNumber(topology, to)];
  if (source === target) return { paths: [], refusal: refuse(request, source, target, false) };
  if (k <= 0) return { paths: [], refusal: null };
  const { order, first } = servingPaths(request, source, target);
  if (first === null) return { paths: [], refusal: refuse(request, source, target, order.limited) };
  const paths: Path[] = [];
  for (let next: Found | null = first; next !== null && paths.length < k; next = order.next())
    paths.push(pathOf(request, next));
  const rest = new Ranking(newProblem(request, target), source);
  const fewer = carries(topology, first.arcs) && !order.limited;
  for (let next = fewer ? rest.next() : null; next !== null && paths.length < k; next = rest.next())
    if (!carries(topology, next.arcs)) paths.push(pathOf(request, next));
  const limited = (order.limited || rest.limited) && paths.length < k;
  const [a, b] = [topology.nodes[source], topology.nodes[target]];
  return { paths, refusal: limited ? searchLimit(request, a, b) : null };
}

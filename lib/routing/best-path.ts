import type { Topology } from '../graph';
import type { Path } from './path';
import { pathOf } from './path';
import { newProblem } from './problem';
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

/** As `tryBestPath`, with the reason and the nearest thing that would work. */
export function bestPath(topology: Topology, request: Request, from: NodeRef, to: NodeRef): PathResult {
  checkRequest(topology, request);
  const [source, target] = [nodeNumber(topology, from), nodeNumber(topology, to)];
  if (source === target) return { path: null, refusal: refuse(request, source, target, false) };
  const problem = newProblem(request, target);
  const best = solve(problem, source, everything, true);
  if (best === null) return { path: null, refusal: refuse(request, source, target, problem.limited) };
  return { path: pathOf(request, best), refusal: null };
}

/** Paths in order; `refusal` when there is none, or when the search gave up after the ones given. */
export interface PathsResult {
  readonly paths: readonly Path[];
  readonly refusal: Refusal | null;
}

/** The k best loopless paths in the order of the tie rule, fewer if there are not so many. */
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
  const problem = newProblem(request, target);
  const ranking = new Ranking(problem, source);
  const paths: Path[] = [];
  for (let next = k > 0 ? ranking.next() : null; next !== null; next = ranking.next()) {
    paths.push(pathOf(request, next));
    if (paths.length >= k) return { paths, refusal: null };
  }
  if (k <= 0) return { paths, refusal: null };
  if (paths.length === 0) return { paths, refusal: refuse(request, source, target, problem.limited) };
  const [a, b] = [topology.nodes[source], topology.nodes[target]];
  return { paths, refusal: problem.limited ? searchLimit(request, a, b) : null };
}

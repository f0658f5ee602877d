import type { Request } from './request';

/**
 * One question to the solver: the best path of a request to one target. Paths are ordered by penalty (only
 * when it is minimised), then by the strategy: width, widest first, for bandwidth; then key (metric and
 * hops); then link ids.
 */
export interface Problem {
  readonly request: Request;
  readonly target: number;
  /** By arc, whole numbers from 0; null: none. */
  readonly penalty: Float64Array | null;
  /** true: the sum of penalties comes first in the order. false: arcs with a penalty are closed. */
  readonly minimise: boolean;
  /** Lower bounds of constrained searches by least width, made by them. */
  bounds: Map<number, SuffixBounds> | undefined;
  /** A search passed its label limit: what was found is not proven best. */
  limited: boolean;
}

/** A path as arcs, with its place in the order. */
export interface Found {
  readonly arcs: readonly number[];
  readonly penalty: number;
  /** Least available bandwidth; Infinity for no arcs. */
  readonly width: number;
  /** Metric x hopRadix + hops; of the bandwidth strategy: latency. */
  readonly key: number;
}

/** Where paths of a subspace leave its prefix; `closed` is 1 at the nodes of the prefix before it. */
export interface Spur {
  readonly node: number;
  readonly closed: Uint8Array;
}

/** The subspace of all paths that begin with a prefix and do not go on with certain arcs (Lawler 1972). */
export interface Subspace {
  /** The first `depth` arcs of `base` are the prefix. */
  readonly base: readonly number[];
  readonly depth: number;
  /** Arcs out of the end of the prefix that are not allowed next. */
  readonly banned: readonly number[];
}

export function newProblem(
  request: Request,
  target: number,
  penalty: Float64Array | null = null,
  minimise = false,
): Problem {
  return { request, target, penalty, minimise, bounds: undefined, limited: false };
}

/**
 * Does the question need a search with several labels per node (a bound or a requirement the metric does not
 * hold)?
 */
export function needsLabels(problem: Problem): boolean {
  return problem.request.maxHops < Infinity || needsMoreLabels(problem);
}

/** The same without a bound on hops: the best path without it is the best with it, if it keeps to it. */
export function needsMoreLabels({ request, penalty, minimise }: Problem): boolean {
  return (
    request.required > 0 ||
    (penalty !== null && minimise) ||
    (request.maxLatency < Infinity && !request.latencyIsKey)
  );
}

/** The figures of a path of these arcs. */
export function found(problem: Problem, arcs: readonly number[]): Found {
  const { key } = problem.request;
  const { availableMbps } = problem.request.topology;
  let [penalty, width, sum] = [0, Infinity, 0];
  for (const a of arcs) {
    if (problem.penalty !== null) penalty += problem.penalty[a];
    if (availableMbps[a] < width) width = availableMbps[a];
    sum += key[a];
  }
  return { arcs, penalty, width, key: sum };
}

/**
 * The order of paths between one pair; 0 only for equal paths. Shorter sequences never meet longer ones at
 * equal keys.
 */
export function comparePaths(request: Request, a: Found, b: Found): number {
  if (a.penalty !== b.penalty) return a.penalty - b.penalty;
  if (request.widest && a.width !== b.width) return b.width - a.width;
  return a.key - b.key || compareLinks(request, a.arcs, b.arcs);
}

/** Link ids in order; links are numbered by id. */
export function compareLinks(request: Request, a: readonly number[], b: readonly number[]): number {
  const { link } = request.topology;
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] !== b[i]) return link[a[i]] - link[b[i]];
  }
  return a.length - b.length;
}

/**
 * Lower bounds on (penalty, key) from a node to the target, given the required things still missing: exact
 * for walks that may repeat nodes, and so never above the loopless optimum. Index: node x 2^bits + missing
 * things.
 */
export interface SuffixBounds {
  readonly bits: number;
  readonly penalty: Float64Array | null;
  readonly key: Float64Array;
}

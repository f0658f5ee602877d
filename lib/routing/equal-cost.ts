import type { Topology } from '../graph';
import type { PathsResult } from './best-path';
import { servingPaths } from './carrying';
import { pathOf } from './path';
import type { Found } from './problem';
import type { PathOrder } from './path-order';
import { refuse, searchLimit } from './refusal';
import type { NodeRef, Request } from './request';
import { checkRequest, nodeNumber } from './request';

export interface EqualCostResult extends PathsResult {
  /** Are there more than the limit? */
  readonly more: boolean;
}

/**
 * All loopless paths whose metric is within a tolerance of the best in the strategy's own metric, in order,
 * up to `limit`: at most best x (1 + ratio), of bandwidth at least best x (1 - ratio). Where any carries an
 * IPv6 packet of the least size, only those that do.
 */
export function equalCost(
  topology: Topology,
  request: Request,
  from: NodeRef,
  to: NodeRef,
  toleranceRatio: number,
  limit: number,
): EqualCostResult {
  checkRequest(topology, request);
  const [source, target] = [nodeNumber(topology, from), nodeNumber(topology, to)];
  if (source === target) return { paths: [], more: false, refusal: refuse(request, source, target, false) };
  const { order, first } = servingPaths(request, source, target);
  if (first === null)
    return { paths: [], more: false, refusal: refuse(request, source, target, order.limited) };
  const { kept, more } = within(order, first, toleranceRatio, limit);
  const [a, b] = [topology.nodes[source], topology.nodes[target]];
  return {
    paths: kept.map((p) => pathOf(request, p)),
    more,
    refusal: order.limited ? searchLimit(request, a, b) : null,
  };
}

/** Goes on with a ranking whose best path is `first` as long as paths are within the tolerance. */
export function within(
  ranking: PathOrder,
  first: Found,
  ratio: number,
  limit: number,
): { kept: Found[]; more: boolean } {
  const { request } = ranking;
  if (request.widest) ranking.minWidth = leastWidth(first.width, ratio);
  else ranking.maxKey = Math.min(ranking.maxKey, mostKey(request, first.key, ratio));
  const kept = limit > 0 ? [first] : [];
  while (kept.length < limit) {
    const next = ranking.next();
    if (next === null) return { kept, more: false };
    kept.push(next);
  }
  return { kept, more: ranking.next() !== null };
}

/** Key of the worst path within the tolerance; the tolerance is rounded to whole units of the metric. */
export function mostKey(request: Request, bestKey: number, ratio: number): number {
  const best = Math.floor(bestKey / request.hopRadix);
  return (best + Math.round(best * ratio)) * request.hopRadix + request.hopRadix - 1;
}

/** Least width within the tolerance, to the bit per second. */
export function leastWidth(best: number, ratio: number): number {
  return Math.round((best - best * ratio) * 1e6) / 1e6;
}

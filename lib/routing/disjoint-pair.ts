import type { Topology } from '../graph';
import { bestOf, carries, carryingRequests, MergedRanking } from './carrying';
import { disjointFlow } from './disjoint-flow';
import type { Found } from './problem';
import { needsLabels, newProblem } from './problem';
import type { Request } from './request';
import type { Disjointness } from './sharing';
import { closeRisks, groupsOf } from './sharing';
import { everything, solve, widthsOf } from './solve';

/**
 * Two disjoint paths, or why there are none: `cut`, a link, region or group that every path runs through,
 * where one such thing exists; `limited`, the search gave up. With `limited` a pair is good but not proven
 * cheapest.
 */
export interface PairResult {
  readonly pair: { readonly primary: Found; readonly backup: Found } | null;
  readonly limited: boolean;
}

/** Most candidates for the primary that are tried where only enumeration is exact. */
export const candidateLimit = 2000;

/**
 * The pair that serves: the cheapest of those whose paths both carry an IPv6 packet of the least size, where
 * there is one; else the cheapest of all.
 */
export function servingPair(
  request: Request,
  source: number,
  target: number,
  kind: Disjointness,
): PairResult {
  const any = disjointPair(request, source, target, kind);
  const gates = any.pair === null ? null : carryingRequests(request);
  const carry = (path: Found) => carries(request.topology, path.arcs);
  if (any.pair === null || gates === null || (carry(any.pair.primary) && carry(any.pair.backup))) return any;
  const found = disjointPair(request, source, target, kind, candidateLimit, gates);
  return { pair: found.pair ?? any.pair, limited: any.limited || found.limited };
}

/**
 * The cheapest pair of disjoint paths: least total metric (bandwidth: most total width, then least total
 * latency), least total hops, then the first primary by the tie rule, then the first backup. The first of the
 * two in the order is the primary. Link and node disjointness of an additive metric without bounds: by flow,
 * polynomial. Otherwise candidates for the primary are taken in order, each with its best partner, until none
 * can improve; at most `limit` of them.
 *
 * @param ways requests whose paths the pair is of, each no looser than the first argument. Default: that
 * alone.
 */
export function disjointPair(
  request: Request,
  source: number,
  target: number,
  kind: Disjointness,
  limit = candidateLimit,
  ways: readonly Request[] = [request],
): PairResult {
  const flow = disjointFlow(request, source, target, kind === 'node');
  if (flow === null || (kind === 'srlg' && groupCut(request, source, target)))
    return { pair: null, limited: false };
  const bounded =
    ways[0] !== request || needsLabels(newProblem(request, target)) || request.maxKey < Infinity;
  const additive = kind !== 'srlg' && !request.widest && !bounded;
  const narrow = request.widest ? pairWidth(request, source, target, kind === 'node') : Infinity;
  const ranking = new MergedRanking(
    ways.map((way) => newProblem(way, target, additive ? flow.useless : null)),
    source,
  );
  let best: Pair | null = null;
  let tried = 0;
  let limited = false;
  for (let primary = ranking.next(); primary !== null; primary = ranking.next()) {
    if (best !== null && cannotImprove(request, primary, best, narrow, flow.totalKey)) break;
    if (++tried > limit) {
      limited = true;
      break;
    }
    const closed = closedOf(request.topology);
    if (additive) closed.set(flow.useless);
    else closed.fill(0);
    closeRisks(request, kind, target, primary.arcs, closed);
    const { path: backup, limited: gaveUp } = bestOf(ways, source, target, closed);
    limited ||= gaveUp;
    if (backup === null) continue;
    if (best === null || compareTotals(request, { primary, backup }, best) < 0) best = { primary, backup };
    // Nothing is cheaper, and all else that is as cheap comes later.
    if (!request.widest && best.primary.key + best.backup.key <= flow.totalKey) break;
  }
  return { pair: best, limited: limited || ranking.limited };
}

/** Working memory: what the partner of one candidate may not use. */
const closings = new WeakMap<Topology, Float64Array>();

function closedOf(topology: Topology): Float64Array {
  let closed = closings.get(topology);
  if (!closed) closings.set(topology, (closed = new Float64Array(topology.arcCount)));
  return closed;
}

interface Pair {
  readonly primary: Found;
  readonly backup: Found;
}

/** Later pairs win only strictly: candidates come in the order of the tie rule. */
function compareTotals(request: Request, a: Pair, b: Pair): number {
  const width = b.primary.width + b.backup.width - a.primary.width - a.backup.width;
  return (request.widest ? width : 0) || a.primary.key + a.backup.key - b.primary.key - b.backup.key;
}

/**
 * From this candidate on no pair beats the best: both its paths would stand behind it in the order, the
 * narrower one would be no wider than in any pair, and both together no shorter than the shortest pair.
 */
function cannotImprove(
  request: Request,
  candidate: Found,
  best: Pair,
  narrow: number,
  leastKey: number,
): boolean {
  const keys = Math.max(2 * candidate.key, leastKey) >= best.primary.key + best.backup.key;
  if (!request.widest) return keys;
  const width = candidate.width + Math.min(candidate.width, narrow) - best.primary.width - best.backup.width;
  return width < 0 || (width === 0 && keys && candidate.width <= narrow);
}

/** The most that the narrower of two disjoint paths can have. */
function pairWidth(request: Request, source: number, target: number, byNode: boolean): number {
  const widths = widthsOf(request);
  let [low, high] = [0, widths.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (disjointFlow(request, source, target, byNode, widths[middle]) === null) low = middle + 1;
    else high = middle;
  }
  return widths[low];
}

/** Is there a shared-risk group without whose arcs nothing is left? Then no pair is disjoint in groups. */
function groupCut(request: Request, source: number, target: number): boolean {
  const { groupArc, groupArcFirst, arcCount } = request.topology;
  const any = solve(newProblem(request, target), source, everything);
  if (any === null) return false;
  for (const g of groupsOf(request, any.arcs)) {
    const closed = new Float64Array(arcCount);
    for (let i = groupArcFirst[g]; i < groupArcFirst[g + 1]; i++) closed[groupArc[i]] = 1;
    if (solve(newProblem(request, target, closed), source, everything) === null) return true;
  }
  return false;
}

import { carries } from './carrying';
import { leastWidth, mostKey } from './equal-cost';
import { permits } from './permits';
import { comparePaths, found, newProblem, type Found, type Problem } from './problem';
import type { Request } from './request';
import { sameArcs } from './same-arcs';
import { closeRisks, type Disjointness } from './sharing';

/** A route of a previous plan: its paths that still exist, as arcs of the topology that is routed now. */
export interface PreviousRoute {
  /** null: gone. */
  readonly primary: readonly number[] | null;
  readonly backups: readonly (readonly number[])[];
  readonly equalCost: readonly (readonly number[])[];
}

/** What is to stand if it can. */
export interface KeepPaths {
  /** How much worse than the best a kept path may be in the strategy's metric; 0: not at all. */
  readonly toleranceRatio: number;
  /** A primary slower than this is kept only where the best is slower too. One way, ms. */
  readonly mostLatencyMs: number;
  /** Whose primary stands is the first of these that can. */
  readonly routes: readonly PreviousRoute[];
}

/**
 * Is a path within the tolerance of the best? At most best x (1 + ratio) in the metric, rounded to its
 * whole units; of the bandwidth strategy at least best x (1 - ratio) wide, and in latency at most best x
 * (1 + ratio): the strategy takes the shortest among the widest. Where the best carries an IPv6 packet of
 * the least size, so does the path.
 */
export function withinTolerance(request: Request, best: Found, path: Found, ratio: number): boolean {
  if (carriesLess(request, best, path)) return false;
  if (request.widest && path.width < leastWidth(best.width, ratio)) return false;
  return path.key <= mostKey(request, best.key, ratio);
}

function carriesLess({ topology }: Request, best: Found, path: Found): boolean {
  return !carries(topology, path.arcs) && carries(topology, best.arcs);
}

/**
 * Of a previous route: its primary `stands`, or would if no other went before it; `gone`, some link of it is;
 * `policy`, the request does not permit it; `disjoint`, it has no disjoint backup any more, or had none;
 * `better`, something is by more than the tolerance; `objective`, it is too slow for one.
 */
export type Standing = 'stands' | 'gone' | 'policy' | 'disjoint' | 'better' | 'objective';

/** What stands: the primary alone or with the first backup; null: nothing does. By previous route, why. */
export interface Judgement {
  readonly kept: readonly Found[] | null;
  readonly standings: readonly Standing[];
}

/** Looks for a previous primary that still serves as one. */
export function judgePrimaries(request: Request, keep: KeepPaths, best: Found, target: number): Judgement {
  const problem = newProblem(request, target);
  let kept: readonly Found[] | null = null;
  const standings = keep.routes.map(({ primary }): Standing => {
    if (primary === null) return 'gone';
    if (!permits(request, primary)) return 'policy';
    const path = found(problem, primary);
    if (!withinTolerance(request, best, path, keep.toleranceRatio)) return 'better';
    if (tooSlow(request, keep.mostLatencyMs, best, path)) return 'objective';
    kept ??= [path];
    return 'stands';
  });
  return { kept, standings };
}

function tooSlow({ topology }: Request, mostMs: number, best: Found, path: Found): boolean {
  const latency = ({ arcs }: Found) => arcs.reduce((sum, a) => sum + topology.latencyMs[a], 0);
  return latency(path) > mostMs && latency(best) <= mostMs;
}

/** A primary and the backup that is disjoint from it. */
export interface Pair {
  readonly primary: Found;
  readonly backup: Found;
}

/**
 * Looks for a previous primary and first backup that are still disjoint and together within the tolerance of
 * the cheapest pair.
 */
export function judgePairs(
  request: Request,
  keep: KeepPaths,
  best: Pair,
  target: number,
  kind: Disjointness,
): Judgement {
  const problem = newProblem(request, target);
  const wanted = totalOf(request, best);
  let kept: readonly Found[] | null = null;
  const standings = keep.routes.map(({ primary: arcs, backups: [partner] }): Standing => {
    if (arcs === null) return 'gone';
    if (!permits(request, arcs)) return 'policy';
    if (partner === undefined || !permits(request, partner)) return 'disjoint';
    const closed = new Float64Array(request.topology.arcCount);
    closeRisks(request, kind, target, arcs, closed);
    if (partner.some((a) => closed[a] > 0)) return 'disjoint';
    const pair = { primary: found(problem, arcs), backup: found(problem, partner) };
    const total = totalOf(request, pair);
    const ratio = keep.toleranceRatio;
    const small =
      (carriesLess(request, best.primary, pair.primary) || carriesLess(request, best.primary, pair.backup)) &&
      carries(request.topology, best.backup.arcs);
    const narrow = small || (request.widest && total.width < leastWidth(wanted.width, ratio));
    if (narrow || total.units > wanted.units + Math.round(wanted.units * ratio)) return 'better';
    if (tooSlow(request, keep.mostLatencyMs, best.primary, pair.primary)) return 'objective';
    kept ??= [pair.primary, pair.backup];
    return 'stands';
  });
  return { kept, standings };
}

/** Of both paths together: whole units of the metric, and width. */
export function totalOf(request: Request, { primary, backup }: Pair): { units: number; width: number } {
  const units = ({ key }: Found) => Math.floor(key / request.hopRadix);
  return { units: units(primary) + units(backup), width: primary.width + backup.width };
}

/**
 * In place of the best next backup a previous one that shares no more with the paths before it, differs from
 * them and is within the tolerance in the metric; `best` where there is none. `problem` holds the penalties
 * of sharing.
 */
export function keptBackup(
  problem: Problem,
  best: Found,
  earlier: readonly Found[],
  candidates: readonly (readonly number[])[],
  ratio: number,
): Found {
  const { request } = problem;
  for (const arcs of candidates) {
    if (earlier.some((p) => sameArcs(p.arcs, arcs)) || !permits(request, arcs)) continue;
    const path = found(problem, arcs);
    if (path.penalty === best.penalty && withinTolerance(request, best, path, ratio)) return path;
  }
  return best;
}

/** Paths of equal cost as planned without a previous plan. */
export interface EqualCost {
  readonly afresh: readonly Found[];
  readonly best: Found;
  readonly primary: Found;
  /** Most that one may be worse than `best`. */
  readonly ratio: number;
}

/**
 * The equal-cost paths with previous ones in the place of newcomers, where all of them together are more than
 * `afresh`, which holds the first ones; the primary is among them. A path beyond the tolerance of equal cost
 * is dropped.
 */
export function keptEqualCost(
  request: Request,
  target: number,
  { afresh, best, primary, ratio }: EqualCost,
  before: readonly (readonly number[])[],
): Found[] {
  const problem = newProblem(request, target);
  const isEqual = (p: Found) =>
    !carriesLess(request, best, p) &&
    (request.widest ? p.width >= leastWidth(best.width, ratio) : p.key <= mostKey(request, best.key, ratio));
  const staying = before
    .filter((arcs) => permits(request, arcs))
    .map((arcs) => found(problem, arcs))
    .filter(isEqual)
    .sort((a, b) => comparePaths(request, a, b));
  const all = [primary, ...staying, ...afresh];
  const less = ({ arcs }: Found) => (carries(request.topology, arcs) ? 0 : 1);
  return all
    .filter((p, i) => all.findIndex((other) => sameArcs(other.arcs, p.arcs)) === i)
    .slice(0, afresh.length)
    .sort((a, b) => less(a) - less(b) || comparePaths(request, a, b));
}

import type { Topology } from '../graph';
import { bestOf, carries, carryingRequests, MergedRanking, servingPaths } from './carrying';
import { servingPair } from './disjoint-pair';
import { within } from './equal-cost';
import type { KeepPaths, Pair, Standing } from './keep-paths';
import { judgePairs, judgePrimaries, keptBackup, keptEqualCost, totalOf } from './keep-paths';
import type { Path } from './path';
import { pathOf } from './path';
import type { Found } from './problem';
import { newProblem } from './problem';
import type { Refusal } from './refusal';
import { refusal, refuse, searchLimit } from './refusal';
import type { NodeRef, Request } from './request';
import { checkRequest, nodeNumber } from './request';
import { sameArcs } from './same-arcs';
import type { Disjointness, Sharing } from './sharing';
import { sharingOf, sharingPenalty } from './sharing';
import { inForce, lastResort, pairWithStandby } from './standby';

export interface RouteSetOptions {
  /** Most backups. Default 3. */
  readonly backups?: number;
  /**
   * What primary and first backup must not share; they are then the cheapest such pair. Default `none`: as
   * little as possible.
   */
  readonly disjoint?: 'none' | Disjointness;
  /** Default 0.1. */
  readonly ecmpToleranceRatio?: number;
  /** Most equal-cost paths. Default 4. */
  readonly ecmpPaths?: number;
  /** Paths of a previous plan that stand where they can. Default: all is chosen anew. */
  readonly keep?: KeepPaths;
}

/** What stands of a previous plan in the place of what would be chosen anew. */
export interface KeptRoute {
  /**
   * Of the best path, which the primary stands in the place of (with disjointness: of the cheapest pair, both
   * together), in the strategy's metric; null: the primary is the best.
   */
  readonly bestMetric: number | null;
  /** Ids of backups that stand in the place of better ones, best first. */
  readonly backups: readonly string[];
  /** Do equal-cost paths stand in the place of better ones? */
  readonly equalCost: boolean;
}

/** A backup and what it shares with the primary. */
export interface Backup extends Sharing {
  readonly path: Path;
}

/** How a pair is served: which path, what takes over, and what traffic could be spread over. */
export interface RouteSet {
  /** null: no route; `refusal` says why. */
  readonly primary: Path | null;
  /** Of the primary, in the strategy's own metric. */
  readonly metric: number | null;
  /** Best first. */
  readonly backups: readonly Backup[];
  /**
   * Within the tolerance of the best path, in order; the primary is among them, in place of the last if need
   * be.
   */
  readonly equalCost: readonly Path[];
  readonly equalCostMore: boolean;
  /** No route, no disjoint pair (with a route), or a search that gave up; null otherwise. */
  readonly refusal: Refusal | null;
  /** What would be better under another policy; null if nothing. */
  readonly hint: RouteHint | null;
  /** null: nothing differs from what would be chosen anew. */
  readonly kept: KeptRoute | null;
  /** Of each route that was to stand, whether it does; empty without any, or without a route now. */
  readonly standings: readonly Standing[];
}

/** The primary leaves no link-disjoint backup, yet two link-disjoint paths exist (a trap topology). */
export interface RouteHint {
  readonly code: 'disjoint-pair-exists';
  readonly message: string;
  /** Path ids of the cheapest link-disjoint pair, and the sum of their metrics. */
  readonly paths: readonly [string, string];
  readonly totalMetric: number;
}

/**
 * Primary, backups and equal-cost paths of one pair. Backup i has the least of: links, arcs with a common
 * shared-risk group and transit regions shared with the primary; the same with the other earlier backups,
 * counted for each; then the strategy's metric, hops and link ids. It keeps to the same constraints and
 * differs from all earlier paths.
 *
 * What carries an IPv6 packet of the least size (`Topology.mostHops`) comes first. Primary and equal-cost
 * paths carry less only where no permitted path carries it; a primary and first backup that must be disjoint,
 * where no such pair does; the first backup, where all that carry it share more with the primary; other
 * backups, where none is left that carries it.
 *
 * Links on standby are closed to a pair that has a path without them; only backups use them then, once no
 * other is left, and the last one also where it leads around links that all others share (see `lastResort`).
 */
export function routeSet(
  topology: Topology,
  whole: Request,
  from: NodeRef,
  to: NodeRef,
  options: RouteSetOptions = {},
): RouteSet {
  checkRequest(topology, whole);
  const { backups: most = 3, disjoint = 'none', ecmpToleranceRatio = 0.1, ecmpPaths = 4, keep } = options;
  const [source, target] = [nodeNumber(topology, from), nodeNumber(topology, to)];
  if (source === target) return noRoute(refuse(whole, source, target, false));
  const request = inForce(whole, source, target);
  const { order, first: best } = servingPaths(request, source, target);
  if (best === null) return noRoute(refuse(request, source, target, order.limited));

  let limited = false;
  let pair: Pair | null = null;
  let broken: Refusal | null = null;
  if (disjoint !== 'none') {
    let result = servingPair(request, source, target, disjoint);
    if (result.pair === null && !result.limited && request !== whole)
      result = pairWithStandby(request, whole, source, target, disjoint);
    pair = result.pair;
    if (result.limited) limited = true;
    if (result.pair === null && !result.limited) broken = notDisjoint(request, source, target, disjoint);
  }
  const start = startOf(request, target, best, pair, disjoint, keep);
  const earlier = start.paths.slice(0, most + 1);
  const stood: Found[] = [];
  const candidates = keep ? keep.routes.flatMap((r) => r.backups) : [];
  while (earlier.length <= most) {
    const last = request !== whole && earlier.length === most;
    const around = last ? lastResort(whole, earlier, source, target) : undefined;
    const more = (by: Request) =>
      nextBackup(by, source, target, earlier, candidates, keep?.toleranceRatio ?? 0);
    let next = more(around ?? request);
    if (next.path === null && !next.limited && request !== whole) next = more(whole);
    limited ||= next.limited;
    if (next.path === null) break;
    if (next.stands) stood.push(next.path);
    earlier.push(next.path);
  }
  const { kept, more } = within(order, best, ecmpToleranceRatio, ecmpPaths);
  limited ||= order.limited;
  if (disjoint !== 'none' || start.bestMetric !== null) keepPrimary(kept, earlier[0]);
  // Where all of them fit nobody stands in the place of another.
  const before = keep && more ? keep.routes.flatMap((r) => r.equalCost) : null;
  const equal =
    before === null
      ? kept
      : keptEqualCost(
          request,
          target,
          { afresh: kept, best, primary: earlier[0], ratio: ecmpToleranceRatio },
          before,
        );
  const equalCost = !equal.every((p, i) => sameArcs(p.arcs, kept[i].arcs));

  const made: Path[] = [];
  const path = (p: Found): Path => {
    const known = made.find((m) => sameArcs(m.arcs, p.arcs));
    return known ?? made[made.push(pathOf(request, p)) - 1];
  };
  const [primary, ...others] = earlier;
  const backups = others.map((p) => ({ path: path(p), ...sharingOf(request, primary, p) }));
  if (broken !== null && backups.length > 0) broken = { ...broken, nearest: shareText(backups[0]) };
  return {
    primary: path(primary),
    metric: path(primary).metric,
    backups,
    equalCost: equal.map(path),
    equalCostMore: more,
    refusal:
      broken ?? (limited ? searchLimit(request, topology.nodes[source], topology.nodes[target]) : null),
    hint:
      disjoint === 'none' && backups.length > 0 && backups[0].sharedLinks.length > 0
        ? trapHint(request, source, target)
        : null,
    kept:
      start.bestMetric !== null || stood.length > 0 || equalCost
        ? { bestMetric: start.bestMetric, backups: stood.map((p) => path(p).id), equalCost }
        : null,
    standings: start.standings,
  };
}

/** The primary, with the first backup where the two are chosen together. */
function startOf(
  request: Request,
  target: number,
  best: Found,
  pair: Pair | null,
  disjoint: 'none' | Disjointness,
  keep: KeepPaths | undefined,
): {
  readonly paths: readonly Found[];
  readonly bestMetric: number | null;
  readonly standings: readonly Standing[];
} {
  const paired = pair !== null && disjoint !== 'none';
  const afresh = paired ? [pair.primary, pair.backup] : [best];
  if (!keep) return { paths: afresh, bestMetric: null, standings: [] };
  const { kept, standings } = paired
    ? judgePairs(request, keep, pair, target, disjoint)
    : judgePrimaries(request, keep, best, target);
  if (kept === null || kept.every((p, i) => sameArcs(p.arcs, afresh[i].arcs)))
    return { paths: afresh, bestMetric: null, standings };
  const bestMetric = paired ? totalMetric(request, pair) : pathOf(request, best).metric;
  return { paths: kept, bestMetric, standings };
}

/** Of a pair, both together, in the strategy's unit. */
function totalMetric(request: Request, pair: Pair): number {
  const { units, width } = totalOf(request, pair);
  return request.widest ? width : units / request.scale;
}

function noRoute(reason: Refusal): RouteSet {
  return {
    primary: null,
    metric: null,
    backups: [],
    equalCost: [],
    equalCostMore: false,
    refusal: reason,
    hint: null,
    kept: null,
    standings: [],
  };
}

function nextBackup(
  request: Request,
  source: number,
  target: number,
  earlier: readonly Found[],
  candidates: readonly (readonly number[])[],
  toleranceRatio: number,
): { path: Found | null; limited: boolean; stands: boolean } {
  const penalty = sharingPenalty(request, target, earlier);
  if (penalty === null) return { path: null, limited: true, stands: false };
  const chosen = ({ path: best, limited }: Search, minimise: boolean) => {
    if (best === null) return { path: null, limited, stands: false };
    const problem = newProblem(request, target, penalty, minimise);
    const path = keptBackup(problem, best, earlier, candidates, toleranceRatio);
    return { path, limited, stands: !sameArcs(path.arcs, best.arcs) };
  };
  const carry = (path: Found) => carries(request.topology, path.arcs);
  const gates = carryingRequests(request);
  const least = (requests: readonly Request[]) => leastSharing(requests, source, target, penalty, earlier);
  // Most often something shares nothing at all: then it is the best path with all that closed.
  const clear = bestOf([request], source, target, penalty);
  if (clear.path === null && clear.limited) return { ...clear, stands: false };
  if (clear.path !== null && (gates === null || carry(clear.path))) return chosen(clear, false);
  if (clear.path !== null && gates !== null) {
    const found = bestOf(gates, source, target, penalty);
    if (found.path !== null) return chosen(found, false);
  }
  const first = earlier.length === 1;
  const any = clear.path ? clear : first || gates === null ? least([request]) : null;
  // The first backup shares as little with the primary as can be: nothing comes before that.
  if (gates === null || (any?.path && first && (clear.path || carry(any.path))))
    return chosen(any!, !clear.path);
  const found = least(gates);
  const fits = found.path !== null && (!first || found.path.penalty === any?.path?.penalty);
  const best = fits ? found : (any ?? least([request]));
  return chosen({ path: best.path, limited: best.limited || found.limited }, fits || !clear.path);
}

interface Search {
  readonly path: Found | null;
  readonly limited: boolean;
}

/** The path that shares least with earlier ones, and is none of them. */
function leastSharing(
  requests: readonly Request[],
  source: number,
  target: number,
  penalty: Float64Array,
  earlier: readonly Found[],
): Search {
  const ranking = new MergedRanking(
    requests.map((request) => newProblem(request, target, penalty, true)),
    source,
  );
  let next = ranking.next();
  while (next !== null && earlier.some((p) => sameArcs(p.arcs, next!.arcs))) next = ranking.next();
  return { path: next, limited: ranking.limited };
}

/**
 * The primary of a disjoint pair may be worse than the equal-cost paths; it belongs to them all the same,
 * in the place of the last.
 */
function keepPrimary(kept: Found[], primary: Found): void {
  if (kept.length === 0 || kept.some((p) => sameArcs(p.arcs, primary.arcs))) return;
  kept[kept.length - 1] = primary;
}

function notDisjoint(request: Request, source: number, target: number, kind: Disjointness): Refusal {
  const [from, to] = [request.topology.nodes[source], request.topology.nodes[target]];
  const what = { link: 'link-disjoint', node: 'node-disjoint', srlg: 'SRLG-disjoint' }[kind];
  return refusal('not-disjoint', `no two ${what} paths lead from '${from}' to '${to}' under the policy`);
}

function shareText({ path, sharedLinks, sharedRegions, sharedSrlgs }: Backup): string {
  const parts = [
    ['link', sharedLinks],
    ['region', sharedRegions],
    ['shared-risk group', sharedSrlgs],
  ] as const;
  const shared = parts
    .filter(([, ids]) => ids.length > 0)
    .map(([noun, ids]) => `${noun} ${ids.map((id) => `'${id}'`).join(', ')}`);
  return `the backup ${path.id} shares ${shared.length === 0 ? 'nothing' : shared.join('; ')} with the primary`;
}

function trapHint(request: Request, source: number, target: number): RouteHint | null {
  const { pair } = servingPair(request, source, target, 'link');
  if (pair === null) return null;
  const [a, b] = [pathOf(request, pair.primary), pathOf(request, pair.backup)];
  const total = totalMetric(request, pair);
  const units = { latency: 'ms', cost: 'USD/GB', bandwidth: 'Mbps', balanced: 'balanced', metric: 'metric' };
  const unit = units[request.strategy];
  return {
    code: 'disjoint-pair-exists',
    message:
      `the backup shares links with the primary, but ${a.id} and ${b.id} share none ` +
      `(together ${total} ${unit}); disjoint: link would choose them`,
    paths: [a.id, b.id],
    totalMetric: total,
  };
}

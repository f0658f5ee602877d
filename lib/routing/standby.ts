import { bestOf, carries, carryingRequests, MergedRanking } from './carrying';
import { newProblem, type Found } from './problem';
import { compileRequest, type Request } from './request';
import { candidateLimit, type PairResult } from './disjoint-pair';
import { closeRisks, type Disjointness } from './sharing';
import { everything, solve } from './solve';

/** The request with some links avoided as well, compiled once for each set of links. */
function without(request: Request, links: readonly string[]): Request {
  const { topology, strategy, weights, constraints, labelLimit, memo } = request;
  const avoidLinks = [...new Set([...constraints.avoidLinks, ...links])].sort();
  const name = `without ${avoidLinks.join()}`;
  let other = memo.relaxed.get(name);
  if (!other) {
    other = compileRequest(topology, {
      strategy,
      weights,
      constraints: { ...constraints, avoidLinks },
      labelLimit,
    });
    memo.relaxed.set(name, other);
  }
  return other;
}

/** Is there a path that keeps to the request? No, too, where the search gave up. */
function leads(request: Request, source: number, target: number): boolean {
  return solve(newProblem(request, target), source, everything) !== null;
}

/**
 * What a pair may use: the request without the links on standby where a path keeps to that, else the request
 * itself. Links on standby stand among its avoided ones, so whoever compiles it anew keeps to them.
 */
export function inForce(request: Request, source: number, target: number): Request {
  if (request.topology.standby.length === 0) return request;
  const awake = without(request, request.topology.standby);
  return leads(awake, source, target) ? awake : request;
}

/**
 * The request of the last backup, where all paths before it share links that no path without standby links
 * leads around, and one with such links does: it avoids what they share. undefined: there is none such.
 */
export function lastResort(
  request: Request,
  earlier: readonly Found[],
  source: number,
  target: number,
): Request | undefined {
  const { link, links, standby } = request.topology;
  const [first, ...others] = earlier.map((p) => p.arcs.map((a) => link[a]));
  const shared = first.filter((l) => others.every((list) => list.includes(l))).map((l) => links[l]);
  if (standby.length === 0 || shared.length === 0) return undefined;
  if (leads(without(request, [...shared, ...standby]), source, target)) return undefined;
  const around = without(request, shared);
  return leads(around, source, target) ? around : undefined;
}

/**
 * The disjoint pair of a primary without standby links and a backup with some, where none is disjoint
 * without: the cheapest of those whose paths both carry an IPv6 packet of the least size, or where there is
 * none, of all. The cheapest has the least total metric (bandwidth: most total width, then least total
 * latency), then the first primary, then the first backup.
 *
 * @param awake the request without standby links.
 */
export function pairWithStandby(
  awake: Request,
  request: Request,
  source: number,
  target: number,
  kind: Disjointness,
): PairResult {
  const any = cheapestMixed([awake], [request], source, target, kind);
  if (any.pair === null) return any;
  const carry = (path: Found) => carries(request.topology, path.arcs);
  const [ways, partners] = [carryingRequests(awake), carryingRequests(request)];
  if (partners === null || (carry(any.pair.primary) && carry(any.pair.backup))) return any;
  const found = cheapestMixed(ways ?? [awake], partners, source, target, kind);
  return { pair: found.pair ?? any.pair, limited: any.limited || found.limited };
}

/** Candidates for the primary are taken in order, each with its best partner, until none can improve. */
function cheapestMixed(
  ways: readonly Request[],
  partners: readonly Request[],
  source: number,
  target: number,
  kind: Disjointness,
): PairResult {
  const [request] = partners;
  const bound = bestOf(partners, source, target, null).path;
  if (bound === null) return { pair: null, limited: false };
  const ranking = new MergedRanking(
    ways.map((way) => newProblem(way, target)),
    source,
  );
  const widthOf = (x: Found, y: Found) => (request.widest ? x.width + y.width : 0);
  let best: { primary: Found; backup: Found } | null = null;
  let [tried, limited] = [0, false];
  for (let primary = ranking.next(); primary !== null; primary = ranking.next()) {
    if (best !== null) {
      const wider = widthOf(primary, bound) - widthOf(best.primary, best.backup);
      const shorter = primary.key + bound.key < best.primary.key + best.backup.key;
      if (request.widest ? wider < 0 : !shorter) break;
    }
    if (++tried > candidateLimit) {
      limited = true;
      break;
    }
    const closed = new Float64Array(request.topology.arcCount);
    closeRisks(request, kind, target, primary.arcs, closed);
    const { path: backup, limited: gaveUp } = bestOf(partners, source, target, closed);
    limited ||= gaveUp;
    if (backup === null) continue;
    const more = best === null ? 1 : widthOf(primary, backup) - widthOf(best.primary, best.backup);
    const less = best === null ? 0 : best.primary.key + best.backup.key - primary.key - backup.key;
    if (more > 0 || (more === 0 && less > 0)) best = { primary, backup };
  }
  return { pair: best, limited: limited || ranking.limited };
}

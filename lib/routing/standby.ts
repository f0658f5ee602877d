import { newProblem, type Found } from './problem';
import { Ranking } from './ranking';
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
 * The cheapest disjoint pair of a primary without standby links and a backup with some, where none is
 * disjoint without: least total metric (bandwidth: most total width, then least total latency), then the
 * first primary, then the first backup. Candidates for the primary are taken in order, each with its best
 * partner, until none can improve.
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
  const bound = solve(newProblem(request, target), source, everything);
  if (bound === null) return { pair: null, limited: false };
  const ranking = new Ranking(newProblem(awake, target), source);
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
    const partner = newProblem(request, target, closed);
    const backup = solve(partner, source, everything);
    limited ||= partner.limited;
    if (backup === null) continue;
    const more = best === null ? 1 : widthOf(primary, backup) - widthOf(best.primary, best.backup);
    const less = best === null ? 0 : best.primary.key + best.backup.key - primary.key - backup.key;
    if (more > 0 || (more === 0 && less > 0)) best = { primary, backup };
  }
  return { pair: best, limited: limited || ranking.problem.limited };
}

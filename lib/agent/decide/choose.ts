import type { PathCarriage } from './agent-input';
import type { Doubt } from './doubts';
import type { CompiledPlan, Flow, PlannedWay } from './compile-plan';
import type { ShiftedWeights } from './rebalance';
import { standingOf, type SessionRecord, type Standing } from './session-record';
import { wholeWeights, type SelectedPath } from './selection';

/** What a choice reads. */
export interface Circumstances {
  readonly plan: CompiledPlan;
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  /** How traffic fares, by path. */
  readonly carriage: ReadonlyMap<string, PathCarriage>;
  /** Drained places. */
  readonly drains: ReadonlySet<string>;
  /** Reservations whose window is open. */
  readonly open: ReadonlySet<string>;
  /** Weights after re-balancing, by flow. */
  readonly shifted: ReadonlyMap<string, ShiftedWeights>;
  /** Links and risk groups in doubt. */
  readonly doubts: ReadonlyMap<string, Doubt>;
}

/** What is chosen, and whether a path was passed over for a doubt that time or an answer will settle. */
export interface Choice {
  readonly members: readonly SelectedPath[];
  readonly doubtful: boolean;
}

/** Best first; what is drained ranks behind all that is not. */
const ranks: Readonly<Record<Standing, number>> = {
  up: 0,
  degraded: 1,
  unknown: 2,
  waiting: 3,
  down: Infinity,
};
/** See `isCondemned`. */
const condemnedRank = 4;
const drainedRank = 5;

/**
 * Where a flow goes: the planner's rule (lib/failure/place-flow.ts), for the best rank in which any of its
 * paths stands: the living members with their weights against each other; with none the first living of the
 * primary and its backups; with none, nothing. `current` matters for paths that have not answered yet or are
 * in doubt alone: what carries traffic stays until something answers better.
 */
export function chooseMembers(
  flow: Flow,
  current: readonly SelectedPath[],
  circumstances: Circumstances,
): Choice {
  const { plan } = circumstances;
  const used = (way: PlannedWay) => current.some(({ path }) => path === way.id);
  let best = Infinity;
  let living: SelectedPath[] = [];
  for (const member of membersOf(flow, circumstances)) {
    const way = plan.paths.get(member.path)!;
    const rank = rankOf(way, used(way), circumstances);
    if (rank < best) [best, living] = [rank, [member]];
    else if (rank === best) living.push(member);
  }
  let spares: PlannedWay[] = [];
  for (const way of best > ranks.up ? flow.order : []) {
    const rank = rankOf(way, used(way), circumstances);
    if (rank < best) [best, living, spares] = [rank, [], [way]];
    else if (rank === best) spares.push(way);
  }
  if (!Number.isFinite(best)) return { members: [], doubtful: false };
  const ways = [...living.map((member) => plan.paths.get(member.path)!), ...spares];
  if (best % drainedRank === ranks.waiting) {
    return { members: alone(readyFirst(ways, circumstances).id), doubtful: false };
  }
  if (living.length > 1) {
    return { members: flow.spread ? shiftedOf(flow, living, circumstances) : living, doubtful: false };
  }
  const chosen = beyondDoubt(ways[0], flow, used, circumstances);
  return { members: alone(chosen.id), doubtful: chosen !== ways[0] };
}

/** What the flow uses while nothing fails, now. */
function membersOf(flow: Flow, { open }: Circumstances): readonly SelectedPath[] {
  if (flow.reserved.length === 0) return flow.members;
  const held = new Map<string, number>();
  for (const { id, path, mbps } of flow.reserved) {
    if (open.has(id)) held.set(path, (held.get(path) ?? 0) + mbps);
  }
  return held.size > 0 ? wholeWeights(held) : flow.members;
}

function shiftedOf(
  flow: Flow,
  members: readonly SelectedPath[],
  { shifted }: Circumstances,
): readonly SelectedPath[] {
  const weights = shifted.get(flow.id);
  return weights ? wholeWeights(new Map(members.map((m) => [m.path, weights.get(m.path)!]))) : members;
}

/** How a path stands; Infinity: dead. */
function rankOf(way: PlannedWay, used: boolean, circumstances: Circumstances): number {
  const { sessions, drains, carriage } = circumstances;
  let worst = ranks[carriage.get(way.id)?.health ?? 'up'];
  for (const session of way.sessions) {
    const standing = standingOf(sessions.get(session)!);
    worst = Math.max(worst, used && standing === 'unknown' ? ranks.up : ranks[standing]);
  }
  if (worst < condemnedRank && isCondemned(way, circumstances)) worst = condemnedRank;
  return isDrained(way, drains) ? worst + drainedRank : worst;
}

/** In the plan, or at a place that is drained now. */
export function isDrained(way: PlannedWay, drains: ReadonlySet<string>): boolean {
  return way.drained || (drains.size > 0 && way.places.some((place) => drains.has(place)));
}

/**
 * It has missed an answer since before a session died that shares a link or a risk group with it: most likely
 * it is dead as well, and found so a little later. One answer, and it is taken for what it was.
 */
export function isCondemned(way: PlannedWay, { sessions, doubts }: Circumstances): boolean {
  if (doubts.size === 0) return false;
  const missedMs = Math.min(...way.sessions.map((session) => sessions.get(session)!.suspectMs ?? Infinity));
  return way.risks.some((risk) => missedMs <= (doubts.get(risk)?.downMs ?? -Infinity));
}

/**
 * The path whose wait is over first. Taking the one that comes first in the plan would move traffic with
 * every path that comes back, and once more when the waits are over.
 */
function readyFirst(ways: readonly PlannedWay[], { sessions }: Circumstances): PlannedWay {
  const readyMs = (way: PlannedWay) =>
    Math.max(...way.sessions.map((session) => sessions.get(session)!.held?.untilMs ?? 0));
  return ways.reduce((first, way) => (readyMs(way) < readyMs(first) ? way : first));
}

/**
 * The path that ranks first, unless it shares a link or a risk group with a path that has just died and has
 * not answered since, while another one has answered: a backup that died with the primary is noticed only a
 * moment later. Then the best that shares none; of a worse rank, degraded or held back, only if it has
 * answered itself: what flaps is better than what is most likely dead. A drained one is no way out. What
 * carries traffic is not left for a doubt.
 */
function beyondDoubt(
  first: PlannedWay,
  flow: Flow,
  used: (way: PlannedWay) => boolean,
  circumstances: Circumstances,
): PlannedWay {
  const { sessions, doubts } = circumstances;
  if (doubts.size === 0) return first;
  const answeredMs = (way: PlannedWay) => sessions.get(way.sessions[0])!.answeredMs;
  const doubtMs = (way: PlannedWay) => {
    const sinceMs = Math.max(...way.risks.map((risk) => doubts.get(risk)?.suspectMs ?? -Infinity));
    return answeredMs(way) < sinceMs && !used(way) ? sinceMs : -Infinity;
  };
  const sinceMs = doubtMs(first);
  if (sinceMs === -Infinity) return first;
  const shown = (way: PlannedWay) => answeredMs(way) >= sinceMs || used(way);
  const least = rankOf(first, used(first), circumstances);
  // Of one kind, drained or not, and less than condemned.
  const below = least - (least % drainedRank) + condemnedRank;
  const trusted = flow.order
    .filter((way) => doubtMs(way) === -Infinity)
    .map((way) => ({ way, rank: rankOf(way, used(way), circumstances) }))
    .filter(({ way, rank }) => rank === least || (shown(way) && rank < below));
  if (!trusted.some(({ way }) => shown(way))) return first;
  const best = Math.min(...trusted.map(({ rank }) => rank));
  const ways = trusted.filter(({ rank }) => rank === best).map(({ way }) => way);
  return best % drainedRank === ranks.waiting ? readyFirst(ways, circumstances) : ways[0];
}

function alone(path: string): readonly SelectedPath[] {
  return [{ path, weight: 1 }];
}

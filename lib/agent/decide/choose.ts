import type { CompiledPlan, Flow, PlannedWay } from './compile-plan';
import { candidatesOf } from './compile-plan';
import type { ShiftedWeights } from './rebalance';
import { standingOf, type SessionRecord, type Standing } from './session-record';
import { wholeWeights, type SelectedPath } from './selection';

/** What a choice reads. */
export interface Circumstances {
  readonly plan: CompiledPlan;
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  /** Drained places. */
  readonly drains: ReadonlySet<string>;
  /** Reservations whose window is open. */
  readonly open: ReadonlySet<string>;
  /** Weights after re-balancing, by flow. */
  readonly shifted: ReadonlyMap<string, ShiftedWeights>;
  /** Since when which links and risk groups are in doubt. */
  readonly doubts: ReadonlyMap<string, number>;
}

/** Best first; what is drained ranks behind all that is not. */
const ranks: Readonly<Record<Standing, number>> = {
  up: 0,
  degraded: 1,
  unknown: 2,
  waiting: 3,
  down: Infinity,
};
const drainedRank = 4;

/**
 * Where a flow goes: the planner's rule (lib/failure/place-flow.ts), for the best rank in which any of its
 * paths stands: the living members with their weights against each other; with none the first living of the
 * primary and its backups; with none, nothing. A function of the circumstances and of `current`, which
 * matters for paths that have not answered yet alone: what carries traffic stays until something answers
 * better.
 */
export function chooseMembers(
  flow: Flow,
  current: readonly SelectedPath[],
  circumstances: Circumstances,
): readonly SelectedPath[] {
  const { plan } = circumstances;
  const wanted = membersOf(flow, circumstances);
  const used = new Set(current.map((member) => member.path));
  const rank = new Map<string, number>();
  for (const way of candidatesOf(flow, plan.paths)) {
    rank.set(way.id, rankOf(way, used.has(way.id), circumstances));
  }
  const order = flow.order.map((way) => way.id);
  const best = Math.min(...wanted.map((m) => rank.get(m.path)!), ...order.map((id) => rank.get(id)!));
  if (!Number.isFinite(best)) return [];
  const living = wanted.filter((member) => rank.get(member.path) === best);
  const spares = flow.order.filter((way) => rank.get(way.id) === best);
  if (best % drainedRank === ranks.waiting) {
    const ways = [...living.map((member) => plan.paths.get(member.path)!), ...spares];
    return alone(readyFirst(ways, circumstances).id);
  }
  if (living.length === 1) return alone(living[0].path);
  if (living.length > 1) return flow.spread ? shiftedOf(flow, living, circumstances) : living;
  return alone(firstBeyondDoubt(spares, circumstances).id);
}

/** What the flow uses while nothing fails, now. */
function membersOf(flow: Flow, { open }: Circumstances): readonly SelectedPath[] {
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
export function rankOf(
  way: PlannedWay,
  used: boolean,
  { sessions, drains }: Pick<Circumstances, 'sessions' | 'drains'>,
): number {
  let worst = 0;
  for (const session of way.sessions) {
    const standing = standingOf(sessions.get(session)!);
    worst = Math.max(worst, used && standing === 'unknown' ? ranks.up : ranks[standing]);
  }
  const drained = way.drained || way.places.some((place) => drains.has(place));
  return drained ? worst + drainedRank : worst;
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
 * The first, unless it shares a link or a risk group with a path that has just died and has not answered
 * since, while another one has answered: a backup that died with the primary is noticed only a moment later.
 */
function firstBeyondDoubt(ways: readonly PlannedWay[], { sessions, doubts }: Circumstances): PlannedWay {
  if (doubts.size === 0) return ways[0];
  const answeredMs = (way: PlannedWay) => sessions.get(way.sessions[0])!.answeredMs;
  const doubtMs = (way: PlannedWay) => {
    const sinceMs = Math.max(...way.risks.map((risk) => doubts.get(risk) ?? -Infinity));
    return answeredMs(way) < sinceMs ? sinceMs : -Infinity;
  };
  const trusted = ways.filter((way) => doubtMs(way) === -Infinity);
  const lastDoubtMs = Math.max(...ways.map(doubtMs));
  return trusted.some((way) => answeredMs(way) >= lastDoubtMs) ? trusted[0] : ways[0];
}

function alone(path: string): readonly SelectedPath[] {
  return [{ path, weight: 1 }];
}

import { defaultProbeSettings } from '../agent/probe';
import { gatewayState, type GatewayRoute, type GatewayState, type PinnedPath } from '../gateway';
import { pathPinner } from '../gateway/pin-path';
import { qosClasses, type QosClass } from '../model';
import type { PlanDocument } from '../plan';
import { compileWindow, isOpenAt } from '../reservation/compiled-window';
import { flowId, type Impairments } from './impairment';
import type { LabTunnel } from './layout';

/** Traffic that a failure moves, as the plan has it. */
export interface PredictedMove {
  /** Source gateway. */
  readonly gateway: string;
  readonly from: string;
  readonly to: string;
  /** Classes that move alike, most important first. */
  readonly classes: readonly QosClass[];
  /** Ids of the gateway's paths, sorted; several where the plan spreads the traffic. */
  readonly before: readonly string[];
  /** Empty: no planned path is left. */
  readonly after: readonly string[];
}

/** 0: fine; 1: degraded; Infinity: nothing arrives. */
type Standing = number;

/** What is drained is used after all that is not, however degraded. */
const drainedStanding = 4;

/**
 * Where traffic goes while flows of the underlay are impaired, for all that does not stay where it was: each
 * class of each pair of regions, from each gateway, classes that move alike together. The planner's rule (see
 * lib/failure/place-flow.ts) on the gateways' own paths: what lives of the planned spread; with nothing of it
 * the first living of primary and backups; degraded ones only where no other is left. Sorted by gateway and
 * destination. Traffic from and to a region all of whose tunnels are dead is left out: it ends with it.
 *
 * @param atUtcMs now, ms since 1970: reservations whose window is open decide the path of their class.
 */
export function predictMoves(
  plan: PlanDocument,
  tunnels: readonly LabTunnel[],
  impairments: Impairments,
  atUtcMs: number,
): PredictedMove[] {
  const isDead = (id: string) => {
    const own = tunnels.filter((t) => t.ends.some((end) => end.region === id));
    return own.every((t) => [0, 1].some((side) => impairments.get(flowId(t, side as 0 | 1))?.blackhole));
  };
  const ended = new Set(plan.regions.map((r) => r.id).filter(isDead));
  const standings = pathStandings(plan, tunnels, impairments);
  return plan.gateways
    .filter((g) => !ended.has(g.region))
    .flatMap(({ id }) => movesOf(gatewayState(plan, id), standings(id), atUtcMs))
    .filter((move) => !ended.has(move.to));
}

function movesOf(
  gateway: GatewayState,
  standing: (path: PinnedPath) => Standing,
  atUtcMs: number,
): PredictedMove[] {
  const paths = new Map(gateway.paths.map((p) => [p.id, p]));
  const drained = new Set(gateway.tunnels.filter((t) => t.drained).map((t) => t.link));
  const still = (id: string) => (paths.get(id)!.links.some((l) => drained.has(l)) ? drainedStanding : 0);
  const moves = new Map<string, { classes: QosClass[]; move: PredictedMove }>();
  for (const route of gateway.routes) {
    if (route.to === gateway.region) continue;
    for (const qos of qosClasses.filter((c) => route.classes.includes(c))) {
      const wanted = wantedPaths(gateway, route, qos, atUtcMs);
      const order = [...(route.primary === null ? [] : [route.primary]), ...route.backups];
      const before = choose(wanted, order, still);
      const after = choose(wanted, order, (id) => still(id) + standing(paths.get(id)!));
      if (before.join() === after.join()) continue;
      const key = [route.to, ...before, '', ...after].join('\n');
      const found = moves.get(key);
      if (found) found.classes.push(qos);
      else {
        const classes = [qos];
        const ends = { gateway: gateway.gateway, from: gateway.region, to: route.to };
        moves.set(key, { classes, move: { ...ends, classes, before, after } });
      }
    }
  }
  const rank = ({ classes }: PredictedMove) => qosClasses.indexOf(classes[0]);
  return [...moves.values()]
    .map(({ move }) => move)
    .sort((a, b) => (a.to < b.to ? -1 : a.to > b.to ? 1 : rank(a) - rank(b)));
}

/** What traffic uses while nothing fails: its spread; else what is reserved for it; else its primary. */
function wantedPaths(
  { reservations, paths }: GatewayState,
  { to, primary, spreads }: GatewayRoute,
  qos: QosClass,
  atUtcMs: number,
): readonly string[] {
  const known = new Set(paths.map((p) => p.id));
  const spread = spreads.find((s) => s.class === qos)?.members.map((m) => m.path) ?? [];
  if (spread.some((id) => known.has(id))) return spread.filter((id) => known.has(id));
  const open = reservations.filter(
    (r) => r.to === to && r.class === qos && isOpenAt(r.window && compileWindow(r.window), atUtcMs),
  );
  const reserved = open.flatMap((r) => r.paths).filter((id) => known.has(id));
  if (reserved.length > 0) return reserved;
  return primary === null ? [] : [primary];
}

function choose(
  wanted: readonly string[],
  order: readonly string[],
  standing: (id: string) => Standing,
): readonly string[] {
  const best = Math.min(...[...wanted, ...order].map(standing));
  if (!Number.isFinite(best)) return [];
  const living = [...new Set(wanted)].filter((id) => standing(id) === best);
  return living.length > 0 ? living.sort() : [order.find((id) => standing(id) === best)!];
}

/** How the paths of a gateway stand, by the flows they use. */
function pathStandings(
  plan: PlanDocument,
  tunnels: readonly LabTunnel[],
  impairments: Impairments,
): (gateway: string) => (path: PinnedPath) => Standing {
  const { lossThreshold, latencyFactor, latencyOffsetMs } = defaultProbeSettings.health;
  const pinner = pathPinner(plan);
  const disturbed = new Map(tunnels.map((t) => [t.id, disturbanceOf(t, impairments)]));
  const planned = new Map(tunnels.map((t) => [t.id, t.ends[0].latencyMs + t.ends[1].latencyMs]));
  const standingOf = (ids: readonly string[]): Standing => {
    const all = ids.map((id) => disturbed.get(id)!);
    if (all.some((d) => d.dead)) return Infinity;
    const lossRatio = 1 - all.reduce((left, d) => left * (1 - d.lossRatio), 1);
    const extraMs = all.reduce((sum, d) => sum + d.extraMs, 0);
    const plannedMs = ids.reduce((sum, id) => sum + planned.get(id)!, 0);
    const late = plannedMs + extraMs > plannedMs * latencyFactor + latencyOffsetMs;
    return lossRatio > lossThreshold || late ? 1 : 0;
  };
  return (gateway) => (path) => {
    const variant = pinner.variants(path.path, gateway).find((v) => v.id === path.id)!;
    const ids = variant.hops.map((hop) => hop.tunnel.id);
    // Its own probes and those of its first tunnel speak for it.
    return Math.max(standingOf(ids), standingOf(ids.slice(0, 1)));
  };
}

/** Of a round trip over a tunnel. */
function disturbanceOf(tunnel: LabTunnel, impairments: Impairments) {
  const both = ([0, 1] as const).flatMap((side) => impairments.get(flowId(tunnel, side)) ?? []);
  return {
    dead: both.some((i) => i.blackhole),
    lossRatio: 1 - both.reduce((left, i) => left * (1 - i.lossRatio), 1),
    extraMs: both.reduce((sum, i) => sum + i.extraMs, 0),
  };
}

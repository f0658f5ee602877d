import { byText } from '../../diagnostics';
import type { GatewayRoute, GatewayState, PinnedPath } from '../../gateway';
import type { QosClass } from '../../model';
import { compileWindow, type CompiledWindow } from '../../reservation/compiled-window';
import type { SelectedPath } from './selection';

/** A gateway's part of a plan, as decisions read it. Made once for each plan, never changed. */
export interface CompiledPlan {
  readonly gateway: GatewayState;
  /** By destination, then class rank. */
  readonly flows: readonly Flow[];
  /** Flows that a session's health concerns. */
  readonly flowsOf: ReadonlyMap<string, readonly Flow[]>;
  readonly paths: ReadonlyMap<string, PlannedWay>;
  /** Session ids, sorted: each tunnel's, then each probed path's. */
  readonly sessions: readonly string[];
  /** Those of the paths that traffic uses while nothing fails, each once. */
  readonly planned: readonly string[];
  /** What a dead session puts in doubt: links and shared-risk groups. */
  readonly risksOf: ReadonlyMap<string, readonly string[]>;
  /** Windows by reservation, own and in transit; sorted by id. null: always open. */
  readonly windows: ReadonlyMap<string, CompiledWindow | null>;
  /** By tunnel, towards the peer. */
  readonly bandwidthMbps: ReadonlyMap<string, number>;
  /** What can be drained here: `link x`, `gateway y`, `region z`. */
  readonly places: ReadonlySet<string>;
}

/** A planned path of this gateway. */
export interface PlannedWay {
  readonly id: string;
  /** The session that answers for it end to end, and, behind the first hop, that of its tunnel. */
  readonly sessions: readonly string[];
  readonly tunnel: string;
  /** Links, gateways and regions it passes, as in `places`. */
  readonly places: readonly string[];
  /** Links and shared-risk groups it shares with others. */
  readonly risks: readonly string[];
  /** A link of it is drained in the plan. */
  readonly drained: boolean;
}

/** Traffic of one class to one region: what is selected for as one. */
export interface Flow {
  /** `<to> <class>`. */
  readonly id: string;
  readonly to: string;
  readonly class: QosClass;
  /** What it uses while nothing fails: the spread, or the primary alone, or nothing. */
  readonly members: readonly SelectedPath[];
  readonly spread: boolean;
  /** What the plan carries by the spread, Mbps; 0 without one. */
  readonly mbps: number;
  /** Primary, then backups: the order in which they take over. */
  readonly order: readonly PlannedWay[];
  /** Reservations of a class without planned spread, by path. */
  readonly reserved: readonly { readonly id: string; readonly path: string; readonly mbps: number }[];
  /** Every path that may ever carry it, each once. */
  readonly candidates: readonly PlannedWay[];
}

/**
 * Compiles. Flows that the cloud carries (a route without refusal and without a path of ours) are left to
 * it; a route from the region to itself is delivered here and is no flow. O(size of the input).
 */
export function compilePlan(gateway: GatewayState): CompiledPlan {
  const drained = new Set(gateway.tunnels.filter((t) => t.drained).map((t) => t.link));
  const paths = new Map(gateway.paths.map((path) => [path.id, wayOf(path, drained)]));
  const flows = flowsOf(gateway, paths);
  const linkOf = new Map(gateway.tunnels.map((t) => [t.id, t.link]));
  const risksOf = new Map(gateway.tunnels.map((t) => [tunnelSession(t.id), [`link ${t.link}`]]));
  for (const path of gateway.paths) {
    const own = paths.get(path.id)!.sessions[0];
    if (path.hops === 1 && !linkOf.has(path.tunnel)) throw new RangeError(`no tunnel '${path.tunnel}' here`);
    risksOf.set(own, [...new Set([...(risksOf.get(own) ?? []), ...paths.get(path.id)!.risks])]);
  }
  const windows = new Map([
    ...gateway.tunnels.flatMap((t) => t.guarantees.map((g) => [g.reservation, g.window] as const)),
    ...gateway.reservations.map((r) => [r.id, r.window] as const),
  ]);
  const concerned = new Map<string, Flow[]>();
  for (const flow of flows) {
    for (const session of new Set(flow.candidates.flatMap((way) => way.sessions))) {
      concerned.set(session, [...(concerned.get(session) ?? []), flow]);
    }
  }
  const planned = flows.flatMap(({ members, reserved }) => [...members, ...reserved]);
  return {
    gateway,
    flows,
    flowsOf: concerned,
    paths,
    sessions: [...risksOf.keys()].sort(byText),
    planned: [...new Set(planned.map(({ path }) => paths.get(path)!.sessions[0]))],
    risksOf,
    windows: new Map(
      [...windows]
        .sort(([a], [b]) => byText(a, b))
        .map(([reservation, window]) => [reservation, window && compileWindow(window)]),
    ),
    bandwidthMbps: new Map(gateway.tunnels.map((t) => [t.id, t.bandwidthMbps])),
    places: placesOf(gateway, paths),
  };
}

export function tunnelSession(tunnel: string): string {
  return `tunnel:${tunnel}`;
}

function wayOf(path: PinnedPath, drained: ReadonlySet<string>): PlannedWay {
  const links = path.links.map((link) => `link ${link}`);
  const gateways = path.gateways.map((gateway) => `gateway ${gateway}`);
  const regions = new Set(path.gateways.map((gateway) => `region ${regionOf(gateway)}`));
  const tunnel = tunnelSession(path.tunnel);
  return {
    id: path.id,
    // Without a way back for answers only the first hop can be watched.
    sessions: path.hops > 1 && path.probe !== null ? [`path:${path.id}`, tunnel] : [tunnel],
    tunnel: path.tunnel,
    places: [...links, ...gateways, ...regions],
    risks: [...links, ...path.srlgs.map((srlg) => `srlg ${srlg}`)],
    drained: path.links.some((link) => drained.has(link)),
  };
}

function flowsOf(gateway: GatewayState, paths: ReadonlyMap<string, PlannedWay>): Flow[] {
  const rank = new Map(gateway.classes.map((mark, i) => [mark.class, i]));
  return gateway.routes
    .filter((route) => route.to !== gateway.region)
    .flatMap((route) =>
      route.classes
        .map((qos) => flowOf(gateway, route, qos, paths))
        .filter((flow) => flow.members.length > 0 || route.refusal !== null),
    )
    .sort((a, b) => byText(a.to, b.to) || rank.get(a.class)! - rank.get(b.class)!);
}

function flowOf(
  gateway: GatewayState,
  route: GatewayRoute,
  qos: QosClass,
  paths: ReadonlyMap<string, PlannedWay>,
): Flow {
  const way = (id: string) => {
    const found = paths.get(id);
    if (!found) throw new RangeError(`traffic to '${route.to}' names a path '${id}' that is not here`);
    return found;
  };
  const spread = route.spreads.find((s) => s.class === qos);
  const primary = route.primary === null ? [] : [route.primary];
  const members = spread?.members ?? primary.map((path) => ({ path, weight: 1 }));
  const order = [...primary, ...route.backups].map(way);
  // Without demand a spread is only the two variants of the primary: a reservation's paths come first.
  const reserved = gateway.reservations
    .filter((r) => r.to === route.to && r.class === qos && !(spread && spread.mbps > 0))
    .flatMap((r) => r.paths.map((path) => ({ id: r.id, path, mbps: r.bandwidthMbps / r.paths.length })));
  return {
    id: `${route.to} ${qos}`,
    to: route.to,
    class: qos,
    members,
    spread: spread !== undefined,
    mbps: spread?.mbps ?? 0,
    order,
    reserved,
    candidates: [...new Set([...[...members, ...reserved].map(({ path }) => way(path)), ...order])],
  };
}

function placesOf(gateway: GatewayState, paths: ReadonlyMap<string, PlannedWay>): Set<string> {
  const places = [...paths.values()].flatMap((way) => way.places);
  for (const { link, peer } of gateway.tunnels) {
    places.push(`link ${link}`, `gateway ${peer.gateway}`, `region ${peer.region}`);
  }
  return new Set([...places, `gateway ${gateway.gateway}`, `region ${gateway.region}`].sort(byText));
}

function regionOf(gateway: string): string {
  return gateway.slice(0, gateway.lastIndexOf('/'));
}

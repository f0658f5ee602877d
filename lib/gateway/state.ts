import { localSegment } from '../addressing';
import {
  classFacts,
  qosClasses,
  type Operations,
  type QosClass,
  type StrategyName,
  type TunnelType,
} from '../model';
import { isIpv4Prefix } from '../net';
import type { PlanDocument, PlannedGateway, PlannedRegion, RouteRefusal } from '../plan';
import { gatewayFolder, journalGroup } from './bucket-places';
import { gatewayEdge, type GatewayEdge } from './edge';
import { gatewayPaths, type ReturnPath } from './paths';
import { gatewayReservations, type GatewayReservation, type TunnelGuarantee } from './reservations';
import type { PinnedPath } from './pin-path';
import { sharedTables, type GatewayTable } from './route-tables';
import { servesOverlay } from './operator-access';
import { classSpreads, type ClassSpread } from './spreads';
import { plannedEndpoint } from './planned-endpoint';

/**
 * Version of `gateway.json`; an agent refuses every other.
 *
 * 1, 2026-11-23: the first.
 */
export const gatewayStateVersion = 1;

/**
 * What one gateway is to be: its part of the plan. Lists are sorted by id; routes by destination, then as
 * in the plan.
 */
export interface GatewayState {
  readonly formatVersion: typeof gatewayStateVersion;
  /** Digest of the plan it was taken from. */
  readonly planDigest: string;
  /** The plan's; an agent refuses one lower than it has applied. */
  readonly generation: number;
  readonly network: string;
  /** The names under which its keys were made: its own unless network or region were renamed. */
  readonly networkIdentity: string;
  readonly identity: string;
  /** Gateway id, `<region>/<number>`. */
  readonly gateway: string;
  readonly region: string;
  readonly number: number;
  /** A drained region takes no transit traffic. */
  readonly drained: boolean;
  readonly publicKey: string | null;
  /** The key that it takes into use when a rotation is finished. Absent: none is under way. */
  readonly nextPublicKey?: string;
  /** Loopback addresses, without length. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** SRv6 locator, a /64, and the segments that end here: End.DX4 and End.DX6. */
  readonly locator: string;
  readonly segmentDx4: string;
  readonly segmentDx6: string;
  /** End.DT6 into the local table: how probes reach this gateway itself (see `localSegment`). */
  readonly segmentLocal: string;
  /** The region's own prefixes: what is delivered here. */
  readonly ipv4Block: string;
  readonly ipv6Block: string;
  /**
   * Its further networks, as in the plan, and where operators get in the overlay addresses of its other
   * gateways: delivered here too. Absent: none.
   */
  readonly prefixes?: readonly string[];
  /** Every QoS class and its code point, most important first. */
  readonly classes: readonly ClassMark[];
  readonly tunnels: readonly GatewayTunnel[];
  /** Every path that a route below names. */
  readonly paths: readonly PinnedPath[];
  /** Paths that end here, turned round: what an end-to-end probe's answer travels. */
  readonly returns: readonly ReturnPath[];
  readonly routes: readonly GatewayRoute[];
  /** Admitted reservations whose path starts here. */
  readonly reservations: readonly GatewayReservation[];
  /** Gateways that probe or are probed by this one, directly or over paths. */
  readonly peers: readonly GatewayPeer[];
  /** What may come to it, and from whom. */
  readonly edge: GatewayEdge;
  /** What it takes over from the other gateway of its region. Absent: it is alone there, or not in AWS. */
  readonly takeover?: GatewayTakeover;
  /** How operators get in, as in the plan. Absent: on this gateway alone. */
  readonly operations?: GatewayOperations;
}

/** A gateway's part in how operators get in. */
export interface GatewayOperations extends Pick<Operations, 'api' | 'metrics' | 'webhooks' | 'ssmAgent'> {
  /** It takes orders by AWS Systems Manager; absent: it does not. */
  readonly ssm?: true;
  /** Where in CloudWatch Logs its journal goes; absent: it stays here. */
  readonly logs?: { readonly group: string; readonly stream: string };
}

/** Two gateways of a region stand in for each other in the route tables of its workloads. */
export interface GatewayTakeover {
  readonly partner: GatewayPeer;
  /** Tables of the region that lead to one of the two, `public` and then by zone, or yours in order. */
  readonly tables: readonly GatewayTable[];
  /** Prefix in these tables by which operators reach gateways elsewhere; absent: they do not. */
  readonly operators?: string;
}

/** A gateway that probes this one or is probed by it. */
export interface GatewayPeer {
  readonly gateway: string;
  /** Under which keys that both derive are made, so that a renaming breaks no session. */
  readonly identity: string;
  readonly publicKey: string | null;
  /** As `GatewayState.nextPublicKey`. */
  readonly nextPublicKey?: string;
}

/** A class on the wire. */
export interface ClassMark {
  readonly class: QosClass;
  /** Differentiated services code point, 0 to 63 (RFC 2474). */
  readonly dscp: number;
}

/** This gateway's end of a tunnel. */
export interface GatewayTunnel {
  readonly id: string;
  /** By which the sealed keys know its preshared key. */
  readonly identity: string;
  readonly link: string;
  readonly plane: number;
  readonly type: TunnelType;
  /** A drained link carries nothing; its tunnel stays up and probed. */
  readonly drained: boolean;
  readonly interfaceName: string;
  readonly listenPort: number;
  /** Addresses of a /31 and a /127, without length. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** This gateway's End.X segment towards the peer. */
  readonly segment: string;
  readonly mtu: number;
  readonly keepaliveSeconds: number;
  readonly presharedKey: boolean;
  /** Towards the peer, this tunnel's part of the link: what the queue discipline shapes to. */
  readonly bandwidthMbps: number;
  /** Towards the peer and back, one way each, ms: what a probe is measured against. */
  readonly latencyMs: number;
  readonly returnLatencyMs: number;
  /** Other tunnels lead to the same gateway: only the source address tells the kernel which one is meant. */
  readonly parallel: boolean;
  /** Bandwidth that reservations hold towards the peer, by window; sorted by reservation. */
  readonly guarantees: readonly TunnelGuarantee[];
  readonly peer: TunnelPeer;
}

export interface TunnelPeer {
  readonly gateway: string;
  readonly region: string;
  readonly publicKey: string | null;
  /** As `GatewayState.nextPublicKey`. */
  readonly nextPublicKey?: string;
  /** Public address where the plan knows it (external sites); null: from `endpoints.json`. */
  readonly endpoint: string | null;
  readonly listenPort: number;
  readonly ipv4: string;
  readonly ipv6: string;
  /** The peer's locator: reached through this tunnel. */
  readonly locator: string;
}

/** How traffic of some classes to one region leaves this gateway. */
export interface GatewayRoute {
  readonly to: string;
  readonly classes: readonly QosClass[];
  readonly policy: string | null;
  readonly strategy: StrategyName;
  /** Destination prefixes: the block, then further networks. */
  readonly ipv4Prefixes: readonly string[];
  readonly ipv6Prefixes: readonly string[];
  /** Path id; null when there is no route, or it runs over tunnels of the region's other gateway. */
  readonly primary: string | null;
  /** Path ids, best first; a second variant of the primary leads them. */
  readonly backups: readonly string[];
  /** Path ids within the tolerance, best first. */
  readonly equalCost: readonly string[];
  /** Classes whose traffic the plan spreads, by rank; the others take the primary. */
  readonly spreads: readonly ClassSpread[];
  readonly refusal: RouteRefusal | null;
}

/** @throws RangeError if the plan has no such gateway. */
export function gatewayState(plan: PlanDocument, gatewayId: string): GatewayState {
  const gateway = plan.gateways.find((candidate) => candidate.id === gatewayId);
  if (!gateway) throw new RangeError(`the plan has no gateway '${gatewayId}'`);
  const regions = new Map(plan.regions.map((region) => [region.id, region]));
  const own = regions.get(gateway.region)!;
  const { paths, returns } = gatewayPaths(plan, gateway);
  const variants = new Map<string, string[]>();
  for (const { id, path } of paths) variants.set(path, [...(variants.get(path) ?? []), id]);
  const pinned = (ids: readonly string[]) => ids.flatMap((id) => variants.get(id) ?? []);
  const routes = plan.routes
    .filter((route) => route.from === gateway.region)
    .map((route): GatewayRoute => {
      const { to, classes, policy, strategy, refusal } = route;
      const [first, ...others] = pinned(route.primary === null ? [] : [route.primary]);
      return {
        to,
        classes,
        policy,
        strategy,
        ...withGateways(plan, to, destinations(regions.get(to)!)),
        primary: first ?? null,
        backups: [...others, ...pinned(route.backups.map((backup) => backup.path))],
        equalCost: pinned(route.equalCost),
        spreads: classSpreads(plan, route, variants),
        refusal,
      };
    });
  const reserved = gatewayReservations(plan, gateway);
  const tunnels = ownTunnels(plan, gateway, reserved.guarantees);
  const far = [...paths.map((p) => p.farGateway), ...returns.map((r) => r.gateway)];
  const peers = new Set([...far, ...tunnels.map((t) => t.peer.gateway)]);
  return {
    formatVersion: gatewayStateVersion,
    planDigest: plan.digest,
    generation: plan.generation,
    network: plan.network,
    networkIdentity: plan.identity,
    identity: gateway.identity,
    gateway: gateway.id,
    region: gateway.region,
    number: gateway.number,
    drained: own.drained,
    publicKey: gateway.publicKey,
    ...nextKeyOf(gateway),
    ipv4: gateway.ipv4,
    ipv6: gateway.ipv6,
    locator: gateway.locator,
    segmentDx4: gateway.segmentDx4,
    segmentDx6: gateway.segmentDx6,
    segmentLocal: localSegment(gateway.locator),
    ipv4Block: own.ipv4Block,
    ipv6Block: own.ipv6Block,
    ...deliveredBeside(plan, gateway, own),
    classes: qosClasses.map((qos) => ({ class: qos, dscp: classFacts[qos].dscp })),
    tunnels,
    paths,
    returns,
    routes,
    reservations: reserved.own,
    peers: plan.gateways
      .filter(({ id }) => peers.has(id))
      .map(({ id, identity, publicKey, ...of }) => {
        return { gateway: id, identity, publicKey, ...nextKeyOf(of) };
      }),
    edge: gatewayEdge(plan, gateway),
    ...takeoverOf(plan, gateway, own),
    ...operationsOf(plan, gateway, own),
  };
}

function deliveredBeside(
  plan: PlanDocument,
  gateway: PlannedGateway,
  { id, prefixes = [] }: PlannedRegion,
): { readonly prefixes?: readonly string[] } {
  const others = plan.gateways.filter((g) => g.region === id && g.id !== gateway.id);
  const all = [...prefixes, ...(servesOverlay(plan) ? others.map(({ ipv4 }) => `${ipv4}/32`) : [])];
  return all.length > 0 ? { prefixes: all } : {};
}

function operationsOf(
  plan: PlanDocument,
  gateway: PlannedGateway,
  region: PlannedRegion,
): { readonly operations?: GatewayOperations } {
  if (!plan.operations) return {};
  const { api, metrics, ssm, ssmAgent, logs, webhooks } = plan.operations;
  return {
    operations: {
      api,
      metrics,
      ...(ssm && { ssm }),
      ...(ssmAgent && { ssmAgent }),
      ...(logs && { logs: { group: journalGroup(plan, region), stream: gatewayFolder(gateway) } }),
      webhooks,
    },
  };
}

function takeoverOf(
  plan: PlanDocument,
  { id: own }: PlannedGateway,
  region: PlannedRegion,
): { readonly takeover?: GatewayTakeover } {
  const tables = sharedTables(plan, region);
  const partner = plan.gateways.find((other) => other.region === region.id && other.id !== own);
  if (tables.length === 0 || !partner) return {};
  const { id: gateway, identity, publicKey } = partner;
  return {
    takeover: {
      partner: { gateway, identity, publicKey, ...nextKeyOf(partner) },
      tables,
      ...(servesOverlay(plan) && { operators: plan.pools.gateways }),
    },
  };
}

function nextKeyOf({ nextPublicKey }: Pick<PlannedGateway, 'nextPublicKey'>): { nextPublicKey?: string } {
  return nextPublicKey === undefined ? {} : { nextPublicKey };
}

/**
 * Where operators get in, the gateways of a region are destinations as well, by their IPv4 addresses: a
 * segment that ends in IPv6 (End.DX6) hands nothing to the gateway itself.
 */
function withGateways<T extends Pick<GatewayRoute, 'ipv4Prefixes'>>(
  { operations, gateways }: PlanDocument,
  region: string,
  of: T,
): T {
  if (!servesOverlay({ operations })) return of;
  const own = gateways.filter((g) => g.region === region).map(({ ipv4 }) => `${ipv4}/32`);
  return { ...of, ipv4Prefixes: [...of.ipv4Prefixes, ...own] };
}

/** All that a region holds, by family: its block, then its further networks. */
export function destinations({
  ipv4Block,
  ipv6Block,
  prefixes = [],
}: Pick<PlannedRegion, 'ipv4Block' | 'ipv6Block' | 'prefixes'>): Pick<
  GatewayRoute,
  'ipv4Prefixes' | 'ipv6Prefixes'
> {
  return {
    ipv4Prefixes: [ipv4Block, ...prefixes.filter(isIpv4Prefix)],
    ipv6Prefixes: [ipv6Block, ...prefixes.filter((prefix) => !isIpv4Prefix(prefix))],
  };
}

function ownTunnels(
  plan: PlanDocument,
  gateway: PlannedGateway,
  guarantees: ReadonlyMap<string, readonly TunnelGuarantee[]>,
): GatewayTunnel[] {
  const gateways = new Map(plan.gateways.map((g) => [g.id, g]));
  const links = new Map(plan.links.map((link) => [link.id, link]));
  const planes = new Map<string, number>();
  const siblings = new Map<string, number>();
  for (const { link, ends } of plan.tunnels) {
    planes.set(link, (planes.get(link) ?? 0) + 1);
    const far = ends.find((end) => end.gateway !== gateway.id)!.gateway;
    if (ends.some((end) => end.gateway === gateway.id)) siblings.set(far, (siblings.get(far) ?? 0) + 1);
  }
  return plan.tunnels.flatMap((tunnel): GatewayTunnel[] => {
    const side = tunnel.ends.findIndex((end) => end.gateway === gateway.id);
    if (side === -1) return [];
    const { interfaceName, listenPort, ipv4, ipv6, segment } = tunnel.ends[side];
    const far = tunnel.ends[1 - side];
    const peer = gateways.get(far.gateway)!;
    const link = links.get(tunnel.link)!;
    const there = link.directions.find((d) => d.from === gateway.region);
    const back = link.directions.find((d) => d.to === gateway.region) ?? there!;
    return [
      {
        id: tunnel.id,
        identity: tunnel.identity,
        link: tunnel.link,
        plane: tunnel.plane,
        type: tunnel.type,
        drained: link.drained,
        interfaceName,
        listenPort,
        ipv4,
        ipv6,
        segment,
        mtu: tunnel.mtu,
        keepaliveSeconds: tunnel.keepaliveSeconds,
        presharedKey: tunnel.presharedKey,
        bandwidthMbps: (there?.bandwidthMbps ?? 0) / planes.get(tunnel.link)!,
        latencyMs: (there ?? back).latencyMs,
        returnLatencyMs: back.latencyMs,
        parallel: siblings.get(far.gateway)! > 1,
        guarantees: guarantees.get(tunnel.id) ?? [],
        peer: {
          gateway: peer.id,
          region: peer.region,
          publicKey: peer.publicKey,
          ...nextKeyOf(peer),
          endpoint: plannedEndpoint(plan, peer.id),
          listenPort: far.listenPort,
          ipv4: far.ipv4,
          ipv6: far.ipv6,
          locator: peer.locator,
        },
      },
    ];
  });
}

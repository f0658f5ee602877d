import type { QosClass, StrategyName, TunnelType } from '../model';
import type { PlanDocument, PlannedGateway, RouteRefusal } from '../plan';
import { pathPinner, type PinnedPath } from './pin-path';
import { plannedEndpoint } from './wireguard';

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
  readonly network: string;
  /** Gateway id, `<region>/<number>`. */
  readonly gateway: string;
  readonly region: string;
  readonly number: number;
  /** A drained region takes no transit traffic. */
  readonly drained: boolean;
  readonly publicKey: string | null;
  /** Loopback addresses, without length. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** SRv6 locator, a /64, and the segments that end here: End.DX4 and End.DX6. */
  readonly locator: string;
  readonly segmentDx4: string;
  readonly segmentDx6: string;
  /** The region's own prefixes: what is delivered here. */
  readonly ipv4Block: string;
  readonly ipv6Block: string;
  readonly tunnels: readonly GatewayTunnel[];
  /** Every path that a route below names. */
  readonly paths: readonly PinnedPath[];
  readonly routes: readonly GatewayRoute[];
}

/** This gateway's end of a tunnel. */
export interface GatewayTunnel {
  readonly id: string;
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
  readonly peer: TunnelPeer;
}

export interface TunnelPeer {
  readonly gateway: string;
  readonly region: string;
  readonly publicKey: string | null;
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
  /** Destination prefixes. */
  readonly ipv4Prefixes: readonly string[];
  readonly ipv6Prefixes: readonly string[];
  /**
   * Path id; null when there is no route, or when it runs over links without tunnels (the cloud carries
   * it).
   */
  readonly primary: string | null;
  /** Path ids, best first. */
  readonly backups: readonly string[];
  /** Path ids within the tolerance, best first. */
  readonly equalCost: readonly string[];
  readonly refusal: RouteRefusal | null;
}

/** @throws RangeError if the plan has no such gateway. */
export function gatewayState(plan: PlanDocument, gatewayId: string): GatewayState {
  const gateway = plan.gateways.find((candidate) => candidate.id === gatewayId);
  if (!gateway) throw new RangeError(`the plan has no gateway '${gatewayId}'`);
  const regions = new Map(plan.regions.map((region) => [region.id, region]));
  const own = regions.get(gateway.region)!;
  const pinner = pathPinner(plan);
  const pinned = new Map<string, PinnedPath>();
  const pin = (pathId: string): string[] => {
    const path = pinned.get(pathId) ?? pinner.tryPin(pathId, gateway.number);
    if (!path) return [];
    pinned.set(pathId, path);
    return [pathId];
  };
  const routes = plan.routes
    .filter((route) => route.from === gateway.region)
    .map((route): GatewayRoute => {
      const { to, classes, policy, strategy, refusal } = route;
      return {
        to,
        classes,
        policy,
        strategy,
        ipv4Prefixes: [regions.get(to)!.ipv4Block],
        ipv6Prefixes: [regions.get(to)!.ipv6Block],
        primary: route.primary === null ? null : (pin(route.primary)[0] ?? null),
        backups: route.backups.flatMap((backup) => pin(backup.path)),
        equalCost: route.equalCost.flatMap(pin),
        refusal,
      };
    });
  return {
    formatVersion: gatewayStateVersion,
    planDigest: plan.digest,
    network: plan.network,
    gateway: gateway.id,
    region: gateway.region,
    number: gateway.number,
    drained: own.drained,
    publicKey: gateway.publicKey,
    ipv4: gateway.ipv4,
    ipv6: gateway.ipv6,
    locator: gateway.locator,
    segmentDx4: gateway.segmentDx4,
    segmentDx6: gateway.segmentDx6,
    ipv4Block: own.ipv4Block,
    ipv6Block: own.ipv6Block,
    tunnels: ownTunnels(plan, gateway),
    paths: [...pinned.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    routes,
  };
}

function ownTunnels(plan: PlanDocument, gateway: PlannedGateway): GatewayTunnel[] {
  const gateways = new Map(plan.gateways.map((g) => [g.id, g]));
  const drained = new Set(plan.links.filter((link) => link.drained).map((link) => link.id));
  return plan.tunnels.flatMap((tunnel): GatewayTunnel[] => {
    const side = tunnel.ends.findIndex((end) => end.gateway === gateway.id);
    if (side === -1) return [];
    const { interfaceName, listenPort, ipv4, ipv6, segment } = tunnel.ends[side];
    const far = tunnel.ends[1 - side];
    const peer = gateways.get(far.gateway)!;
    return [
      {
        id: tunnel.id,
        link: tunnel.link,
        plane: tunnel.plane,
        type: tunnel.type,
        drained: drained.has(tunnel.link),
        interfaceName,
        listenPort,
        ipv4,
        ipv6,
        segment,
        mtu: tunnel.mtu,
        keepaliveSeconds: tunnel.keepaliveSeconds,
        presharedKey: tunnel.presharedKey,
        peer: {
          gateway: peer.id,
          region: peer.region,
          publicKey: peer.publicKey,
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

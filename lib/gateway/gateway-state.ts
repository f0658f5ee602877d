import { localSegment } from '../addressing';
import { classFacts, qosClasses } from '../model';
import { isIpv4Prefix } from '../net';
import type { PlanDocument, PlannedGateway, PlannedRegion } from '../plan';
import { gatewayFolder, journalGroup } from './bucket-places';
import { gatewayEdge } from './edge';
import { gatewayPaths } from './paths';
import { gatewayReservations, type TunnelGuarantee } from './reservations';
import { sharedTables } from './route-tables';
import { servesOverlay } from './operator-access';
import { classSpreads } from './spreads';
import { plannedEndpoint } from './planned-endpoint';

import {
  gatewayStateVersion,
  type GatewayState,
  type GatewayOperations,
  type GatewayTakeover,
  type GatewayTunnel,
  type GatewayRoute,
} from './state';

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

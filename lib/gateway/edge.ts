import { localSegment } from '../addressing';
import type { QosClass } from '../model';
import type { PlanDocument, PlannedGateway } from '../plan';
import { far, near, pathPinner, turned, type Hop } from './pin-path';

/** What may come to a gateway, and from whom: all that its plan lets pass. */
export interface GatewayEdge {
  /** Prefixes of all tunnels' and gateways' IPv4 addresses: nobody but gateways sends from them. */
  readonly ipv4Pools: readonly string[];
  /** A tunnel each, by id. */
  readonly arrivals: readonly TunnelArrivals[];
  /** The three bits of packet marks that are ours. Absent: the agent's default. */
  readonly markBits?: number;
  /** The class of what workloads mark CS6 or CS7. Absent: best effort. */
  readonly networkControl?: QosClass;
  /** What overlay hosts may reach on this gateway beside what it needs. Absent: nothing. */
  readonly open?: readonly OpenPort[];
  /** What the region may send of classes that reservations share, sorted by class and region. */
  readonly offers: readonly ClassOffer[];
}

/** A port of a gateway that overlay hosts may reach. */
export interface OpenPort {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Prefixes; of either family. */
  readonly from: readonly string[];
}

/** What may come in by one tunnel. */
export interface TunnelArrivals {
  readonly tunnel: string;
  /** Regions whose traffic a path of the plan brings here, backups and reservations included; sorted. */
  readonly regions: readonly string[];
  /** Segments here that a path reaches by this tunnel, with the addresses of the gateways it starts at. */
  readonly segments: readonly { readonly segment: string; readonly sources: readonly string[] }[];
  /** What reservations hold of this direction of the tunnel, by class, whether open or not. */
  readonly held: readonly { readonly class: QosClass; readonly mbps: number }[];
}

/** The demands of a class to a region, of all gateways of this one. */
export interface ClassOffer {
  readonly to: string;
  readonly class: QosClass;
  readonly mbps: number;
}

/** What may come to one gateway, as its plan says. */
export function gatewayEdge(plan: PlanDocument, gateway: PlannedGateway): GatewayEdge {
  const arrivals = arrivalsOf(plan).get(gateway.id) ?? new Map<string, Arrivals>();
  return {
    ipv4Pools: [plan.pools.links, plan.pools.gateways],
    ...toldOf(plan),
    arrivals: [...arrivals].sort(byName).map(([tunnel, { regions, sources, held: of }]) => ({
      tunnel,
      regions: [...regions].sort(),
      segments: [...sources].sort(byName).map(([segment, from]) => ({ segment, sources: [...from].sort() })),
      held: [...of].sort(byName).map(([qos, mbps]) => ({ class: qos, mbps })),
    })),
    offers: offersOf(plan, gateway.region),
  };
}

/** By gateway, then by tunnel. */
type AllArrivals = ReadonlyMap<string, ReadonlyMap<string, Arrivals>>;

/** Every gateway of a plan asks, and the paths are walked for all of them at once. */
const walked = new WeakMap<PlanDocument, AllArrivals>();

function arrivalsOf(plan: PlanDocument): AllArrivals {
  const known = walked.get(plan);
  if (known) return known;
  const all = walkPaths(plan);
  walked.set(plan, all);
  return all;
}

/**
 * Packets travel the plan's paths alone, and answers to probes the same links turned round. So each gateway
 * knows which regions and gateways can be heard over each of its tunnels. O(paths of the plan * hops).
 */
function walkPaths(plan: PlanDocument): AllArrivals {
  const gateways = new Map(plan.gateways.map((gateway) => [gateway.id, gateway]));
  const all = new Map(plan.gateways.map(({ id }) => [id, new Map<string, Arrivals>()]));
  for (const { id, ends } of plan.tunnels) {
    for (const end of ends) all.get(end.gateway)?.set(id, emptyArrivals());
  }
  const at = (hop: Hop) => all.get(far(hop).gateway)!.get(hop.tunnel.id)!;
  /** Notes where packets along the hops come in. @param last the segments that they end with. */
  const follow = (hops: readonly Hop[], last: (gateway: PlannedGateway) => readonly string[]) => {
    if (hops.length === 1) return;
    const source = near(hops[0]).ipv6;
    hops.forEach((hop, i) => {
      const next = hops[i + 1];
      const segments = next ? [near(next).segment] : last(gateways.get(far(hop).gateway)!);
      for (const segment of segments) addTo(at(hop).sources, segment, source);
    });
  };
  const local = ({ locator }: PlannedGateway) => localSegment(locator);
  const held = heldByPath(plan);
  const pinner = pathPinner(plan);
  for (const source of plan.gateways) {
    for (const path of plan.paths) {
      if (path.from !== source.region) continue;
      for (const { hops } of pinner.variants(path.id, source.id)) {
        follow(hops, (end) => [end.segmentDx4, end.segmentDx6, local(end)]);
        // Answers to what either end probes; over one-way links along another path.
        follow(turned(hops), (end) => [local(end)]);
        at(hops[hops.length - 1]).regions.add(path.from);
        for (const hop of hops) {
          const arrived = at(hop).held;
          for (const { class: qos, mbps } of held.get(path.id) ?? [])
            arrived.set(qos, (arrived.get(qos) ?? 0) + mbps);
        }
      }
    }
  }
  return all;
}

/** What admitted reservations hold of each path, for each gateway that it starts at. */
function heldByPath({ reservations, gateways }: PlanDocument): Map<string, TunnelArrivals['held']> {
  const held = new Map<string, TunnelArrivals['held']>();
  for (const { admitted, path, from, class: qos, bandwidthMbps } of reservations) {
    if (!admitted || path === null) continue;
    const mbps = bandwidthMbps / gateways.filter((gateway) => gateway.region === from).length;
    held.set(path, [...(held.get(path) ?? []), { class: qos, mbps }]);
  }
  return held;
}

interface Arrivals {
  readonly regions: Set<string>;
  readonly sources: Map<string, Set<string>>;
  readonly held: Map<QosClass, number>;
}

function emptyArrivals(): Arrivals {
  return { regions: new Set(), sources: new Map(), held: new Map() };
}

function addTo(map: Map<string, Set<string>>, key: string, item: string): void {
  const set = map.get(key);
  if (set) set.add(item);
  else map.set(key, new Set([item]));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function toldOf({ edge }: PlanDocument): Pick<GatewayEdge, 'markBits' | 'networkControl' | 'open'> {
  if (!edge) return {};
  return {
    ...(edge.markBits !== null && { markBits: edge.markBits }),
    ...(edge.networkControl !== null && { networkControl: edge.networkControl }),
    ...(edge.open.length > 0 && { open: edge.open }),
  };
}

function offersOf({ reservations, demands }: PlanDocument, region: string): ClassOffer[] {
  const reserved = new Set(reservations.filter((r) => r.admitted).map((r) => r.class));
  const offers = new Map<string, ClassOffer>();
  for (const { from, to, class: qos, bandwidthMbps } of demands) {
    if (from !== region || !reserved.has(qos)) continue;
    const key = `${qos} ${to}`;
    offers.set(key, { to, class: qos, mbps: bandwidthMbps + (offers.get(key)?.mbps ?? 0) });
  }
  return [...offers].sort(byName).map(([, offer]) => offer);
}

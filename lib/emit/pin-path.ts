import type { PlanDocument, PlannedGateway, PlannedPath } from '../plan';
import type { Tunnel } from '../tunnels';

/** What a gateway installs for one path. */
export interface PinnedPath {
  /** Path id. */
  readonly id: string;
  /** Tunnel and interface that the packet leaves by. */
  readonly tunnel: string;
  readonly interfaceName: string;
  /** Addresses of the next gateway inside the tunnel. */
  readonly nextHopIpv4: string;
  readonly nextHopIpv6: string;
  /** Gateway that takes the packet off the path, and its addresses: what an end-to-end probe is sent to. */
  readonly farGateway: string;
  readonly farIpv4: string;
  readonly farIpv6: string;
  /** SRv6 segments in the order of travel for IPv4 and IPv6 inside (RFC 8986); empty on a one-hop path. */
  readonly segmentsIpv4: readonly string[];
  readonly segmentsIpv6: readonly string[];
  /** Bytes of an inner packet. */
  readonly mtu: number;
  /** One way, ms. */
  readonly latencyMs: number;
  readonly hops: number;
  /** Link ids in order, and shared-risk groups: what a failed probe puts in doubt. */
  readonly links: readonly string[];
  readonly srlgs: readonly string[];
}

/** Turns planned paths into what a gateway with this number installs. */
export interface PathPinner {
  /** Undefined where a link of the path has no tunnel: then the cloud carries it, not the gateways. */
  tryPin(pathId: string, gatewayNumber: number): PinnedPath | undefined;
}

/**
 * Pins by the plane rule: a path of gateway number k uses, at each link, the tunnel of plane ((k - 1) mod
 * number of the link's tunnels) + 1. With one or two gateways a region, a path then enters and leaves each
 * transit region at the same gateway.
 */
export function pathPinner(plan: Pick<PlanDocument, 'paths' | 'tunnels' | 'gateways' | 'links'>): PathPinner {
  const paths = new Map(plan.paths.map((path) => [path.id, path]));
  const gateways = new Map(plan.gateways.map((gateway) => [gateway.id, gateway]));
  const firstEnd = new Map(plan.links.map((link) => [link.id, link.a]));
  const tunnels = new Map<string, Tunnel[]>();
  for (const tunnel of [...plan.tunnels].sort((x, y) => x.plane - y.plane)) {
    tunnels.set(tunnel.link, [...(tunnels.get(tunnel.link) ?? []), tunnel]);
  }
  return {
    tryPin(pathId, gatewayNumber) {
      const path = paths.get(pathId);
      if (!path) throw new RangeError(`the plan has no path '${pathId}'`);
      const hops: Hop[] = [];
      for (const [i, link] of path.links.entries()) {
        const planes = tunnels.get(link);
        if (!planes) return undefined;
        const tunnel = planes[(gatewayNumber - 1) % planes.length];
        hops.push({ tunnel, near: firstEnd.get(link) === path.regions[i] ? 0 : 1 });
      }
      return pin(path, hops, gateways);
    },
  };
}

/** A tunnel and which of its ends the packet enters by. */
interface Hop {
  readonly tunnel: Tunnel;
  readonly near: 0 | 1;
}

function pin(
  path: PlannedPath,
  hops: readonly Hop[],
  gateways: ReadonlyMap<string, PlannedGateway>,
): PinnedPath {
  const entered = hops.map(({ tunnel, near }) => tunnel.ends[near]);
  const left = hops.map(({ tunnel, near }) => tunnel.ends[1 - near]);
  for (let i = 1; i < hops.length; i++) {
    if (entered[i].gateway !== left[i - 1].gateway) {
      throw new RangeError(`path '${path.id}' changes gateway in region '${path.regions[i]}'`);
    }
  }
  const far = gateways.get(left[left.length - 1].gateway)!;
  const adjacencies = entered.slice(1).map((end) => end.segment);
  const segments = (last: string) => (hops.length === 1 ? [] : [...adjacencies, last]);
  return {
    id: path.id,
    tunnel: hops[0].tunnel.id,
    interfaceName: entered[0].interfaceName,
    nextHopIpv4: left[0].ipv4,
    nextHopIpv6: left[0].ipv6,
    farGateway: far.id,
    farIpv4: far.ipv4,
    farIpv6: far.ipv6,
    segmentsIpv4: segments(far.segmentDx4),
    segmentsIpv6: segments(far.segmentDx6),
    mtu: path.mtu,
    latencyMs: path.latencyMs,
    hops: hops.length,
    links: path.links,
    srlgs: path.srlgs,
  };
}

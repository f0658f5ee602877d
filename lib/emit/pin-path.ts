import type { PlanDocument, PlannedGateway, PlannedPath } from '../plan';
import type { Tunnel, TunnelEnd } from '../tunnels';

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
  /** Where its probes go; null on a one-hop path, whose tunnel is probed, and where no answer could return. */
  readonly probe: PathProbe | null;
  /** Bytes of an inner packet. */
  readonly mtu: number;
  /** One way, ms. */
  readonly latencyMs: number;
  readonly hops: number;
  /** Link ids in order, and shared-risk groups: what a failed probe puts in doubt. */
  readonly links: readonly string[];
  readonly srlgs: readonly string[];
}

/** An end-to-end probe of a path: IPv6 addresses that only this path leads to, and the segments to them. */
export interface PathProbe {
  readonly source: string;
  readonly destination: string;
  /** In the order of travel; the last delivers to the far gateway itself (End.DT6, RFC 8986 section 4.6). */
  readonly segments: readonly string[];
}

/** A tunnel and which of its ends the packet enters by. */
export interface Hop {
  readonly tunnel: Tunnel;
  readonly near: 0 | 1;
}

/** Turns planned paths into the tunnels that a gateway with this number uses for them. */
export interface PathPinner {
  /** Undefined where a link of the path has no tunnel: then the cloud carries it, not the gateways. */
  tryHops(pathId: string, gatewayNumber: number): readonly Hop[] | undefined;
}

/**
 * Pins by the plane rule: a path of gateway number k uses, at each link, the tunnel of plane ((k - 1) mod
 * number of the link's tunnels) + 1. With one or two gateways a region, a path then enters and leaves each
 * transit region at the same gateway.
 */
export function pathPinner(plan: Pick<PlanDocument, 'paths' | 'tunnels' | 'links'>): PathPinner {
  const paths = new Map(plan.paths.map((path) => [path.id, path]));
  const firstEnd = new Map(plan.links.map((link) => [link.id, link.a]));
  const tunnels = new Map<string, Tunnel[]>();
  for (const tunnel of [...plan.tunnels].sort((x, y) => x.plane - y.plane)) {
    tunnels.set(tunnel.link, [...(tunnels.get(tunnel.link) ?? []), tunnel]);
  }
  return {
    tryHops(pathId, gatewayNumber) {
      const path = paths.get(pathId);
      if (!path) throw new RangeError(`the plan has no path '${pathId}'`);
      const hops: Hop[] = [];
      for (const [i, link] of path.links.entries()) {
        const planes = tunnels.get(link);
        if (!planes) return undefined;
        const tunnel = planes[(gatewayNumber - 1) % planes.length];
        hops.push({ tunnel, near: firstEnd.get(link) === path.regions[i] ? 0 : 1 });
      }
      for (let i = 1; i < hops.length; i++) {
        if (near(hops[i]).gateway !== far(hops[i - 1]).gateway) {
          throw new RangeError(`path '${path.id}' changes gateway in region '${path.regions[i]}'`);
        }
      }
      return hops;
    },
  };
}

/** The end of a hop's tunnel that the packet enters by. */
export function near(hop: Hop): TunnelEnd {
  return hop.tunnel.ends[hop.near];
}

/** The end of a hop's tunnel that the packet leaves by. */
export function far(hop: Hop): TunnelEnd {
  return hop.tunnel.ends[1 - hop.near];
}

/** Gateway id at the end of a path. */
export function farGateway(hops: readonly Hop[]): string {
  return far(hops[hops.length - 1]).gateway;
}

/**
 * Segments of a path in the order of travel: one adjacency for each gateway on the way, then `last`, of the
 * far one. None on one hop. The first hop needs none: the interface decides it (a tunnel with a parallel one
 * through its source address, see `parallel` of a gateway's tunnel).
 */
export function segmentsOf(hops: readonly Hop[], last: string): string[] {
  return hops.length === 1 ? [] : [...hops.slice(1).map((hop) => near(hop).segment), last];
}

/** @param probe how its own probes travel; null: none do. */
export function pinnedPath(
  path: PlannedPath,
  hops: readonly Hop[],
  end: PlannedGateway,
  probe: PathProbe | null,
): PinnedPath {
  return {
    id: path.id,
    tunnel: hops[0].tunnel.id,
    interfaceName: near(hops[0]).interfaceName,
    nextHopIpv4: far(hops[0]).ipv4,
    nextHopIpv6: far(hops[0]).ipv6,
    farGateway: end.id,
    farIpv4: end.ipv4,
    farIpv6: end.ipv6,
    segmentsIpv4: segmentsOf(hops, end.segmentDx4),
    segmentsIpv6: segmentsOf(hops, end.segmentDx6),
    probe,
    mtu: path.mtu,
    latencyMs: path.latencyMs,
    hops: hops.length,
    links: path.links,
    srlgs: path.srlgs,
  };
}

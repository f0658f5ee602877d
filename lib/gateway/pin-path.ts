import type { PlanDocument, PlannedGateway, PlannedPath, Tunnel, TunnelEnd } from '../plan';

/** What a gateway installs for one path. */
export interface PinnedPath {
  /** Path id; `.2` behind it for a second variant, over the other plane of tunnels. */
  readonly id: string;
  /** Id of the planned path. */
  readonly path: string;
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
  /** Where its probes go; null on one hop, whose tunnel is probed, and where no answer could return. */
  readonly probe: PathProbe | null;
  /** Bytes of an inner packet. */
  readonly mtu: number;
  /** One way, ms. */
  readonly latencyMs: number;
  /** The way back of a probe's answer, ms; null without a probe. */
  readonly returnLatencyMs: number | null;
  /**
   * Address that the far gateway's own probes of the same way come from: a path of its own over the same
   * tunnels, turned round. null: it has none, or no probe goes here.
   */
  readonly mirror: string | null;
  readonly hops: number;
  /** Gateways on the way behind this one, in order; the far one is last: what a drain of one moves. */
  readonly gateways: readonly string[];
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

/** One way to travel a planned path: over one plane of tunnels. */
export interface PathVariant {
  /** The path's id; with `.2` behind for the second variant of a gateway that has both planes. */
  readonly id: string;
  readonly hops: readonly Hop[];
}

/** Turns planned paths into the tunnels that a gateway uses for them. */
export interface PathPinner {
  /** By plane. None where the tunnels of a link of the path belong to another gateway of the region. */
  variants(pathId: string, gateway: string): readonly PathVariant[];
}

const planes = [1, 2] as const;

/**
 * Pins by planes: plane k uses, at each link, its tunnel ((k - 1) mod number of the link's tunnels) + 1, so
 * that a path enters and leaves each transit region at the same gateway. A gateway with tunnels of both
 * planes (its region has one, others on the way two) has two variants and uses both.
 */
export function pathPinner(plan: Pick<PlanDocument, 'paths' | 'tunnels' | 'links'>): PathPinner {
  const paths = new Map(plan.paths.map((path) => [path.id, path]));
  const firstEnd = new Map(plan.links.map((link) => [link.id, link.a]));
  const tunnels = new Map<string, Tunnel[]>();
  for (const tunnel of [...plan.tunnels].sort((x, y) => x.plane - y.plane)) {
    tunnels.set(tunnel.link, [...(tunnels.get(tunnel.link) ?? []), tunnel]);
  }
  const hopsOn = (plane: number, path: PlannedPath): Hop[] =>
    path.links.flatMap((link, i): Hop[] => {
      const those = tunnels.get(link);
      const side = firstEnd.get(link) === path.regions[i] ? 0 : 1;
      return those ? [{ tunnel: those[(plane - 1) % those.length], near: side }] : [];
    });
  return {
    variants(pathId, gateway) {
      const path = paths.get(pathId);
      if (!path) throw new RangeError(`the plan has no path '${pathId}'`);
      const found = new Map<string, readonly Hop[]>();
      for (const plane of planes) {
        const hops = hopsOn(plane, path);
        if (hops.length < path.links.length || near(hops[0]).gateway !== gateway) continue;
        const joined = hops.slice(1).every((hop, i) => near(hop).gateway === far(hops[i]).gateway);
        if (joined) found.set(hops.map((hop) => hop.tunnel.id).join(' '), hops);
      }
      return [...found.values()].map((hops, i) => ({ id: i === 0 ? pathId : `${pathId}.${i + 1}`, hops }));
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

/** The same way back. */
export function turned(hops: readonly Hop[]): Hop[] {
  return hops.map(({ tunnel, near: side }): Hop => ({ tunnel, near: side === 0 ? 1 : 0 })).reverse();
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

/**
 * @param probe how its own probes travel; null: none do.
 * @param returnLatencyMs of their answers.
 * @param mirror where those of the far gateway over the same way come from.
 */
export function pinnedPath(
  path: PlannedPath,
  { id, hops }: PathVariant,
  end: PlannedGateway,
  probe: PathProbe | null,
  returnLatencyMs: number | null,
  mirror: string | null,
): PinnedPath {
  return {
    id,
    path: path.id,
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
    returnLatencyMs,
    mirror,
    hops: hops.length,
    gateways: hops.map((hop) => far(hop).gateway),
    links: path.links,
    srlgs: path.srlgs,
  };
}

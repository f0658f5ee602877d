import type { GatewayState, PinnedPath } from '../../gateway';
import type { ProbeSession } from './session';
import { extensionBytes } from './session-report';
import type { ProbeSettings, ProbeTiming } from './settings';
import { authenticatedLayout } from './stamp-packet';

/** IPv6 and UDP headers. */
const headerBytes = 48;
/** The outer IPv6 header of `encap.red`, and the routing header's fixed part and each entry (RFC 8754). */
const outerBytes = 40;
const routingBytes = 8;
const segmentBytes = 16;

/**
 * What a gateway probes: each tunnel, and each path of several hops end to end along its own segments. Peers
 * without a public key are left out. Sorted by id.
 */
export function sessionsOf(gateway: GatewayState, settings: ProbeSettings): ProbeSession[] {
  const keyed = new Set(gateway.peers.filter((p) => p.publicKey !== null).map((p) => p.gateway));
  const tunnels = new Map(gateway.tunnels.map((tunnel) => [tunnel.id, tunnel]));
  const probeBytes = headerBytes + authenticatedLayout.bytes + extensionBytes;
  // Any rule will do that both ends agree on.
  const mirror = (peer: string, source: string | null) =>
    source === null ? null : { source, leads: gateway.gateway < peer };
  const ofTunnels = gateway.tunnels.map((tunnel): ProbeSession => ({
    id: `tunnel:${tunnel.id}`,
    kind: 'tunnel',
    peer: tunnel.peer.gateway,
    destination: tunnel.peer.ipv6,
    mirror: mirror(tunnel.peer.gateway, tunnel.peer.ipv6),
    tunnel: tunnel.id,
    bandwidthMbps: tunnel.bandwidthMbps,
    probeBytes,
    plannedRttMs: tunnel.latencyMs + tunnel.returnLatencyMs,
    timing: settings.links[tunnel.link] ?? settings.active,
    pace: 'active',
  }));
  const ofPaths = gateway.paths.flatMap((path): ProbeSession[] => {
    if (path.probe === null) return [];
    // encap.red leaves the first segment to the outer header's destination.
    const listed = path.probe.segments.length - 1;
    const routing = listed > 0 ? routingBytes + segmentBytes * listed : 0;
    return [
      {
        id: `path:${path.id}`,
        kind: 'path',
        peer: path.farGateway,
        destination: path.probe.destination,
        mirror: mirror(path.farGateway, path.mirror),
        tunnel: path.tunnel,
        bandwidthMbps: tunnels.get(path.tunnel)!.bandwidthMbps,
        probeBytes: probeBytes + outerBytes + routing,
        plannedRttMs: path.latencyMs + path.returnLatencyMs!,
        timing: timingOf(path, gateway, settings),
        pace: 'standby',
      },
    ];
  });
  return [...ofTunnels, ...ofPaths]
    .filter((session) => keyed.has(session.peer))
    .sort((x, y) => (x.id < y.id ? -1 : 1));
}

/** That of the class with the quickest detection among those whose routes name the path. */
function timingOf(path: PinnedPath, gateway: GatewayState, settings: ProbeSettings): ProbeTiming {
  const classes = gateway.routes
    .filter(
      ({ primary, backups, equalCost, spreads }) =>
        primary === path.id ||
        backups.includes(path.id) ||
        equalCost.includes(path.id) ||
        spreads.some((spread) => spread.members.some((member) => member.path === path.id)),
    )
    .flatMap((route) => route.classes);
  const timings = classes.map((qos) => settings.classes[qos] ?? settings.active);
  const detection = ({ intervalMs, multiplier }: ProbeTiming) => intervalMs * multiplier;
  return timings.reduce((best, timing) => (detection(timing) < detection(best) ? timing : best), {
    ...(timings[0] ?? settings.active),
  });
}

import { pathTraffic, routeTraffic } from '../apply';
import type { GatewayState, PinnedPath } from '../../gateway';
import type { AgentState } from '../decide';
import type { TrafficEnd, TrafficTarget } from '../probe/traffic';

const families = [4, 6] as const;

/**
 * What is tried by probes that go the way traffic goes: every path that control probes have a way along, and
 * the routes of every class to every region, as they lead now.
 */
export function trafficTargets(
  gateway: GatewayState,
  { selections }: Pick<AgentState, 'selections'>,
): TrafficTarget[] {
  const tunnels = new Map(gateway.tunnels.map((tunnel) => [tunnel.id, tunnel]));
  const paths = new Map(gateway.paths.map((path) => [path.id, path]));
  const keyed = new Set(gateway.peers.filter((p) => p.publicKey !== null).map((p) => p.gateway));
  const used = new Set([...selections.values()].flatMap(({ members }) => members.map(({ path }) => path)));
  const addresses = pathTraffic(gateway);
  const endOf = (path: PinnedPath): TrafficEnd | undefined => {
    if (!keyed.has(path.farGateway)) return undefined;
    const { probe, farGateway } = path;
    if (probe) return { gateway: farGateway, answerTo: probe.source, control: probe.destination };
    const tunnel = path.hops === 1 ? tunnels.get(path.tunnel) : undefined;
    return tunnel && { gateway: farGateway, answerTo: tunnel.ipv6, control: tunnel.peer.ipv6 };
  };
  const ofPaths = gateway.paths.flatMap((path) => {
    const end = endOf(path);
    const { ipv4, ipv6 } = addresses.get(path.id)!;
    if (!end) return [];
    return families.map((family): TrafficTarget => ({
      of: path.id,
      kind: 'path',
      family,
      rank: 0,
      destination: family === 4 ? ipv4 : ipv6,
      ends: [end],
      mtu: path.mtu,
      tunnel: { id: path.tunnel, bandwidthMbps: tunnels.get(path.tunnel)?.bandwidthMbps ?? 0 },
      plannedRttMs: path.latencyMs + (path.returnLatencyMs ?? path.latencyMs),
      used: used.has(path.id),
    }));
  });
  const ranks = new Map(gateway.classes.map((mark, rank) => [mark.class, rank]));
  const ofFlows = [...selections].flatMap(([flow, { to, class: qos, members }]) => {
    const route = gateway.routes.find((one) => one.to === to && one.classes.includes(qos));
    const taken = members.flatMap(({ path }) => paths.get(path) ?? []);
    const ends = new Map(taken.flatMap((path) => [[path.farGateway, endOf(path)] as const]));
    const known = [...ends.values()].filter((end) => end !== undefined);
    // One that cannot answer may be the one that the probes go to.
    if (!route || known.length === 0 || known.length < ends.size) return [];
    const to4and6 = routeTraffic(route);
    return families.flatMap((family): TrafficTarget[] => {
      const destination = family === 4 ? to4and6.ipv4 : to4and6.ipv6;
      if (destination === '') return [];
      return [
        {
          of: flow,
          kind: 'flow',
          family,
          rank: ranks.get(qos)!,
          destination,
          ends: known,
          mtu: null,
          tunnel: null,
          plannedRttMs: Math.max(...taken.map((p) => p.latencyMs + (p.returnLatencyMs ?? p.latencyMs))),
          used: true,
        },
      ];
    });
  });
  return [...ofPaths, ...ofFlows];
}

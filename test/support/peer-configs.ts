import type { BfdTiming } from './frr-config';
import type { GatewayState, GatewayTunnel } from '../../lib/gateway';

// Configurations of routing daemons that our agent is measured beside; frr-config.ts has one from a gateway's
// state.

/** FRR with BGP (RFC 4271) and BFD over every tunnel, an AS a gateway, latency as MED. */
export function frrBgpConfig(
  { gateway, ipv4, ipv4Block, tunnels }: GatewayState,
  timing: BfdTiming,
  as: ReadonlyMap<string, number>,
): string {
  const own = as.get(gateway)!;
  return `frr defaults traditional
ip prefix-list own seq 5 permit ${ipv4Block}
route-map all permit 10
exit
bfd
 profile peer
  detect-multiplier ${timing.multiplier}
  transmit-interval ${timing.intervalMs}
  receive-interval ${timing.intervalMs}
 exit
exit
router bgp ${own}
 bgp router-id ${ipv4}
 no bgp network import-check
 bgp bestpath compare-routerid
${tunnels
  .map(
    ({ peer }) => ` neighbor ${peer.ipv4} remote-as ${as.get(peer.gateway)}
 neighbor ${peer.ipv4} bfd profile peer
 neighbor ${peer.ipv4} timers 3 9
 neighbor ${peer.ipv4} timers connect 1`,
  )
  .join('\n')}
 address-family ipv4 unicast
  network ${ipv4Block}
${tunnels.map(({ peer }) => `  neighbor ${peer.ipv4} route-map all in\n  neighbor ${peer.ipv4} route-map all out`).join('\n')}
 exit-address-family
exit
`;
}

/**
 * BIRD 2 with static routes and BFD: each route of the plan's latency class by its first hop, its first
 * backup that begins with another link behind it. It sees failures of a gateway's own tunnels alone.
 */
export function birdStaticConfig({ ipv4, tunnels, routes, paths }: GatewayState, timing: BfdTiming): string {
  const firstHop = new Map(paths.map((p) => [p.id, p]));
  const lines = routes
    .filter((r) => r.classes.includes('critical') && r.primary !== null)
    .flatMap((r) => {
      const ways = [r.primary!, ...r.backups].map((id) => firstHop.get(id)!);
      const backup = ways.find((way) => way.links[0] !== ways[0].links[0]);
      const used = [ways[0], ...(backup ? [backup] : [])];
      return used.map((way, i) => ({ prefix: r.ipv4Prefixes[0], via: way.nextHopIpv4, preference: 200 - i }));
    });
  const protocol = (preference: number) => `protocol static {
  ipv4 { preference ${preference}; };
${lines
  .filter((l) => l.preference === preference)
  .map((l) => `  route ${l.prefix} via ${l.via} bfd;`)
  .join('\n')}
}`;
  return `router id ${ipv4};
protocol device { scan time 10; }
protocol kernel { ipv4 { export all; import none; }; }
protocol bfd {
${tunnels.map((t) => `  interface "${t.interfaceName}" { interval ${timing.intervalMs} ms; multiplier ${timing.multiplier}; };`).join('\n')}
${tunnels.map((t) => `  neighbor ${t.peer.ipv4} dev "${t.interfaceName}";`).join('\n')}
}
${protocol(200)}
${protocol(199)}
`;
}

/** babeld (RFC 8966) at its defaults, round-trip time as metric. */
export function babelConfig({ tunnels, ipv4Block }: GatewayState): string {
  const one = (t: GatewayTunnel) => `interface ${t.interfaceName} type tunnel`;
  return `${tunnels.map(one).join('\n')}
redistribute ip ${ipv4Block} proto 3 metric 128
redistribute local deny
`;
}

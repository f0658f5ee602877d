import type { GatewayState } from '../../lib/gateway';
import { readBareGateway, setUpGateway, sh } from './bare-gateway';

// Stands in for `dwcp-agent run` in tests of the lab itself: sets up the tunnels and the primary path of
// best-effort traffic with ip and wg, and then sleeps. It probes nothing and switches nothing.

function setUpRoutes({ paths, routes }: GatewayState): void {
  const number = new Map(paths.map((p, i) => [p.id, i + 1]));
  const lines = paths.flatMap((p, i) => {
    const hop = (via: string, segments: readonly string[]) => {
      const pinned = segments.length > 0 ? ` encap seg6 mode encap.red segs ${segments.join(',')}` : '';
      return `via ${via} dev ${p.interfaceName}${pinned}`;
    };
    // IPv4 in segments leaves by the next hop's IPv6 address: the outer packet is IPv6.
    const v4 = p.segmentsIpv4.length > 0 ? p.nextHopIpv6 : p.nextHopIpv4;
    return [
      `nexthop add id ${2 * i + 2} ${hop(v4, p.segmentsIpv4)}`,
      `nexthop add id ${2 * i + 3} ${hop(p.nextHopIpv6, p.segmentsIpv6)}`,
    ];
  });
  for (const r of routes.filter((r) => r.classes.includes('best-effort') && r.primary !== null)) {
    const id = 2 * number.get(r.primary!)!;
    lines.push(...r.ipv4Prefixes.map((prefix) => `route add ${prefix} nhid ${id}`));
    lines.push(...r.ipv6Prefixes.map((prefix) => `route add ${prefix} nhid ${id + 1}`));
  }
  sh('ip -batch -', `${lines.join('\n')}\n`);
}

const bare = readBareGateway(process.argv.slice(3));
setUpGateway(bare);
setUpRoutes(bare.gateway);
process.stdout.write('{"ready":true}\n');
setInterval(() => undefined, 60_000);

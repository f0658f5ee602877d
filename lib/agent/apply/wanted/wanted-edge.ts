import type { GatewayState } from '../../../gateway';
import type { OpenPort } from '../../../gateway/edge';
import { operationsPort } from '../../../model/network';
import { isIpv4Prefix } from '../../../net';
import { neighbourPort } from '../../takeover/neighbour-port';
import { arrivalsOf, type Arrival } from '../arrivals';
import { among, refuse, setOf, type Chain } from './nft-rules';
import { loopbackDevice, returnDevice } from '../numbers';
import { innerNetworks, otherPrefixes, ownPrefixes, widest } from './overlay-prefixes';
import { hex, packetMarks } from '../packet-marks';
import { trafficBits, trafficPool, trafficPort, trafficPrefixes, trafficSource } from '../traffic-addresses';
import { functionBits, probePort } from './wanted-classes';

/** Local ports of sockets that asked others first (ip(7), `ip_local_port_range`). */
const askingPorts = '32768-60999';
/** Echo requests that are answered, of all that ask. */
const echoes = 'limit rate over 200/second burst 200 packets';
/** ICMP types that tell a sender about its packets: unreachable (with the path's MTU), time, parameters. */
const errors4 = '{ 3, 11, 12 }';
const errors6 = '{ 1, 2, 3, 4 }';
/** Neighbour discovery and multicast listeners (RFC 4861, RFC 3810), and echo replies. */
const neighbours6 = '{ 129, 130, 131, 132, 133, 134, 135, 136, 143 }';

/**
 * Who may send what to whom. Chains `workload` (in by any other interface), `arrive` (in by a tunnel),
 * `deliver` (forwarded from a tunnel) and `reach` (to the gateway itself).
 *
 * Reverse path filtering cannot do it: a packet comes back by another tunnel than its answer leaves by, and
 * segments are routed by no source. These filters know from the plan what may come by which tunnel.
 *
 * @param earlier what plans before let in, and is let in for a while.
 */
export function edgeChains(gateway: GatewayState, earlier: readonly Arrival[]): Chain[] {
  const { tunnels } = gateway;
  const marks = packetMarks(gateway.edge.markBits);
  const names = new Map(tunnels.map(({ id, interfaceName }) => [id, `"${interfaceName}"`]));
  const byTunnels = setOf([...names.values()]);
  const own = ownPrefixes(gateway);
  const others = otherPrefixes(gateway);
  const { locators, links } = innerNetworks(gateway);
  const inner = setOf([locators, links]);
  const notOurs = (family: 'ip' | 'ip6', side: 'saddr' | 'daddr') =>
    own[family].length === 0
      ? `meta nfproto ${nfproto[family]}`
      : `${family} ${side} != ${setOf(own[family])}`;
  const fromAnother = (['ip', 'ip6'] as const).map((family) => notOurs(family, 'saddr'));

  const planned = arrivalsOf(gateway);
  const past = earlier.filter(({ tunnel }) => names.has(tunnel));
  const segments = [...planned, ...past].flatMap(({ tunnel, segments: of }) =>
    of.flatMap(({ segment, sources }) =>
      sources.map((source) => `${names.get(tunnel)!} . ${segment} . ${source}`),
    ),
  );
  const ends = tunnels.map(({ interfaceName, ipv6, peer }) => `"${interfaceName}" . ${ipv6} . ${peer.ipv6}`);
  const heardBy = new Map<string, string[]>();
  for (const { tunnel, prefixes } of [...planned, ...past]) {
    heardBy.set(tunnel, [...new Set([...(heardBy.get(tunnel) ?? []), ...prefixes])].sort());
  }
  // A comparison for each network, not a set of them: Linux fills the sets of a new table a moment after its
  // rules are in force, and refused in between what it should let in.
  const heard = (chain: string, verdict: string, rest: readonly string[]): Chain[] =>
    tunnels.map(({ id, interfaceName }) => {
      const networks = (heardBy.get(id) ?? []).map(
        (prefix) => `${isIpv4Prefix(prefix) ? 'ip' : 'ip6'} saddr ${prefix} ${verdict}`,
      );
      return [`${chain}-${interfaceName}`, '', [...networks, ...rest, refuse('source')]];
    });
  const told = [
    `ip saddr ${setOf(gateway.edge.ipv4Pools)} icmp type ${errors4} accept`,
    `ip6 saddr ${inner} icmpv6 type ${errors6} accept`,
  ];
  const traffic = trafficPrefixes(gateway);
  const trafficSources = trafficMatches(locators);

  return [
    [
      'workload',
      '',
      [
        // Probes that go the way traffic goes come in by our own pair, as a workload's packets do.
        `iifname "${returnDevice}" ip daddr ${trafficPool} goto enter`,
        `iifname "${returnDevice}" ip6 daddr ${locators} goto enter`,
        `ip daddr ${trafficPool} ${refuse('segment')}`,
        // Function bits are the 16 behind a locator's 64; without any it is a gateway's own address.
        `ip6 daddr ${links} ${refuse('segment')}`,
        `ip6 daddr ${locators} ip6 daddr & ${functionBits} != :: ${refuse('segment')}`,
        `ip6 daddr ${locators} ${notOurs('ip6', 'saddr')} ${refuse('workload')}`,
        ...(['ip', 'ip6'] as const).flatMap((family, i) =>
          among(others[family], (set) => {
            const foreign = `iifname != "${returnDevice}" ${fromAnother[i]}`;
            return `${family} daddr ${set} ${foreign} ${refuse('workload')}`;
          }),
        ),
        ...among(others.ip, (set) => `ip daddr ${set} jump enter`),
        ...among(others.ip6, (set) => `ip6 daddr ${set} jump enter`),
      ],
    ],
    [
      'addressed',
      '',
      [
        ...among(segments, (set) => `iifname . ip6 daddr . ip6 saddr ${set} goto pass`),
        ...among(ends, (set) => `iifname . ip6 daddr . ip6 saddr ${set} accept`),
        `ip6 daddr ${gateway.ipv6} accept`,
        `ip6 daddr ${traffic.ipv6} ${trafficSources.ip6} accept`,
        refuse('segment'),
      ],
    ],
    [
      'deliver',
      '',
      [
        // On to the next segment: it was looked at when it came in, and is not what was inside another.
        ...(tunnels.length === 0
          ? []
          : [
              `oifname ${byTunnels} ip6 daddr ${inner} meta mark & ${hex(marks.mask)} != ${hex(marks.of('kept'))} accept`,
            ]),
        // Out of our own pair and in again: to a probe's address, or the region's.
        ...(['ip', 'ip6'] as const).map((family) => {
          const to = setOf([...own[family], family === 'ip' ? traffic.ipv4 : traffic.ipv6]);
          return `oifname "${loopbackDevice}" ${family} daddr ${to} ${trafficSources[family]} accept`;
        }),
        `${notOurs('ip', 'daddr')} ${refuse('transit')}`,
        `${notOurs('ip6', 'daddr')} ${refuse('transit')}`,
        ...tunnels.map(({ interfaceName: name }) => `iifname "${name}" goto deliver-${name}`),
        refuse('source'),
      ],
    ],
    ...heard('deliver', 'accept', told),
    ...heard('heard', 'return', [
      `ip saddr ${setOf(gateway.edge.ipv4Pools)} return`,
      `ip6 saddr ${inner} return`,
    ]),
    ['reach', '', reachRules(gateway)],
  ];
}

/** @returns matches of probes that take the paths of traffic, by IP version. */
function trafficMatches(locators: string): { readonly ip: string; readonly ip6: string } {
  return {
    ip: `ip saddr ${trafficPool}`,
    ip6: `ip6 saddr ${locators} ip6 saddr & ${functionBits} == ${trafficBits}`,
  };
}

/** @returns rules of chain `reach`: who may send what to the gateway itself. */
function reachRules(gateway: GatewayState): string[] {
  const { tunnels } = gateway;
  const byTunnels = setOf(tunnels.map(({ interfaceName }) => `"${interfaceName}"`));
  const trafficSources = trafficMatches(innerNetworks(gateway).locators);
  const trafficPorts = `${trafficPort}-${trafficSource(gateway.classes.length - 1)}`;
  const sessions = probedPairs(gateway).map(([mine, theirs]) => `${theirs} . ${mine}`);
  return [
    ...among(
      sessions,
      (set) => `ip6 saddr . ip6 daddr ${set} udp dport { ${probePort}, ${trafficPort} } accept`,
    ),
    ...among(sessions, (set) => `ip6 saddr . ip6 daddr ${set} udp sport ${probePort} accept`),
    ...(['ip', 'ip6'] as const).map(
      (family) => `iifname "${returnDevice}" ${trafficSources[family]} udp dport ${trafficPorts} accept`,
    ),
    ...tunnels.map(({ interfaceName: name }) => `iifname "${name}" jump heard-${name}`),
    `icmp type ${errors4} accept`,
    `icmpv6 type ${errors6} accept`,
    'icmp type echo-reply accept',
    `icmpv6 type ${neighbours6} accept`,
    `icmp type echo-request ${echoes} ${refuse('echo')}`,
    `icmpv6 type echo-request ${echoes} ${refuse('echo')}`,
    'icmp type echo-request accept',
    'icmpv6 type echo-request accept',
    // Answers to what this host asked. Connection tracking would have to follow all that is forwarded.
    `tcp flags & ack == ack tcp dport ${askingPorts} accept`,
    ...openPorts(gateway).flatMap(opened),
    ...(tunnels.length === 0 ? [] : [`iifname ${byTunnels} ${refuse('input')}`]),
    // What a network's own servers say: DHCP, names, time.
    'udp sport 67 udp dport 68 accept',
    'udp sport 547 udp dport 546 accept',
    // The other gateway of the region, which stands in for this one.
    ...(gateway.takeover ? [`udp dport ${neighbourPort} accept`, `udp sport ${neighbourPort} accept`] : []),
    ...among(
      tunnels.map(({ listenPort }) => String(listenPort)),
      (set) => `udp dport ${set} accept`,
    ),
    `udp sport { 53, 123 } udp dport ${askingPorts} accept`,
    refuse('input'),
  ];
}

/** The hooks that send packets there. @returns rules of `prerouting`, `forward` and `input`. */
export function edgeHooks(gateway: GatewayState): {
  readonly prerouting: readonly string[];
  readonly forward: readonly string[];
  readonly input: readonly string[];
} {
  const names = gateway.tunnels.map((t) => `"${t.interfaceName}"`);
  const [own, others] = [ownPrefixes(gateway), otherPrefixes(gateway)];
  const { locators, links } = innerNetworks(gateway);
  const from = among(names, (set) => `iifname ${set}`);
  const inside = {
    ip: widest([...own.ip, ...others.ip, ...gateway.edge.ipv4Pools, trafficPool]),
    ip6: widest([...own.ip6, ...others.ip6, locators, links]),
  };
  return {
    prerouting: [
      'iifname "lo" accept',
      ...from.map((match) => `${match} ip6 daddr ${setOf([locators, links])} goto addressed`),
      `iifname != ${setOf([`"${loopbackDevice}"`, ...names])} jump workload`,
    ],
    forward: from.map((match) => `${match} goto deliver`),
    input: [
      'iifname "lo" accept',
      ...from.map((match) => `${match} jump reach`),
      ...(['ip', 'ip6'] as const).map((family) => `${family} saddr ${setOf(inside[family])} jump reach`),
    ],
  };
}

/** Which address probes which, of those that begin or end here: this gateway's first. */
export function probedPairs(gateway: GatewayState): (readonly [mine: string, theirs: string])[] {
  return [
    ...gateway.tunnels.map(({ ipv6, peer }) => [ipv6, peer.ipv6] as const),
    ...[...gateway.paths, ...gateway.returns].flatMap(({ probe }) =>
      probe === null ? [] : [[probe.source, probe.destination] as const],
    ),
  ];
}

/** What overlay hosts may reach here: what the description opens, and the way in for operators. */
export function openPorts(gateway: GatewayState): readonly OpenPort[] {
  const { operations } = gateway;
  const [own, others] = [ownPrefixes(gateway), otherPrefixes(gateway)];
  const everybody = widest([...own.ip, ...own.ip6, ...others.ip, ...others.ip6]);
  const tcp = (port: number, from: readonly string[]): OpenPort => ({
    protocol: 'tcp',
    port,
    from: from.length > 0 ? from : everybody,
  });
  return [
    ...(gateway.edge.open ?? []),
    // Whoever has no key gets no answer (TLS with a key that both derive).
    ...(operations?.api ? [tcp(operationsPort, [])] : []),
    ...(operations?.metrics ? [tcp(operations.metrics.port, operations.metrics.from)] : []),
  ];
}

function opened({ protocol, port, from }: OpenPort): string[] {
  const all = widest(from);
  const [ip, ip6] = [all.filter(isIpv4Prefix), all.filter((prefix) => !isIpv4Prefix(prefix))];
  return [
    ...among(ip, (set) => `ip saddr ${set} ${protocol} dport ${port} accept`),
    ...among(ip6, (set) => `ip6 saddr ${set} ${protocol} dport ${port} accept`),
  ];
}

const nfproto = { ip: 'ipv4', ip6: 'ipv6' } as const;

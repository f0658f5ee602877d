import { firstPort } from '../../addressing/first-port';
import { metricsPort, operationsPort } from '../../model/network';
import { defaultMarkBits, markBitCount } from '../../model/mark-bits';
import { qosClasses } from '../../model/qos';
import { interfaceStarts } from '../../tunnels';
import { neighbourPort } from '../takeover/neighbour-port';
import { edgeReasons } from './wanted/nft-rules';
import {
  classNumber,
  injectTable,
  lastMetric,
  loopbackDevice,
  mostClasses,
  mostTunnels,
  nexthopIds,
  nftTable,
  oversizeTable,
  pinTable,
  protocol,
  returnDevice,
  returnTable,
  routeMetric,
  rulePriority,
} from './numbers';
import { hex } from './packet-marks';
import { trafficPool, trafficPort, trafficSource } from './traffic-addresses';
import { probePort } from './wanted/wanted-classes';
import { markPriority } from './wanted/wanted-marking';
import { deviceSysctlNames, hostSysctlNames } from './wanted/wanted-tunnels';

/** What of a host a row is about. */
export const hostUseKinds = {
  interface: 'Interfaces',
  'routing-table': 'Routing tables',
  'rule-priority': 'Priorities of routing rules',
  protocol: 'Routing protocol',
  metric: 'Metrics of routes',
  'nexthop-id': 'Ids of nexthops and groups',
  mark: 'Packet marks',
  'nft-table': 'nftables',
  'udp-port': 'UDP ports',
  'tcp-port': 'TCP ports',
  sysctl: 'Kernel settings',
  file: 'Files and folders',
  unit: 'systemd units',
} as const;
export type HostUseKind = keyof typeof hostUseKinds;

/** One thing that a gateway takes of its host. */
export interface HostUse {
  readonly kind: HostUseKind;
  /** As people read it: a name, a number, a range. */
  readonly name: string;
  /** The numbers, first and last, where it is one; of marks the mask, twice. */
  readonly range?: readonly [first: number, last: number];
  readonly use: string;
}

const range = (kind: HostUseKind, first: number, last: number, use: string): HostUse => ({
  kind,
  name: first === last ? String(first) : `${first} to ${last}`,
  range: [first, last],
  use,
});
const named = (kind: HostUseKind, name: string, use: string): HostUse => ({ kind, name, use });

/** As patterns: `wg-*`. */
const tunnelNames = interfaceStarts.map((start) => `${start}*`);

const sysctlUses: Readonly<Record<string, string>> = {
  'net/ipv4/ip_forward': 'a gateway forwards',
  'net/ipv6/conf/all/forwarding': 'a gateway forwards',
  'net/ipv6/conf/all/seg6_enabled': 'segments are taken in, by tunnels alone',
  'net/ipv4/conf/all/rp_filter':
    'knows no marks; the sources that may come by a tunnel are filtered in nftables',
  'net/ipv4/fib_multipath_hash_policy': 'flows are told apart by ports',
  'net/ipv6/fib_multipath_hash_policy': 'flows are told apart by ports',
  'net/ipv4/nexthop_compat_mode': 'a change of a group is one message',
  'net/ipv4/conf/dwcp1/rp_filter': 'as that of all interfaces',
  'net/ipv4/conf/dwcp1/accept_local': 'what this host sends by its pair comes in from an address of its own',
  'net/ipv6/conf/dwcp0/disable_ipv6': 'IPv6 stays on where packets of ours pass',
  'net/ipv6/conf/dwcp1/disable_ipv6': 'IPv6 stays on where packets of ours pass',
  'net/ipv6/conf/<tunnel>/disable_ipv6': 'IPv6 stays on where packets of ours pass',
  'net/ipv6/conf/<tunnel>/seg6_enabled': 'segments come by tunnels',
  'net/ipv4/conf/<tunnel>/rp_filter': 'as that of all interfaces',
};

/**
 * Everything that a gateway takes of its host, and what nothing else there may take: docs/host.md is made
 * from it, `dwcp-agent doctor` looks for clashes with it.
 */
export const hostUse: readonly HostUse[] = [
  named(
    'interface',
    tunnelNames.join(', '),
    'a tunnel each; the plan names them, 15 letters at most, alias `dwcp …`',
  ),
  named(
    'interface',
    `${loopbackDevice}, ${returnDevice}`,
    'a veth pair: addresses and segments, and what is too long',
  ),
  range(
    'routing-table',
    classNumber(0),
    classNumber(mostClasses) - 1,
    'eight for each class, critical to best effort, of which the first is taken',
  ),
  range('routing-table', oversizeTable, oversizeTable, 'packets that are too long for their path'),
  range(
    'routing-table',
    pinTable(firstPort),
    pinTable(firstPort + mostTunnels - 1),
    'parallel tunnels, in the order of their ports',
  ),
  range('routing-table', injectTable, returnTable, 'probes that go the way traffic goes'),
  named('routing-table', 'main (254)', 'segments, probes’ routes, the last resort of each region'),
  range(
    'rule-priority',
    rulePriority.pin,
    rulePriority.pin,
    'segments leave by the tunnel whose address they carry',
  ),
  range(
    'rule-priority',
    rulePriority.traffic.inject,
    rulePriority.traffic.accept,
    'probes that go the way traffic goes',
  ),
  range(
    'rule-priority',
    classNumber(0),
    classNumber(mostClasses) - 1,
    'a mark chooses the table of its class',
  ),
  range('rule-priority', rulePriority.oversize, rulePriority.oversize, 'the table of what is too long'),
  range(
    'rule-priority',
    rulePriority.unmarked,
    rulePriority.unmarked,
    'what has none of our bits goes as best effort',
  ),
  range(
    'protocol',
    protocol,
    protocol,
    'on each route, rule and nexthop that we made (`ip route show proto`)',
  ),
  range('metric', routeMetric, routeMetric, 'routes that are preferred'),
  range('metric', lastMetric, lastMetric, 'the last resort, `unreachable`'),
  range('nexthop-id', ...nexthopIds, '28 bits of a hash'),
  {
    kind: 'mark',
    name: hex(defaultMarkBits),
    range: [defaultMarkBits, defaultMarkBits],
    use: `${markBitCount} bits, matched and set under this mask`,
  },
  named(
    'nft-table',
    `inet ${nftTable}`,
    `chains at prerouting and output ${markPriority}, input 0, forward and postrouting -150; counters ${Object.keys(
      edgeReasons,
    )
      .map((reason) => `refused-${reason}`)
      .join(', ')}`,
  ),
  range(
    'udp-port',
    firstPort,
    firstPort + mostTunnels - 1,
    'a tunnel each, from the first on, as the plan says',
  ),
  range('udp-port', probePort, probePort, 'STAMP (RFC 8762): probes of peers'),
  range('udp-port', neighbourPort, neighbourPort, 'the two gateways of a region watch each other'),
  range(
    'udp-port',
    trafficPort,
    trafficSource(qosClasses.length - 1),
    `probes that go the way traffic goes, with addresses of ${trafficPool} inside tunnels`,
  ),
  range(
    'tcp-port',
    operationsPort,
    operationsPort,
    'the API by TLS, where the description has `operations.api`',
  ),
  range('tcp-port', metricsPort, metricsPort, 'metrics, on 127.0.0.1 unless `--metrics` says otherwise'),
  ...hostSysctlNames.map((name) => named('sysctl', name, sysctlUses[name])),
  ...deviceSysctlNames(tunnelNames).map((name) => {
    const plain = tunnelNames.reduce((text, own) => text.replace(own, '<tunnel>'), name);
    return named('sysctl', name, sysctlUses[plain]);
  }),
  named('file', '/opt/dwcp', 'bundles, `current` and `endpoints.json`'),
  named('file', '/etc/dwcp', 'where bundles come from'),
  named('file', '/run/dwcp', 'the unsealing secret and the socket `agent.sock`'),
  named('file', '/run/wireguard', 'sockets of wireguard-go'),
  named('file', '/var/lib/dwcp', 'what the agent remembers'),
  named('file', '/var/lib/dwcp-fetch, /var/lib/dwcp-packages', 'what the fetcher remembers'),
  named('file', '/var/lib/dwcp-ssm', 'which SSM agent was installed, and why none was'),
  named('file', '/var/lib/dwcp-logs, /run/dwcp-logs', 'how far the journal has been sent'),
  named('file', '/usr/local/sbin/dwcp-fetch', 'the fetcher'),
  named('file', '/etc/systemd/networkd.conf.d/50-dwcp.conf', 'keeps networkd from removing what is ours'),
  named('file', '/etc/systemd/network/05-dwcp.network', 'keeps networkd away from our interfaces'),
  named('unit', 'dwcp-agent.service', 'the agent'),
  named('unit', 'dwcp-host.service', 'writes the two files for networkd'),
  named('unit', 'dwcp-ssm.service', 'installs the SSM agent, where the description names one'),
  named('unit', 'dwcp-logs.service', 'sends the journal, where the description has `operations.logs`'),
  named('unit', 'dwcp-fetch.service, dwcp-fetch.timer', 'the fetcher'),
  named('unit', 'dwcp-packages.service', 'installs packages before the first bundle'),
];

/** The table as Markdown, a section a kind. */
export function hostUseMarkdown(): string {
  return (Object.keys(hostUseKinds) as HostUseKind[])
    .map((kind) => {
      const rows = hostUse
        .filter((row) => row.kind === kind)
        .map(({ name, use }) => `| \`${name}\` | ${use} |`);
      return [`### ${hostUseKinds[kind]}`, '', '| what | for what |', '| --- | --- |', ...rows].join('\n');
    })
    .join('\n\n');
}

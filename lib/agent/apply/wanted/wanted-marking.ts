import { createHash } from 'node:crypto';
import type { GatewayState } from '../../../gateway';
import type { Arrival } from '../arrivals';
import type { HostObject } from '../host-object';
import { among, counterNames, refusals, setOf, type Chain } from './nft-rules';
import { nftTable, returnDevice } from '../numbers';
import { otherPrefixes } from './overlay-prefixes';
import { packetMarks } from '../packet-marks';
import { trafficPort, trafficSource } from '../traffic-addresses';
import { classChains, probePort, setMark } from './wanted-classes';
import { edgeChains, edgeHooks, probedPairs } from './wanted-edge';
import { destinationMtus } from './wanted-paths';

/** A chain of the table as nft lists it: `filter prerouting -150`, or empty for one that is jumped to. */
export interface MarkingChain {
  readonly name: string;
  readonly hook: string;
  /** Digests of its rules in order; a rule of another's hand has none. */
  readonly rules: readonly (string | null)[];
}

/** Code point of probes and answers: class selector 6 (RFC 2474, RFC 4594 section 3.2). */
const networkControl = 48;

/** netfilter's priorities: what changes packets, and what refuses them. */
const mangle = -150;
const filter = 0;
/**
 * Our marks are set behind those of others (mangle, address translation, filters), right before the routing
 * decision: nothing that others do before can wipe them.
 */
export const markPriority = 250;

/**
 * Marking and the trust boundary by nftables(8), one table that is replaced whole.
 *
 * Coming in, what is for another region gets our bits of the mark by the class of its code point, and only
 * those bits (`packetMarks`): whatever else is set stays, and changes nothing. Other packets are not touched.
 * Going out by a tunnel, the mark decides the queue, and the code point of the segment routing header: the
 * kernel copies that of IPv6 and leaves IPv4's out (seg6_iptunnel.c, seg6_do_srh_encap).
 *
 * Who may send what to whom is `edgeChains` (RFC 8754 section 5.1 for segments).
 *
 * TCP connections are told the path MTU both ways. Not by `rt mtu`: packets are encapsulated when they come
 * in, and the forward hook sees the outer packet. What is too long for a path is marked for a table of its
 * own; what comes back from there is looked at anew.
 *
 * @param earlier what plans before let in, and is let in for a while.
 * @param twoKeys ids of the tunnels whose far end may use one of two keys.
 */
export function markingObject(
  gateway: GatewayState,
  open: ReadonlySet<string>,
  twoKeys: ReadonlySet<string>,
  earlier: readonly Arrival[],
): HostObject {
  const chains = chainsOf(gateway, open, twoKeys, earlier).map(([name, hook, rules]) => ({
    name,
    hook,
    rules,
  }));
  const counters = counterNames.map((name) => `  counter ${name} { }`);
  const script = [`table inet ${nftTable} {`, ...counters];
  for (const { name, hook, rules } of chains) {
    script.push(`  chain ${name} {`);
    if (hook !== '') {
      const [type, at, priority] = hook.split(' ');
      script.push(`    type ${type} hook ${at} priority ${priority}; policy accept;`);
    }
    for (const rule of rules) script.push(`    ${rule} comment "${digest(rule)}"`);
    script.push('  }');
  }
  script.push('}');
  const listed = chains.map(({ name, hook, rules }) => ({ name, hook, rules: rules.map(digest) }));
  return { kind: 'marking', key: `inet ${nftTable}`, value: markingValue(listed), script: script.join('\n') };
}

/** The table in short: a digest over its chains and the digests of their rules. */
export function markingValue(chains: readonly MarkingChain[]): string {
  const lines = chains.map(({ name, hook, rules }) => `${name} [${hook}] ${rules.join(' ')}`);
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

function digest(rule: string): string {
  return createHash('sha256').update(rule).digest('hex').slice(0, 16);
}

function chainsOf(
  gateway: GatewayState,
  open: ReadonlySet<string>,
  twoKeys: ReadonlySet<string>,
  earlier: readonly Arrival[],
): Chain[] {
  const { tunnels } = gateway;
  const names = tunnels.map(({ interfaceName }) => `"${interfaceName}"`);
  const marks = packetMarks(gateway.edge.markBits);
  const others = otherPrefixes(gateway);
  const hooks = edgeHooks(gateway);
  const pairs = probedPairs(gateway).map(([mine, theirs]) => `${mine} . ${theirs}`);
  // Probes and their answers travel as network control (RFC 4594), or a flood would look like a dead path.
  // Those that go the way traffic goes are answered there, too.
  const probes = [`dport { ${probePort}, ${trafficPort} }`, `sport ${probePort}`].flatMap((ports) =>
    among(pairs, (set) => {
      const match = `ip6 saddr . ip6 daddr ${set} udp ${ports}`;
      return `${match} ip6 dscp set ${networkControl} ${setMark(marks, 'probe')} accept`;
    }),
  );
  // Those that go the way traffic goes have the code point of the class that they try.
  const traffic = gateway.classes.flatMap(({ dscp }, rank) =>
    dscp === 0
      ? []
      : ['ip', 'ip6'].map(
          (family) => `udp dport ${trafficPort} udp sport ${trafficSource(rank)} ${family} dscp set ${dscp}`,
        ),
  );
  const syn = 'tcp flags & (syn | rst) == syn jump clamp';
  return [
    // Chains that are jumped to stand first: nft wants to know them.
    ...refusals(),
    ...classChains(gateway, open),
    ...edgeChains(gateway, earlier),
    ['clamp', '', clamp(gateway)],
    ['oversize', '', oversize(gateway)],
    [
      'prerouting',
      `filter prerouting ${markPriority}`,
      [...hooks.prerouting, syn, `iifname != "${returnDevice}" jump oversize`],
    ],
    ['input', `filter input ${filter}`, hooks.input],
    [
      'output',
      `route output ${markPriority}`,
      [
        ...patience(gateway, tunnels, twoKeys),
        ...probes,
        ...traffic,
        ...among(others.ip, (set) => `ip daddr ${set} goto own`),
        ...among(others.ip6, (set) => `ip6 daddr ${set} goto own`),
        ...among(names, (set) => `oifname ${set} goto own`),
      ],
    ],
    ['forward', `filter forward ${mangle}`, [...untracked(names), syn, ...hooks.forward]],
    ['postrouting', `filter postrouting ${mangle}`, among(names, (set) => `oifname ${set} goto leave`)],
  ];
}

/**
 * What ends its segments here is forwarded without having passed prerouting (seg6_local.c), so no connection
 * is known of it. Nor of a TCP connection whose other way takes another gateway. `ct state` then says
 * `invalid`, which firewalld and kube-proxy drop. `notrack` makes it `untracked`, keeps known connections as
 * they are, and does not start connection tracking where nobody uses it.
 */
function untracked(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  return ['iifname', 'oifname'].map((side) => `${side} ${setOf(names)} notrack`);
}

/**
 * Of two gateways one begins a handshake at most each 12 s, the other whenever it wants to. Both begin again
 * 5 s after the last message of a handshake that came to nothing. Beginnings that cross on the way undo each
 * other, and then both wait for the same time and cross again: links of 80 ms were down for a minute. Where
 * the far end may use one of two keys, two may follow each other: the first may have gone to the wrong one.
 */
function patience(
  gateway: GatewayState,
  tunnels: GatewayState['tunnels'],
  twoKeys: ReadonlySet<string>,
): string[] {
  // WireGuard's message type 1 and three zero octets, behind the 8 octets of UDP's header.
  const initiation = '@th,64,32 0x01000000';
  return tunnels
    .filter(({ peer }) => gateway.gateway > peer.gateway)
    .map(({ id, listenPort }) => {
      const burst = `burst ${twoKeys.has(id) ? 2 : 1} packets`;
      return `udp sport ${listenPort} ${initiation} limit rate over 5/minute ${burst} drop`;
    });
}

/** Prefixes that share a least MTU, by family. */
function sizes(gateway: GatewayState): readonly { family: 'ip' | 'ip6'; mtu: number; prefixes: string }[] {
  const groups = new Map<string, string[]>();
  for (const [prefix, mtu] of destinationMtus(gateway)) {
    const name = `${prefix.includes(':') ? 'ip6' : 'ip'} ${mtu}`;
    groups.set(name, [...(groups.get(name) ?? []), prefix]);
  }
  return [...groups].map(([name, prefixes]) => {
    const [family, mtu] = name.split(' ');
    return { family: family as 'ip' | 'ip6', mtu: Number(mtu), prefixes: setOf(prefixes) };
  });
}

/** The largest segment is the MTU less headers of 40 or 60 bytes (RFC 6691). */
function clamp(gateway: GatewayState): string[] {
  return sizes(gateway).flatMap(({ family, mtu, prefixes }) =>
    ['daddr', 'saddr'].map((side) => {
      const size = mtu - (family === 'ip' ? 40 : 60);
      return `${family} ${side} ${prefixes} tcp option maxseg size set ${size}`;
    }),
  );
}

/**
 * What receive offload joined from TCP segments is long and fits all the same; segments that others sent
 * before they were told the path's MTU are at most an Ethernet packet.
 */
function oversize(gateway: GatewayState): string[] {
  const mark = setMark(packetMarks(gateway.edge.markBits), 'kept');
  return [
    'meta l4proto tcp meta length > 1500 return',
    ...sizes(gateway).map(
      ({ family, mtu, prefixes }) => `${family} daddr ${prefixes} meta length > ${mtu} ${mark}`,
    ),
  ];
}

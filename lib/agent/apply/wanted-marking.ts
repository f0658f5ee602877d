import { createHash } from 'node:crypto';
import type { GatewayState } from '../../emit';
import type { HostObject } from './host-object';
import {
  classMask,
  foreignMask,
  hex,
  markMask,
  markOf,
  nftTable,
  oversizeMark,
  returnDevice,
} from './numbers';
import { trafficPort, trafficSource } from './traffic-addresses';
import { destinationMtus } from './wanted-paths';
import { leafId, reservedPairs } from './wanted-shaping';

/** A chain of the table as nft lists it: `filter prerouting -150`, or empty for one that is jumped to. */
export interface MarkingChain {
  readonly name: string;
  readonly hook: string;
  /** Digests of its rules in order; a rule of another's hand has none. */
  readonly rules: readonly (string | null)[];
}

/** UDP port of STAMP reflectors (RFC 8762 section 4.1). */
const probePort = 862;
/** Code point of class selector 6 (RFC 2474). */
const networkControl = 48;

/** netfilter's priority `mangle`. */
const mangle = -150;

/**
 * Marking by nftables(8), one table that is replaced whole.
 *
 * Coming in (and made here), a packet without our mark gets that of the class of its code point, without one
 * best effort (RFC 2474 section 3), and the number of the reservation that it belongs to. Going out by a
 * tunnel, the mark decides the queue, and the code point of the segment routing header: the kernel copies
 * that of IPv6 and leaves IPv4's out (seg6_iptunnel.c, seg6_do_srh_encap).
 *
 * What comes in by other interfaces may not address segments (RFC 8754 section 5.1).
 *
 * TCP connections are told the path MTU both ways. Not by `rt mtu`: packets are encapsulated when they come
 * in, and the forward hook sees the outer packet. What is too long for a path is marked for a table of its
 * own; what comes back from there is looked at afresh.
 *
 * @param twoKeys ids of the tunnels whose far end may use one of two keys.
 */
export function markingObject(
  gateway: GatewayState,
  open: ReadonlySet<string>,
  twoKeys: ReadonlySet<string>,
): HostObject {
  const chains = chainsOf(gateway, open, twoKeys).map(([name, hook, rules]) => ({ name, hook, rules }));
  const script = [`table inet ${nftTable} {`];
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

type Chain = readonly [name: string, hook: string, rules: readonly string[]];

function chainsOf(gateway: GatewayState, open: ReadonlySet<string>, twoKeys: ReadonlySet<string>): Chain[] {
  const tunnels = gateway.tunnels.filter((tunnel) => tunnel.type === 'wireguard');
  const names = tunnels.map(({ interfaceName }) => `"${interfaceName}"`);
  const unmarked = `meta mark & ${hex(markMask)} == 0 jump classify`;
  // Function bits are the 16 behind a locator's 64; without any it is the gateway's own address.
  const locators = setOf([gateway.locator, ...tunnels.map(({ peer }) => peer.locator)]);
  const foreign = `iifname != { ${['"lo"', `"${returnDevice}"`, ...names].join(', ')} }`;
  const edge = `${foreign} ip6 daddr ${locators} ip6 daddr & 0:0:0:0:ffff:: != :: drop`;
  const again = `iifname "${returnDevice}" meta mark set meta mark & ${hex(foreignMask)}`;
  const tooLong = `iifname != "${returnDevice}" jump oversize`;
  // Probes and their answers travel as network control (RFC 4594), or a flood would look like a dead path.
  const probes = ['dport', 'sport'].map(
    (side) => `meta nfproto ipv6 udp ${side} ${probePort} ip6 dscp set ${networkControl}`,
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
    ['classify', '', classify(gateway)],
    ['clamp', '', clamp(gateway)],
    ['oversize', '', oversize(gateway)],
    ['leave', '', leave(gateway, open)],
    ['prerouting', `filter prerouting ${mangle}`, [edge, again, unmarked, syn, tooLong]],
    [
      'output',
      `route output ${mangle}`,
      [...patience(gateway, tunnels, twoKeys), ...probes, ...traffic, unmarked],
    ],
    ['forward', `filter forward ${mangle}`, [...untracked(names), syn]],
    [
      'postrouting',
      `filter postrouting ${mangle}`,
      names.length === 0 ? [] : [`oifname { ${names.join(', ')} } jump leave`],
    ],
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
  return ['iifname', 'oifname'].map((side) => `${side} { ${names.join(', ')} } notrack`);
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

/** The upper 8 bits of the mark stay as they are. */
function classify(gateway: GatewayState): string[] {
  const set = (mark: number) => `meta mark set meta mark & ${hex(foreignMask)} | ${hex(mark)}`;
  const byCodePoint = gateway.classes
    .filter(({ dscp }) => dscp !== 0)
    .flatMap(({ class: qos, dscp }) =>
      ['ip', 'ip6'].map((family) => `${family} dscp ${dscp} ${set(markOf(qos))}`),
    );
  const reserved = reservedPairs(gateway).flatMap(({ to, class: qos, number }) => {
    const route = gateway.routes.find((r) => r.to === to && r.classes.includes(qos));
    const of = `meta mark & ${hex(classMask)} == ${hex(markOf(qos))}`;
    return [
      ...(route?.ipv4Prefixes.length ? [`ip daddr ${setOf(route.ipv4Prefixes)}`] : []),
      ...(route?.ipv6Prefixes.length ? [`ip6 daddr ${setOf(route.ipv6Prefixes)}`] : []),
    ].map((match) => `${match} ${of} ${set(markOf(qos, number))}`);
  });
  return [set(markOf('best-effort')), ...byCodePoint, ...reserved];
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
  const mark = `meta mark set meta mark & ${hex(foreignMask)} | ${hex(oversizeMark)}`;
  return [
    'meta l4proto tcp meta length > 1500 return',
    ...sizes(gateway).map(
      ({ family, mtu, prefixes }) => `${family} daddr ${prefixes} meta length > ${mtu} ${mark}`,
    ),
  ];
}

function leave(gateway: GatewayState, open: ReadonlySet<string>): string[] {
  const tunnels = gateway.tunnels.filter((tunnel) => tunnel.type === 'wireguard');
  if (tunnels.length === 0) return [];
  const own = setOf(tunnels.map(({ ipv6 }) => ipv6));
  const of = (qos: Parameters<typeof markOf>[0]) => `meta mark & ${hex(classMask)} == ${hex(markOf(qos))}`;
  return [
    // Next headers: IPv4, IPv6, routing.
    ...gateway.classes.map(
      ({ class: qos, dscp }) => `ip6 saddr ${own} ip6 nexthdr { 4, 41, 43 } ${of(qos)} ip6 dscp set ${dscp}`,
    ),
    ...gateway.classes.map(({ class: qos }) => `${of(qos)} meta priority set ${leafId(qos)}`),
    ...reservedPairs(gateway).flatMap(({ class: qos, number, reservations }) => {
      const on = new Set(reservations.filter(({ id }) => open.has(id)).flatMap((r) => r.tunnels));
      const names = tunnels.filter(({ id }) => on.has(id)).map((tunnel) => `"${tunnel.interfaceName}"`);
      if (names.length === 0) return [];
      const mark = `meta mark & ${hex(markMask)} == ${hex(markOf(qos, number))}`;
      return [`oifname { ${names.join(', ')} } ${mark} meta priority set ${leafId(qos, number)}`];
    }),
  ];
}

function setOf(items: readonly string[]): string {
  return `{ ${[...new Set(items)].sort().join(', ')} }`;
}

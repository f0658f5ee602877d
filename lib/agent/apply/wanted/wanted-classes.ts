import type { GatewayState } from '../../../gateway';
import { defaultClass, type QosClass } from '../../../model/qos';
import { among, over, refuse, setOf, type Chain } from './nft-rules';
import { returnDevice } from '../numbers';
import { hex, packetMarks, type PacketMarks } from '../packet-marks';
import { otherPrefixes } from './overlay-prefixes';
import { leafId, probeLeaf, probeRate, reservedPairs, type ReservedPair } from './wanted-shaping';

/** Code points of the network itself: class selectors 6 and 7 (RFC 2474). */
const networkControl = [48, 56];

/** UDP port of STAMP reflectors (RFC 8762 section 4.1). */
export const probePort = 862;

/** A segment's function bits, and what they say of one that delivers to a gateway itself (`localSegment`). */
export const functionBits = '0:0:0:0:ffff::';
const localFunction = '0x12';

/** What a class may take beyond its reservations, of the largest tunnel, where the plan expects nothing. */
const leastShare = 0.05;
/** How far what is reserved and expected may be passed. */
const allowance = 1.1;
/** Bytes of probes that may come at once: a hundred. */
const probeBurst = 16_000;
/** Of a tunnel, what a reserved class may bring at least. */
const arrivingShare = 0.5;

/** Sets our bits, and leaves all others. */
export function setMark(marks: PacketMarks, meaning: Parameters<PacketMarks['of']>[0]): string {
  const mark = marks.of(meaning);
  return `meta mark set meta mark & ${hex(marks.others)}${mark === 0 ? '' : ` | ${hex(mark)}`}`;
}

/**
 * Chains `enter` (from the region), `own` (made here), `pass` (on to the next gateway) and `leave` (by a
 * tunnel). Packets get our bits from their code point each time they come in, whatever they had before.
 */
export function classChains(gateway: GatewayState, open: ReadonlySet<string>): Chain[] {
  const marks = packetMarks(gateway.edge.markBits);
  return [
    ...entering(gateway, marks, open),
    ...passing(gateway, marks, open),
    ['own', '', [...byCodePoint(gateway, 'as', networkControl), setMark(marks, defaultClass)]],
    ...leaving(gateway, marks, open),
  ];
}

/** A verdict for each class's code point. @param also code points that count as the most important class. */
function byCodePoint(gateway: GatewayState, chain: string, also: readonly number[] = []): string[] {
  const [first] = gateway.classes;
  const points = [
    ...gateway.classes.filter(({ dscp }) => dscp !== 0).map(({ class: qos, dscp }) => [dscp, qos] as const),
    ...also.map((dscp) => [dscp, first.class] as const),
  ];
  const verdicts = points.map(([dscp, qos]) => `${dscp} : goto ${chain}-${qos}`).join(', ');
  return ['ip', 'ip6'].map((family) => `${family} dscp vmap { ${verdicts} }`);
}

/** Classes in which an open reservation holds something of a tunnel of this gateway. */
function reservedClasses(gateway: GatewayState, open: ReadonlySet<string>): ReadonlySet<QosClass> {
  const held = gateway.tunnels.flatMap((tunnel) => tunnel.guarantees.filter((g) => open.has(g.reservation)));
  return new Set(held.map((g) => g.class).filter((qos) => qos !== defaultClass));
}

/**
 * What workloads send gets the code point of a class that the plan knows, and CS6 and CS7 are taken off it.
 * Of a class in which something is reserved, as much enters as the plan reserves and expects for each region;
 * the rest goes as best effort, so that a flood does not get in among what is reserved on the way.
 */
function entering(gateway: GatewayState, marks: PacketMarks, open: ReadonlySet<string>): Chain[] {
  const control = gateway.edge.networkControl ?? defaultClass;
  const bestEffort = ['ip', 'ip6'].map((family) => `${family} dscp != 0 ${family} dscp set 0`);
  const chains: Chain[] = [['enter-best-effort', '', [setMark(marks, defaultClass), ...bestEffort]]];
  const link = Math.max(0, ...gateway.tunnels.map((tunnel) => tunnel.bandwidthMbps));
  const reserved = reservedClasses(gateway, open);
  const regions = [...new Set(gateway.routes.map((route) => route.to))];
  for (const { class: qos, dscp } of gateway.classes) {
    if (qos === defaultClass) continue;
    const verdicts: Record<'ip' | 'ip6', string[]> = { ip: [], ip6: [] };
    for (const to of reserved.has(qos) ? regions : []) {
      const held = gateway.reservations.filter((r) => r.to === to && r.class === qos && open.has(r.id));
      const offer = gateway.edge.offers.find((o) => o.to === to && o.class === qos)?.mbps ?? 0;
      const known = offer + held.reduce((sum, r) => sum + r.bandwidthMbps, 0);
      const limit = Math.max(known * allowance, link * leastShare);
      const name = `rate-${qos}-${to}`;
      chains.push([name, '', [`${over(limit)} counter name "remarked-rate" goto enter-best-effort`]]);
      for (const family of ['ip', 'ip6'] as const) {
        const prefixes = otherPrefixes(gateway, [to])[family];
        verdicts[family].push(...prefixes.map((prefix) => `${prefix} : jump ${name}`));
      }
    }
    chains.push([
      `enter-${qos}`,
      '',
      [
        setMark(marks, qos),
        ...(qos === control ? ['ip', 'ip6'].map((family) => `${family} dscp set ${dscp}`) : []),
        // What comes back after the kernel looked at its length has been through here.
        ...(verdicts.ip.length > 0 ? [`iifname "${returnDevice}" return`] : []),
        ...(['ip', 'ip6'] as const).flatMap((family) =>
          verdicts[family].length === 0 ? [] : [`${family} daddr vmap { ${verdicts[family].join(', ')} }`],
        ),
      ],
    ]);
  }
  const points = setOf(networkControl.map(String));
  chains.push([
    'enter',
    '',
    [
      ...byCodePoint(gateway, 'enter'),
      ...['ip', 'ip6'].map(
        (family) => `${family} dscp ${points} counter name "remarked-control" goto enter-${control}`,
      ),
      'goto enter-best-effort',
    ],
  ]);
  return chains;
}

/**
 * What goes on over a segment has the class of its outer code point, which gateways alone give. Probes and
 * answers are those whose last segment delivers to a gateway itself. Neither gets more than one tunnel's
 * share: who has taken over a gateway has its tunnels, and must not reach into the queues of others.
 */
function passing(gateway: GatewayState, marks: PacketMarks, open: ReadonlySet<string>): Chain[] {
  const { tunnels } = gateway;
  const reserved = reservedClasses(gateway, open);
  const ends = setOf([gateway.segmentDx4, gateway.segmentDx6, gateway.segmentLocal]);
  return [
    ['as-best-effort', '', [setMark(marks, defaultClass)]],
    ...gateway.classes
      .filter(({ class: qos }) => qos !== defaultClass)
      .map(({ class: qos }): Chain => {
        const limits = reserved.has(qos)
          ? gateway.edge.arrivals.map(({ tunnel, held }) => {
              const { interfaceName, bandwidthMbps } = tunnels.find((t) => t.id === tunnel)!;
              const known = held.find((h) => h.class === qos)?.mbps ?? 0;
              const limit = Math.max(known * allowance, bandwidthMbps * arrivingShare);
              return `iifname "${interfaceName}" ${over(limit)} goto as-best-effort`;
            })
          : [];
        return [`as-${qos}`, '', [...limits, setMark(marks, qos)]];
      }),
    [
      'pass-probe',
      '',
      [
        ...tunnels.map(
          ({ interfaceName, bandwidthMbps }) =>
            `iifname "${interfaceName}" ${over(probeRate(bandwidthMbps * 1000) / 1000, probeBurst)} ${refuse('flood')}`,
        ),
        setMark(marks, 'probe'),
      ],
    ],
    [
      'pass',
      '',
      [
        `ip6 daddr ${ends} ${setMark(marks, 'kept')} accept`,
        // The function bits of the first entry of the routing header, which is the last segment.
        `ip6 nexthdr 43 @nh,448,16 ${localFunction} goto pass-probe`,
        ...byCodePoint(gateway, 'as').slice(1),
        setMark(marks, defaultClass),
      ],
    ],
  ];
}

/** The queue of a packet by its mark; what is reserved has one of its own at its first gateway. */
function leaving(gateway: GatewayState, marks: PacketMarks, open: ReadonlySet<string>): Chain[] {
  const { tunnels } = gateway;
  if (tunnels.length === 0) return [];
  const own = setOf(tunnels.map(({ ipv6 }) => ipv6));
  const pairs = reservedPairs(gateway);
  const verdicts = gateway.classes.map(({ class: qos }) => `${hex(marks.of(qos))} : goto leave-${qos}`);
  verdicts.push(`${hex(marks.of('none'))} : goto leave-best-effort`);
  verdicts.push(`${hex(marks.of('probe'))} : goto leave-probe`);
  return [
    ...gateway.classes.map(({ class: qos, dscp }): Chain => [
      `leave-${qos}`,
      '',
      [
        // Next headers: IPv4, IPv6, routing. The kernel copies the code point of IPv6 and leaves IPv4's out.
        `ip6 saddr ${own} ip6 nexthdr { 4, 41, 43 } ip6 dscp set ${dscp}`,
        `meta priority set ${leafId(qos)}`,
        ...pairs.filter((pair) => pair.class === qos).flatMap((pair) => ownQueue(gateway, pair, open, own)),
      ],
    ]),
    ['leave-probe', '', [`meta priority set ${probeLeaf}`]],
    ['leave', '', [`meta mark & ${hex(marks.mask)} vmap { ${verdicts.join(', ')} }`]],
  ];
}

/** By the destination, or behind segments by the last of them, which is the far gateway's. */
function ownQueue(
  gateway: GatewayState,
  { to, class: qos, number, reservations }: ReservedPair,
  open: ReadonlySet<string>,
  own: string,
): string[] {
  const on = new Set(reservations.filter(({ id }) => open.has(id)).flatMap((r) => r.tunnels));
  const names = gateway.tunnels.filter(({ id }) => on.has(id)).map((tunnel) => `"${tunnel.interfaceName}"`);
  if (names.length === 0) return [];
  const by = `oifname ${setOf(names)}`;
  const queue = `meta priority set ${leafId(qos, number)}`;
  const to6 = otherPrefixes(gateway, [to]);
  const paths = new Set(reservations.flatMap((r) => r.paths));
  const last = gateway.paths
    .filter(({ id, segmentsIpv4 }) => paths.has(id) && segmentsIpv4.length > 0)
    .flatMap(({ segmentsIpv4, segmentsIpv6 }) => [segmentsIpv4.at(-1)!, segmentsIpv6.at(-1)!]);
  return [
    ...among(to6.ip, (set) => `${by} ip daddr ${set} ${queue}`),
    ...among(to6.ip6, (set) => `${by} ip6 daddr ${set} ${queue}`),
    ...among(last, (set) => `${by} ip6 saddr ${own} srh sid[1] ${set} ${queue}`),
  ];
}

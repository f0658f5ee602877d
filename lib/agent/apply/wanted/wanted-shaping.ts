import type { GatewayReservation, GatewayState, GatewayTunnel } from '../../../gateway';
import type { QosClass } from '../../../model';
import { defaultClass, qosClasses } from '../../../model/qos';
import type { HostObject } from '../host-object';
import { mostReservations } from '../numbers';

/** The reservations of a class to a region that start here: packets do not tell them apart. */
export interface ReservedPair {
  readonly to: string;
  readonly class: QosClass;
  /** 1 to 4095, in the packet's mark and the queue's name; stable while the plan holds. */
  readonly number: number;
  readonly reservations: readonly (GatewayReservation & { readonly tunnels: readonly string[] })[];
}

/**
 * @throws RangeError for more than 4095 pairs.
 */
export function reservedPairs(gateway: GatewayState): ReservedPair[] {
  const tunnels = new Map(gateway.paths.map((path) => [path.id, path.tunnel]));
  const pairs = new Map<string, ReservedPair>();
  for (const reservation of gateway.reservations) {
    const { to, class: qos, paths } = reservation;
    const name = `${qos} ${to}`;
    const pair = pairs.get(name) ?? { to, class: qos, number: pairs.size + 1, reservations: [] };
    const of = { ...reservation, tunnels: paths.flatMap((path) => tunnels.get(path) ?? []) };
    pairs.set(name, { ...pair, reservations: [...pair.reservations, of] });
  }
  if (pairs.size > mostReservations) throw new RangeError(`more than ${mostReservations} reserved pairs`);
  return [...pairs.values()];
}

/** Name of the queue of a class, or of a reserved pair's: tc's `major:minor`. */
export function leafId(qos: QosClass, number = 0): string {
  return `1:${(number === 0 ? 0x11 + qosClasses.indexOf(qos) : 0x100 + number).toString(16)}`;
}

/** The queue of probes and their answers: nothing else gets into it. */
export const probeLeaf = '1:10';

/**
 * What probes are sure of on a tunnel, kbit/s: four times the share of the link that probing keeps to
 * (`bandwidthShare`), and what a few dozen sessions need at their slowest on a narrow one.
 */
export function probeRate(linkKbps: number): number {
  return Math.min(linkKbps / 4, Math.max(linkKbps * 0.02, 512));
}

/** Bytes that one queue takes from before it lets the next of the same priority: two full packets. */
const quantum = 3000;
/** Longest that a full queue lets a packet wait at the link's rate, ms. */
const queueMs = 50;

/**
 * Hierarchical token buckets on each tunnel (tc-htb(8)): the link's bandwidth, under it a queue a class, one
 * for probes, and one for each reserved pair that starts here. A queue is sure of what the open reservations
 * hold in it; what is left goes by class, most important first. A class without reservation is sure of a
 * thousandth of the link, so that none starves. Probes come first, and take at most half of
 * the link. The sum may pass the link by half a percent and what probes are sure of.
 */
export function shapingObjects(gateway: GatewayState, open: ReadonlySet<string>): HostObject[] {
  const pairs = reservedPairs(gateway);
  return gateway.tunnels
    .filter((tunnel) => tunnel.bandwidthMbps > 0)
    .flatMap((tunnel) => shapeTunnel(tunnel, pairs, open));
}

function shapeTunnel(
  tunnel: GatewayTunnel,
  pairs: readonly ReservedPair[],
  open: ReadonlySet<string>,
): HostObject[] {
  const link = tunnel.bandwidthMbps * 1000;
  const least = Math.max(8, link / 1000);
  const own = new Set<string>();
  const leaves: { readonly id: string; readonly qos: QosClass; readonly kbps: number }[] = [];
  for (const { class: qos, number, reservations } of pairs) {
    const held = reservations.filter((r) => r.tunnels.includes(tunnel.id) && open.has(r.id));
    if (held.length === 0) continue;
    const kbps = sum(held.map((r) => onTunnel(r, tunnel)));
    for (const { id } of held) own.add(id);
    leaves.push({ id: leafId(qos, number), qos, kbps });
  }
  const classes = qosClasses.map((qos) => {
    const held = tunnel.guarantees.filter((g) => g.class === qos && open.has(g.reservation));
    const passing = sum(
      held.filter((g) => !own.has(g.reservation)).map((g) => onTunnel({ ...g, id: g.reservation }, tunnel)),
    );
    return { id: leafId(qos), qos, kbps: Math.max(least, passing) };
  });
  const device = `dev ${tunnel.interfaceName}`;
  const bursts = `burst ${burst(link)} cburst ${burst(link)} quantum ${quantum}`;
  const rates = (kbps: number) => `rate ${rate(kbps)} ceil ${rate(link)}`;
  const classObject = (parent: string, id: string, value: string): HostObject => ({
    kind: 'class',
    key: `${device} parent ${parent} classid ${id}`,
    value,
    also: bursts,
  });
  const leaf = (id: string, kbps: number, leastBytes: number): HostObject => ({
    kind: 'leaf',
    key: `${device} parent ${id}`,
    value: `handle ${id.slice(2)}: bfifo limit ${Math.max(leastBytes, Math.round((kbps / 8) * queueMs))}`,
  });
  // A link that is reserved to the brim has no room for segments: all give alike.
  const total = sum([...classes, ...leaves].map(({ kbps }) => kbps));
  const most = link + qosClasses.length * least;
  const fits = total <= most ? 1 : most / total;
  const probes = probeRate(link);
  const queues = [...classes, ...leaves].map((queue) => ({ ...queue, kbps: queue.kbps * fits }));
  return [
    {
      kind: 'qdisc',
      key: `${device} root`,
      value: `handle 1: htb default ${leafId(defaultClass).slice(2)}`,
    },
    classObject('1:', '1:1', `htb ${rates(link)}`),
    classObject('1:1', probeLeaf, `htb prio 0 rate ${rate(probes)} ceil ${rate(link / 2)}`),
    ...queues.map(({ id, qos, kbps }) =>
      classObject('1:1', id, `htb prio ${1 + qosClasses.indexOf(qos)} ${rates(kbps)}`),
    ),
    leaf(probeLeaf, link / 2, 15_000),
    ...queues.map(({ id }) => leaf(id, link, 30_000)),
  ];
}

/**
 * What a reservation takes of a tunnel, kbit/s: its own packets and their segments, as for packets of full
 * size.
 */
function onTunnel(
  held: { readonly id: string; readonly bandwidthMbps: number },
  tunnel: GatewayTunnel,
): number {
  const mtu = tunnel.guarantees.find((g) => g.reservation === held.id)?.pathMtu ?? tunnel.mtu;
  return held.bandwidthMbps * 1000 * Math.max(1, tunnel.mtu / mtu);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

/** A rate that tc prints as it was given: whole kbit/s, from 1 Gbit/s on whole Mbit/s, rounded down. */
export function rate(kbps: number): string {
  const whole = Math.max(8, Math.floor(kbps + 1e-6));
  return whole < 1e6 ? `${whole}Kbit` : `${Math.floor(whole / 1000) * 1000}Kbit`;
}

/**
 * Bytes that may go at once: what the link carries in a millisecond, and 64 KiB, the most that segmentation
 * offload hands over as one. A host that is late by more loses what it had saved.
 */
function burst(kbps: number): number {
  return Math.round(kbps / 8) + 65536;
}

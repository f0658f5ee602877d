import { createHash } from 'node:crypto';
import type { QosClass } from '../../model';
import { qosClasses } from '../../model/qos';

/**
 * Numbers and names by which the agent knows what it made. Nothing else is ever changed or removed: routes,
 * rules and nexthops by protocol, interfaces by their alias, the nftables table by its name.
 */

/** Routing protocol number (rtnetlink(7), `rtm_protocol`); 177 has no owner in /etc/iproute2/rt_protos. */
export const protocol = 177;

/**
 * Protocol number of nexthop groups: RTPROT_KERNEL. systemd-networkd before 256 removes nexthops of others
 * that have no interface, groups above all, and no setting keeps it from that. It spares those of the
 * kernel, which never makes any itself. Ours among them are known by their ids (`isOurId`).
 */
export const groupProtocol = 2;

/**
 * Interface that holds loopback and probe addresses and the segments that end here: one end of a veth pair.
 * What is routed out of it comes in again by the other end.
 */
export const loopbackDevice = 'dwcp0';
export const returnDevice = 'dwcp1';

/** First word of the alias of every interface that the agent made. */
export const aliasWord = 'dwcp';

/** nftables table, of family inet. */
export const nftTable = 'dwcp';

/** Metric of every route that the agent prefers: below what routing daemons give theirs. */
export const routeMetric = 177;

/** Metric of the last resort: the greatest there is. */
export const lastMetric = 4294967295;

const mainTable = 254;
const localTable = 255;
export const tables = { main: mainTable, local: localTable } as const;

/** Routing table of a class: 17701 for the most important to 17705. */
export function classTable(qos: QosClass): number {
  return 17701 + qosClasses.indexOf(qos);
}

/** Table of packets that are too long for their paths. */
export const oversizeTable = 17706;

/** Tables of probes that go the way traffic goes: into the veth pair, and what comes back out of it. */
export const injectTable = 17707;
export const returnTable = 17708;

/** Table that pins the n-th tunnel among parallel ones, from 0. */
export function pinTable(n: number): number {
  return 17800 + n;
}

/** Priorities of rules (ip-rule(8)); all below main's 32766. */
export const rulePriority = {
  /** Probes that go the way traffic goes: those of this host, those that end here, and on their way to it. */
  traffic: { inject: 17701, deliver: 17702, accept: 17703 },
  /** Segments leave by the tunnel whose address the packet carries: before any mark is looked at. */
  pin: 17700,
  class: (qos: QosClass): number => 17711 + qosClasses.indexOf(qos),
  oversize: 17716,
  /** What has none of our bits. */
  unmarked: 17717,
} as const;

/** Reserved pairs of region and class that queues have names for. */
export const mostReservations = 0xfff;

/** The first and the last id of nexthops and groups. */
export const nexthopIds = [0x10000000, 0x1fffffff] as const;

/**
 * Id of a nexthop or group from what it is: 28 bits of SHA-256 under 0x10000000. The same thing has the same
 * id after a restart, and a path's nexthop never changes under its id, so a new plan is made beside the old.
 * Ids that are taken go to the next one up.
 */
export function nexthopId(content: string, taken: { has(id: number): boolean }): number {
  const hash = createHash('sha256').update(content).digest().readUInt32BE(0);
  for (let id = 0x10000000 | (hash & 0x0fffffff); ; id = 0x10000000 | ((id + 1) & 0x0fffffff)) {
    if (!taken.has(id)) return id;
  }
}

/** Is it an id that `nexthopId` may give? */
export function isOurId(id: number): boolean {
  return id >>> 28 === 1;
}

import { createHash } from 'node:crypto';
import { firstPort } from '../../addressing/first-port';
import { qosClasses, type QosClass } from '../../model/qos';

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

/**
 * Routing tables and the priorities of rules (ip-rule(8)) share one range of numbers, below main's 32766.
 *
 * | from | to | what |
 * | --- | --- | --- |
 * | 17990 | 17993 | what is asked before any mark |
 * | 18000 | 18127 | classes: 8 numbers each, for the ranks of their paths |
 * | 18128 | 18129 | what has no class |
 * | 18200 | 19199 | a table for each tunnel among parallel ones |
 */
const firstClass = 18000;
const numbersPerClass = 8;
/** So many classes have numbers. */
export const mostClasses = 16;
const firstPin = 18200;
/** So many tunnels of a gateway have a port and a table that pins them. */
export const mostTunnels = 1000;

/**
 * Number of a class, the most important first: its routing table and the priority of its rule.
 * @param rank which of the paths in a row it is for, 0 to 7
 */
export function classNumber(index: number, rank = 0): number {
  return firstClass + numbersPerClass * index + rank;
}

/** Routing table of a class. */
export function classTable(qos: QosClass): number {
  return classNumber(qosClasses.indexOf(qos));
}

/** Table of packets that are too long for their paths. */
export const oversizeTable = classNumber(mostClasses);

/** Tables of probes that go the way traffic goes: into the veth pair, and what comes back out of it. */
export const injectTable = 17991;
export const returnTable = 17992;

/**
 * Table that pins one tunnel among parallel ones.
 * @param listenPort its UDP port, which is the first that tunnels have (`firstPort`) or up to 999 more
 */
export function pinTable(listenPort: number): number {
  return firstPin + listenPort - firstPort;
}

/** The first and the last table, and the first and the last priority, of all that are ours. */
export const tableRange = [injectTable, firstPin + mostTunnels - 1] as const;
export const priorityRange = [17990, classNumber(mostClasses) + 1] as const;

/** Priorities of rules. */
export const rulePriority = {
  /** Segments leave by the tunnel whose address the packet carries: before any mark is looked at. */
  pin: priorityRange[0],
  /** Probes that go the way traffic goes: those of this host, those that end here, and on their way to it. */
  traffic: { inject: 17991, deliver: 17992, accept: 17993 },
  class: classTable,
  oversize: oversizeTable,
  /** What has none of our bits. */
  unmarked: priorityRange[1],
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

import type { GatewayRoute, GatewayState, PathProbe, PinnedPath } from '../../../gateway';
import { defaultClass, type QosClass } from '../../../model/qos';
import type { HostObject } from '../host-object';
import type { SelectedPaths } from '../host-settings';
import { mtuFor } from '../lower-mtus';
import {
  classTable,
  lastMetric,
  loopbackDevice,
  nexthopId,
  oversizeTable,
  rulePriority,
  tables,
} from '../numbers';
import { hex, packetMarks } from '../packet-marks';
import { routeKey } from './wanted-segments';

/** Choices by `choiceKey`. */
export type Choices = ReadonlyMap<string, SelectedPaths>;

/** A class of a destination. */
export function choiceKey(choice: Pick<SelectedPaths, 'to' | 'class'>): string {
  return `${choice.class} ${choice.to}`;
}

/** Greatest weight of a nexthop in a group that every kernel takes (linux/nexthop.h, nexthop_grp). */
const mostWeight = 256;

type Family = 4 | 6;
type SelectedPath = SelectedPaths['members'][number];
const families = [4, 6] as const;

/** Everything that leads packets onto paths, in the kernel's terms. */
export interface PathBook {
  /** The probes' routes, out and back, each with its nexthop. */
  readonly probes: readonly HostObject[];
  /** What leads a probe onto a path, whatever is chosen for traffic. */
  ofPath(path: PinnedPath, family: Family): HostObject;
  /** What a class of a destination is forwarded by; undefined where the choice is empty. */
  tryForwarding(route: GatewayRoute, choice: SelectedPaths, family: Family): Forwarding | undefined;
  /** The prefixes of a destination, pointing at the group of a class. */
  routes(route: GatewayRoute, qos: QosClass, family: Family): readonly HostObject[];
}

/**
 * Prefixes point at a group, and the group's members are nexthops of the class's own, the slots: one for each
 * path that the plan spreads the class over, with its weight. A choice gives each slot the words of one of
 * its paths, so that a switch exchanges nexthops in place: Linux does that at once, but waits for a grace
 * period of RCU under the lock of all of rtnetlink when it replaces a group (net/ipv4/nexthop.c,
 * replace_nexthop_single and replace_nexthop_grp), which on a busy machine costs ms for each. Only shares
 * that the slots cannot make (other weights, two left of three alike) take another group.
 *
 * Sockets of this host that have sent before would keep the nexthop that was replaced for such a period, some
 * 20 ms, but what they send is marked, and what gets a mark is routed anew (`route output` of nftables).
 */
export interface Forwarding {
  /** At least one for each path of the plan's spread, in its order. */
  readonly slots: readonly HostObject[];
  readonly group: HostObject;
}

const books = new WeakMap<GatewayState, PathBook>();

/** The paths of a gateway; worked out once for each state. */
export function pathBook(gateway: GatewayState): PathBook {
  const known = books.get(gateway);
  if (known) return known;
  const book = makeBook(gateway);
  books.set(gateway, book);
  return book;
}

function makeBook(gateway: GatewayState): PathBook {
  const ids = new Map<string, number>();
  const taken = new Set<number>();
  const idOf = (content: string): number => {
    let id = ids.get(content);
    if (id === undefined) {
      id = nexthopId(content, taken);
      ids.set(content, id);
      taken.add(id);
    }
    return id;
  };
  const paths = new Map(gateway.paths.map((path) => [path.id, path]));
  // A next hop for each route of its own: Linux caches the source address with the next hop (rt6_info by
  // CPU), so that routes which share one send from each other's.
  const probe = (to: PathProbe, peer: string, device: string): HostObject[] => {
    const words = via(peer, device, to.segments);
    const id = idOf(`${words} to ${to.destination}`);
    const key = routeKey(`${to.destination}/128`, tables.main);
    return [
      { kind: 'nexthop', key: `id ${id}`, value: words },
      { kind: 'route', key, value: `nhid ${id} src ${to.source}` },
    ];
  };
  const probes = [
    ...gateway.paths.flatMap((path) =>
      path.probe ? probe(path.probe, path.nextHopIpv6, path.interfaceName) : [],
    ),
    ...gateway.returns.flatMap((back) => probe(back.probe, back.nextHopIpv6, back.interfaceName)),
  ];
  // Before any choice is made: an id that two names hash to is the first one's.
  for (const route of gateway.routes) {
    for (const qos of route.classes) {
      for (const family of families) {
        idOf(groupName(route.to, qos, family));
        const most = Math.max(1, new Set(usable(gateway, route, qos)).size);
        for (let i = 0; i < most; i++) idOf(slotName(route.to, qos, family, i));
      }
    }
  }
  const mtu = (route: GatewayRoute, qos: QosClass) =>
    Math.min(...usable(gateway, route, qos).map((id) => paths.get(id)?.mtu ?? Infinity));
  // Likewise.
  for (const path of gateway.paths) for (const family of families) idOf(wayName(path.id, family));
  return {
    probes,
    ofPath: (path, family) => ({
      kind: 'nexthop',
      key: `id ${idOf(wayName(path.id, family))}`,
      value: wordsOf(path, family),
    }),
    tryForwarding(route, choice, family) {
      const words = new Map(
        choice.members.map(({ path }) => {
          const found = paths.get(path);
          if (!found) throw new RangeError(`'${gateway.gateway}' has no path '${path}'`);
          return [path, wordsOf(found, family)];
        }),
      );
      if (words.size === 0) return undefined;
      const members = wholeMembers(choice.members);
      const planned = wholeMembers(plannedChoice(route, choice.class).members);
      const assigned = tryAssign(planned, members);
      // Without the order in which they were chosen, which a host does not show.
      const shape = assigned ? planned : [...members].sort((a, b) => (a.path < b.path ? -1 : 1));
      const led = assigned ?? shape.map(({ path }) => path);
      const count = Math.max(planned.length, led.length);
      const ids = Array.from({ length: count }, (_, i) => idOf(slotName(route.to, choice.class, family, i)));
      return {
        slots: ids.map((id, i) => ({
          kind: 'nexthop',
          key: `id ${id}`,
          value: words.get(led[i] ?? led[0])!,
        })),
        group: {
          kind: 'group',
          key: `id ${idOf(groupName(route.to, choice.class, family))}`,
          value: groupWords(shape.map(({ weight }, i) => [ids[i], weight])),
        },
      };
    },
    routes(route, qos, family) {
      const table = classTable(qos);
      const group = idOf(groupName(route.to, qos, family));
      const value = `nhid ${group} mtu ${mtuFor(mtu(route, qos), family)}`;
      const prefixes = family === 4 ? route.ipv4Prefixes : route.ipv6Prefixes;
      return prefixes.map((prefix) => ({ kind: 'route', key: routeKey(prefix, table), value }));
    },
  };
}

function groupName(to: string, qos: QosClass, family: Family): string {
  return `group ${to} ${qos} ${family}`;
}

function wayName(path: string, family: Family): string {
  return `way ${path} ${family}`;
}

function slotName(to: string, qos: QosClass, family: Family, i: number): string {
  return `slot ${to} ${qos} ${family}${i === 0 ? '' : ` ${i}`}`;
}

/** With weights as the kernel takes them. */
function wholeMembers(members: readonly SelectedPath[]): readonly SelectedPath[] {
  const most = Math.max(...members.map(({ weight }) => weight));
  const whole = (weight: number) =>
    most <= mostWeight && Number.isInteger(weight)
      ? weight
      : Math.max(1, Math.round((mostWeight * weight) / most));
  return members.map(({ path, weight }) => ({ path, weight: whole(weight) }));
}

/**
 * A path of the choice for each slot of the plan's spread, so that each path has its share exactly; a path of
 * both keeps its slot. undefined: there is none, or the greedy search (greatest slot first, to the path that
 * lacks most) finds none. O(slots * paths).
 */
function tryAssign(
  planned: readonly SelectedPath[],
  members: readonly SelectedPath[],
): readonly string[] | undefined {
  const sum = (all: readonly SelectedPath[]) => all.reduce((total, { weight }) => total + weight, 0);
  const [whole, wanted] = [sum(planned), sum(members)];
  // In units in which all are whole.
  const lacks = new Map(members.map(({ path, weight }) => [path, weight * whole]));
  const led: string[] = [];
  const take = (slot: number, path: string): boolean => {
    const left = lacks.get(path)! - planned[slot].weight * wanted;
    if (left < 0) return false;
    lacks.set(path, left);
    led[slot] = path;
    return true;
  };
  const others = planned.flatMap(({ path }, i) => (lacks.has(path) && take(i, path) ? [] : [i]));
  others.sort((a, b) => planned[b].weight - planned[a].weight || a - b);
  for (const slot of others) {
    const [most] = [...lacks].reduce((a, b) => (b[1] > a[1] ? b : a));
    if (!take(slot, most)) return undefined;
  }
  return planned.length > 0 && [...lacks.values()].every((left) => left === 0) ? led : undefined;
}

/** Members as iproute2 takes and prints them, by id. */
export function groupWords(members: readonly (readonly [id: number, weight: number])[]): string {
  const sorted = [...members].sort(([a], [b]) => a - b);
  return `group ${sorted.map(([id, weight]) => (weight === 1 ? id : `${id},${weight}`)).join('/')}`;
}

function wordsOf(path: PinnedPath, family: Family): string {
  return family === 4
    ? via(path.nextHopIpv4, path.interfaceName, path.segmentsIpv4)
    : via(path.nextHopIpv6, path.interfaceName, path.segmentsIpv6);
}

function via(address: string, device: string, segments: readonly string[]): string {
  const plain = `via ${address} dev ${device}`;
  return segments.length === 0 ? plain : `${plain} encap seg6 mode encap.red segs ${segments.join(',')}`;
}

/** Paths that the class may be put on while this plan holds: their least MTU bounds its packets. */
function usable(gateway: GatewayState, route: GatewayRoute, qos: QosClass): string[] {
  const spread = route.spreads.find((s) => s.class === qos)?.members ?? [];
  const reserved = gateway.reservations.filter((r) => r.to === route.to && r.class === qos);
  return [
    ...(route.primary === null ? [] : [route.primary]),
    ...route.backups,
    ...route.equalCost,
    ...spread.map(({ path }) => path),
    ...reserved.flatMap(({ paths }) => paths),
  ];
}

/** What the plan itself chooses for a class: its spread, else the primary, else nothing. */
export function plannedChoice(route: GatewayRoute, qos: QosClass): SelectedPaths {
  const spread = route.spreads.find((s) => s.class === qos)?.members;
  const primary = route.primary === null ? [] : [{ path: route.primary, weight: 1 }];
  return { to: route.to, class: qos, members: spread ?? primary };
}

/**
 * Nexthops, groups, routes and the rules that choose a class's table. Where a class has no path its table
 * has no route, and main decides: a routing daemon's route there, else the last resort, `unreachable`. A
 * policy's denial stands in the class's own table, so that no daemon gets round it. Regions that the cloud
 * carries traffic to (no path, no refusal) get no last resort.
 */
export function pathObjects(gateway: GatewayState, choices: Choices): HostObject[] {
  const book = pathBook(gateway);
  const forwarding: Forwarding[] = [];
  const routes: HostObject[] = [...book.probes];
  const lastResort = new Map<string, HostObject>();
  const carried = new Set(
    gateway.routes.filter((r) => r.primary === null && r.refusal === null).map((r) => r.to),
  );
  for (const route of gateway.routes) {
    const prefixes = [...route.ipv4Prefixes, ...route.ipv6Prefixes];
    for (const qos of route.classes) {
      if (route.refusal?.code === 'denied') {
        routes.push(...prefixes.map((prefix) => unreachable(routeKey(prefix, classTable(qos)))));
        continue;
      }
      const choice = choices.get(choiceKey({ to: route.to, class: qos })) ?? plannedChoice(route, qos);
      for (const family of families) {
        const by = book.tryForwarding(route, choice, family);
        if (!by) continue;
        forwarding.push(by);
        routes.push(...book.routes(route, qos, family));
      }
    }
    if (carried.has(route.to)) continue;
    for (const prefix of prefixes) {
      const key = routeKey(prefix, tables.main, lastMetric);
      lastResort.set(key, unreachable(key));
    }
  }
  return [
    ...forwarding.flatMap(({ slots, group }) => [...slots, group]),
    ...routes,
    ...oversize(gateway),
    ...lastResort.values(),
    ...rules(gateway),
  ];
}

/**
 * Packets that are too long for a path of the destination are routed without encapsulation, to a device that
 * hands back what passes: so the kernel answers them with their MTU or fragments them. On a route with
 * segments it does neither (seg6_iptunnel.c, seg6_input: encapsulated before they are forwarded).
 */
function oversize(gateway: GatewayState): HostObject[] {
  return [...destinationMtus(gateway)].map(([prefix, mtu]): HostObject => {
    return { kind: 'route', key: routeKey(prefix, oversizeTable), value: `dev ${loopbackDevice} mtu ${mtu}` };
  });
}

/** The least MTU of the paths that any class may take, by destination prefix. */
export function destinationMtus(gateway: GatewayState): ReadonlyMap<string, number> {
  const mtus = new Map(gateway.paths.map((path) => [path.id, path.mtu]));
  const least = new Map<string, number>();
  for (const route of gateway.routes) {
    for (const qos of route.classes) {
      const mtu = Math.min(...usable(gateway, route, qos).map((id) => mtus.get(id) ?? Infinity));
      if (mtu === Infinity) continue;
      for (const prefix of [...route.ipv4Prefixes, ...route.ipv6Prefixes]) {
        const told = mtuFor(mtu, prefix.includes(':') ? 6 : 4);
        least.set(prefix, Math.min(least.get(prefix) ?? Infinity, told));
      }
    }
  }
  return least;
}

/**
 * Marks choose tables, by our bits alone: whatever others set beside them leads nowhere else. What has none
 * of ours (an ICMP error of the kernel, a packet whose mark was wiped) goes as best effort does.
 */
function rules(gateway: GatewayState): HostObject[] {
  const marks = packetMarks(gateway.edge.markBits);
  const marked = (priority: number, mark: number, table: number): HostObject[] => {
    // iproute2 prints 0 so, and any other value in hexadecimal.
    const key = `priority ${priority} fwmark ${hex(mark)}/${hex(marks.mask)} lookup ${table}`;
    return [
      { kind: 'rule4', key, value: '' },
      { kind: 'rule6', key, value: '' },
    ];
  };
  return [
    ...gateway.classes.flatMap(({ class: qos }) =>
      marked(rulePriority.class(qos), marks.of(qos), classTable(qos)),
    ),
    ...marked(rulePriority.oversize, marks.of('kept'), oversizeTable),
    ...marked(rulePriority.unmarked, marks.of('none'), classTable(defaultClass)),
  ];
}

function unreachable(key: string): HostObject {
  return { kind: 'route', key: `unreachable ${key}`, value: '' };
}

import type { GatewayRoute, GatewayState, PathProbe, PinnedPath } from '../../emit';
import type { QosClass } from '../../model';
import type { HostObject } from './host-object';
import {
  classMask,
  classTable,
  hex,
  lastMetric,
  loopbackDevice,
  markMask,
  markOf,
  nexthopId,
  oversizeMark,
  oversizeTable,
  rulePriority,
  tables,
} from './numbers';
import type { SelectedPaths } from './wanted-host';
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
const families = [4, 6] as const;

/** Everything that leads packets onto paths, in the kernel's terms. */
export interface PathBook {
  /** Every nexthop, whichever is in use: switching finds them there. */
  readonly nexthops: readonly HostObject[];
  /** The probes' routes, out and back. */
  readonly probes: readonly HostObject[];
  /** What a class of a destination is forwarded by; undefined where the choice is empty. */
  tryForwarding(route: GatewayRoute, choice: SelectedPaths, family: Family): Forwarding | undefined;
  /** The prefixes of a destination, pointing at the group of a class. */
  routes(route: GatewayRoute, qos: QosClass, family: Family): readonly HostObject[];
}

/**
 * Prefixes point at a group. With one path its only member is a nexthop of the class's own, the slot, which
 * takes the words of whichever path is chosen: Linux replaces a nexthop at once, but waits for a grace period
 * of RCU under the lock of all of rtnetlink when it replaces a group (net/ipv4/nexthop.c,
 * replace_nexthop_single and replace_nexthop_grp), which on a busy machine costs ms for each. With several
 * paths their own nexthops are the members, and the slot is like the first.
 *
 * Sockets of this host that have sent before would keep the nexthop that was replaced for such a period, some
 * 20 ms, but what they send is marked, and what gets a mark is routed anew (`route output` of nftables).
 */
export interface Forwarding {
  readonly slot: HostObject;
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
  const nexthops = new Map<number, HostObject>();
  const nexthop = (value: string, whose = ''): number => {
    const id = idOf(value + whose);
    nexthops.set(id, { kind: 'nexthop', key: `id ${id}`, value });
    return id;
  };
  const paths = new Map(
    gateway.paths.map((path) => [
      path.id,
      { path, ids: { 4: nexthop(wordsOf(path, 4)), 6: nexthop(wordsOf(path, 6)) } as const },
    ]),
  );
  // A next hop for each route of its own: Linux caches the source address with the next hop (rt6_info by
  // CPU), so that routes which share one send from each other's.
  const probe = (to: PathProbe, peer: string, device: string): HostObject => ({
    kind: 'route',
    key: routeKey(`${to.destination}/128`, tables.main),
    value: `nhid ${nexthop(via(peer, device, to.segments), ` to ${to.destination}`)} src ${to.source}`,
  });
  const probes = [
    ...gateway.paths.flatMap((path) =>
      path.probe ? [probe(path.probe, path.nextHopIpv6, path.interfaceName)] : [],
    ),
    ...gateway.returns.map((back) => probe(back.probe, back.nextHopIpv6, back.interfaceName)),
  ];
  for (const { to, classes } of gateway.routes) {
    for (const qos of classes) {
      for (const family of families) {
        idOf(groupName(to, qos, family));
        idOf(slotName(to, qos, family));
      }
    }
  }
  const mtu = (route: GatewayRoute, qos: QosClass) =>
    Math.min(...usable(gateway, route, qos).map((id) => paths.get(id)?.path.mtu ?? Infinity));
  return {
    nexthops: [...nexthops.values()],
    probes,
    tryForwarding(route, choice, family) {
      const weights = new Map<number, number>();
      for (const { path, weight } of choice.members) {
        const id = paths.get(path)?.ids[family];
        if (id === undefined) throw new RangeError(`'${gateway.gateway}' has no path '${path}'`);
        weights.set(id, (weights.get(id) ?? 0) + weight);
      }
      if (weights.size === 0) return undefined;
      const own = idOf(slotName(route.to, choice.class, family));
      const first = wordsOf(paths.get(choice.members[0].path)!.path, family);
      const slot: HostObject = { kind: 'nexthop', key: `id ${own}`, value: first };
      const most = Math.max(...weights.values());
      const whole = (weight: number) =>
        most <= mostWeight && Number.isInteger(weight)
          ? weight
          : Math.max(1, Math.round((mostWeight * weight) / most));
      const several = [...weights].map(([id, weight]) => [id, whole(weight)] as const);
      const id = idOf(groupName(route.to, choice.class, family));
      const value = groupWords(several.length === 1 ? [[own, 1]] : several);
      return { slot, group: { kind: 'group', key: `id ${id}`, value } };
    },
    routes(route, qos, family) {
      const table = classTable(qos);
      const group = idOf(groupName(route.to, qos, family));
      const value = `nhid ${group} mtu ${mtu(route, qos)}`;
      const prefixes = family === 4 ? route.ipv4Prefixes : route.ipv6Prefixes;
      return prefixes.map((prefix) => ({ kind: 'route', key: routeKey(prefix, table), value }));
    },
  };
}

function groupName(to: string, qos: QosClass, family: Family): string {
  return `group ${to} ${qos} ${family}`;
}

function slotName(to: string, qos: QosClass, family: Family): string {
  return `slot ${to} ${qos} ${family}`;
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
    ...book.nexthops,
    ...forwarding.flatMap(({ slot, group }) => [slot, group]),
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
        least.set(prefix, Math.min(least.get(prefix) ?? Infinity, mtu));
      }
    }
  }
  return least;
}

/** Marks choose tables. What the kernel says for itself (an ICMP error, an echo) has no mark: best effort. */
function rules(gateway: GatewayState): HostObject[] {
  const both = (key: string): HostObject[] => [
    { kind: 'rule4', key, value: '' },
    { kind: 'rule6', key, value: '' },
  ];
  const marked = (priority: number, mark: number, mask: number, table: number) =>
    both(`priority ${priority} fwmark ${hex(mark)}/${hex(mask)} lookup ${table}`);
  return [
    ...gateway.classes.flatMap(({ class: qos }) =>
      marked(rulePriority.class(qos), markOf(qos), classMask, classTable(qos)),
    ),
    ...marked(rulePriority.oversize, oversizeMark, classMask, oversizeTable),
    ...marked(rulePriority.unmarked, 0, markMask, classTable('best-effort')),
  ];
}

function unreachable(key: string): HostObject {
  return { kind: 'route', key: `unreachable ${key}`, value: '' };
}

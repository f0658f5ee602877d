import type { GatewayRoute, GatewayState } from '../../emit';
import type { QosClass } from '../../model';
import type { HostObject, Kind } from './host-object';
import type { SelectedPaths } from './wanted-host';
import { pathBook, plannedChoice } from './wanted-paths';

/**
 * What a host forwards over now, as far as it is of this plan: the groups that are there, read back into
 * paths. A class whose group is missing or holds a nexthop of another plan is left out.
 */
export function adoptedSelections(gateway: GatewayState, observed: readonly HostObject[]): SelectedPaths[] {
  const values = (kind: Kind) =>
    new Map(observed.filter((o) => o.kind === kind).map((o) => [o.key, o.value]));
  const there = { groups: values('group'), nexthops: values('nexthop') };
  return gateway.routes.flatMap((route) =>
    route.classes.flatMap((qos) => adopted(gateway, route, qos, there) ?? []),
  );
}

/** What is there, by key. */
interface There {
  readonly groups: ReadonlyMap<string, string>;
  readonly nexthops: ReadonlyMap<string, string>;
}

function adopted(
  gateway: GatewayState,
  route: GatewayRoute,
  qos: QosClass,
  { groups, nexthops }: There,
): SelectedPaths | undefined {
  const book = pathBook(gateway);
  const spread = plannedChoice(route, qos).members.map((member) => member.path);
  const reserved = gateway.reservations.filter((r) => r.to === route.to && r.class === qos);
  const candidates = new Set([...spread, ...route.backups, ...reserved.flatMap((r) => r.paths)]);
  if (route.primary !== null) candidates.add(route.primary);
  let group: string | undefined;
  const byWords = new Map<string, string>();
  for (const path of candidates) {
    const alone = { to: route.to, class: qos, members: [{ path, weight: 1 }] };
    const by = book.tryForwarding(route, alone, 4)!;
    group ??= groups.get(by.group.key);
    byWords.set(by.slot.value, path);
  }
  if (group === undefined) return undefined;
  const members: { path: string; weight: number }[] = [];
  for (const word of group.replace('group ', '').split('/')) {
    const [id, weight = '1'] = word.split(',');
    const path = byWords.get(nexthops.get(`id ${id}`) ?? '');
    if (path === undefined) return undefined;
    members.push({ path, weight: Number(weight) });
  }
  return { to: route.to, class: qos, members };
}

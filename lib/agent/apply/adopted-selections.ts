import type { GatewayRoute, GatewayState } from '../../emit';
import type { QosClass } from '../../model';
import type { HostObject } from './host-object';
import type { SelectedPaths } from './wanted-host';
import { pathBook, plannedChoice } from './wanted-paths';

/**
 * What a host forwards over now, as far as it is of this plan: the groups that are there, read back into
 * paths. A class whose group is missing or holds a nexthop of another plan is left out.
 */
export function adoptedSelections(gateway: GatewayState, observed: readonly HostObject[]): SelectedPaths[] {
  const groups = new Map(observed.filter((o) => o.kind === 'group').map((o) => [o.key, o.value]));
  return gateway.routes.flatMap((route) =>
    route.classes.flatMap((qos) => adopted(gateway, route, qos, groups) ?? []),
  );
}

function adopted(
  gateway: GatewayState,
  route: GatewayRoute,
  qos: QosClass,
  groups: ReadonlyMap<string, string>,
): SelectedPaths | undefined {
  const book = pathBook(gateway);
  const spread = plannedChoice(route, qos).members.map((member) => member.path);
  const reserved = gateway.reservations.filter((r) => r.to === route.to && r.class === qos);
  const candidates = new Set([...spread, ...route.backups, ...reserved.flatMap((r) => r.paths)]);
  if (route.primary !== null) candidates.add(route.primary);
  let there: string | undefined;
  const byNexthop = new Map<string, string>();
  for (const path of candidates) {
    const alone = { to: route.to, class: qos, members: [{ path, weight: 1 }] };
    const group = book.tryGroup(route, alone, 4)!;
    there ??= groups.get(group.key);
    byNexthop.set(group.value.replace('group ', ''), path);
  }
  if (there === undefined) return undefined;
  const members: { path: string; weight: number }[] = [];
  for (const word of there.replace('group ', '').split('/')) {
    const [id, weight = '1'] = word.split(',');
    const path = byNexthop.get(id);
    if (path === undefined) return undefined;
    members.push({ path, weight: Number(weight) });
  }
  return { to: route.to, class: qos, members };
}

import type { GatewayRoute, GatewayState } from '../../gateway';
import type { QosClass } from '../../model';
import type { HostObject, Kind } from './host-object';
import type { SelectedPaths } from './host-settings';
import { pathBook, plannedChoice, type Forwarding } from './wanted/wanted-paths';

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
  const planned = plannedChoice(route, qos).members;
  const reserved = gateway.reservations.filter((r) => r.to === route.to && r.class === qos);
  const candidates = new Set([...planned.map((member) => member.path), ...route.backups]);
  for (const path of reserved.flatMap((r) => r.paths)) candidates.add(path);
  if (route.primary !== null) candidates.add(route.primary);
  const chosen = (members: SelectedPaths['members']): SelectedPaths => ({
    to: route.to,
    class: qos,
    members,
  });
  const by = (choice: SelectedPaths) => book.tryForwarding(route, choice, 4)!;
  let group: string | undefined;
  const byWords = new Map<string, string>();
  for (const path of candidates) {
    const alone = by(chosen([{ path, weight: 1 }]));
    group ??= groups.get(alone.group.key);
    byWords.set(alone.slots[0].value, path);
  }
  if (group === undefined) return undefined;
  const weights = new Map<string, number>();
  // A third word says that an earlier agent made it (`groupProtocol`).
  for (const word of group.split(' ')[1].split('/')) {
    const [id, weight = '1'] = word.split(',');
    const path = byWords.get(nexthops.get(`id ${id}`) ?? '');
    if (path === undefined) return undefined;
    weights.set(path, (weights.get(path) ?? 0) + Number(weight));
  }
  const paths = [...weights.keys()];
  if (paths.length === 1) return chosen([{ path: paths[0], weight: 1 }]);
  // What is left of the plan's spread has the plan's weights, though it fills more than its own slots.
  const left = chosen(planned.filter(({ path }) => weights.has(path)));
  const there = chosen(
    [...weights]
      .map(([path, weight]) => ({ path, weight }))
      .sort((a, b) => b.weight - a.weight || (a.path < b.path ? -1 : 1)),
  );
  return left.members.length === paths.length && sameForwarding(by(left), by(there)) ? left : there;
}

function sameForwarding(a: Forwarding, b: Forwarding): boolean {
  const words = ({ slots, group }: Forwarding) => [...slots, group].map(({ value }) => value).join('\n');
  return words(a) === words(b);
}

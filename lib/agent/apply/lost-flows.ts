import type { HostObject } from './host-object';
import { identity } from './host-object';
import { classTable, loopbackDevice } from './numbers';
import type { WantedHost } from './wanted/wanted-host';
import { choiceKey, pathBook, plannedChoice } from './wanted/wanted-paths';

/** Settings without which nothing is forwarded, of one family or of both. */
const forwardingSettings: ReadonlySet<string> = new Set([
  'net/ipv4/ip_forward',
  'net/ipv6/conf/all/forwarding',
  'net/ipv6/conf/all/seg6_enabled',
]);

/**
 * Destinations and classes, `<to> <class>`, that the kernel does not forward as it was decided while these
 * wanted things are not as they should be.
 */
export function lostFlows(
  { gateway, settings }: WantedHost,
  missing: readonly HostObject[],
): ReadonlySet<string> {
  const lost = new Set<string>();
  if (missing.length === 0) return lost;
  const names = new Set(missing.map(identity));
  const all = missing.some(
    ({ kind, key }) => (kind === 'sysctl' && forwardingSettings.has(key)) || key === loopbackDevice,
  );
  const rules = missing.filter(({ kind }) => kind === 'rule4' || kind === 'rule6');
  const choices = new Map(settings.selections.map((choice) => [choiceKey(choice), choice]));
  const book = pathBook(gateway);
  for (const route of gateway.routes) {
    for (const qos of route.classes) {
      const choice = choices.get(choiceKey({ to: route.to, class: qos })) ?? plannedChoice(route, qos);
      const by = ([4, 6] as const).flatMap((family) => {
        const forwarding = book.tryForwarding(route, choice, family);
        if (!forwarding) return [];
        return [...forwarding.slots, forwarding.group, ...book.routes(route, qos, family)];
      });
      if (by.length === 0) continue;
      const unled = rules.some(({ key }) => key.endsWith(` lookup ${classTable(qos)}`));
      if (all || unled || by.some((object) => names.has(identity(object)))) lost.add(`${route.to} ${qos}`);
    }
  }
  return lost;
}

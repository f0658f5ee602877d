import type { GatewayRoute, GatewayState } from '../../gateway';
import type { CommandFailure, Host, HostCommand } from './host';
import type { HostObject } from './host-object';
import { choiceKey, pathBook, plannedChoice, type Forwarding } from './wanted/wanted-paths';
import type { SelectedPaths } from './host-settings';
import { wantedHost, type WantedHost } from './wanted/wanted-host';

/** The state after a switch, and what failed; after a failure `apply` brings the host there. */
export interface SwitchReport {
  readonly wanted: WantedHost;
  readonly failures: readonly CommandFailure[];
}

/**
 * Moves classes to other paths on a host that is as `before` says: a few lines to a running process for each
 * class and family that changes (see `Forwarding`), whatever the number of prefixes. A class that loses its
 * last path loses its routes instead, group last; one that gets a path again gets the group first.
 *
 * It does not wait for an application that is under way; whoever started both applies once more after it.
 *
 * @param changed choices that are new; the others stay as they are.
 * @param anew the host may not be as `before` says: what the choices need is made whether it is there or not.
 * @throws RangeError for a destination, class or path that the gateway does not have.
 */
export async function switchSelections(
  host: Host,
  before: WantedHost,
  changed: readonly SelectedPaths[],
  anew = false,
): Promise<SwitchReport> {
  const { gateway, settings } = before;
  const choices = new Map(settings.selections.map((choice) => [choiceKey(choice), choice]));
  const steps: Steps = { slots: [], make: [], unmake: [] };
  const book = pathBook(gateway);
  for (const choice of changed) {
    const key = choiceKey(choice);
    const route = routeOf(gateway, choice);
    const was = choices.get(key) ?? plannedChoice(route, choice.class);
    for (const family of [4, 6] as const) {
      const [from, to] = [was, choice].map((c) => book.tryForwarding(route, c, family));
      step(from, to, () => book.routes(route, choice.class, family), steps, anew);
    }
    choices.set(key, choice);
  }
  const wanted = wantedHost(gateway, { ...settings, selections: [...choices.values()] });
  const commands = [...steps.slots, ...steps.make, ...steps.unmake];
  return { wanted, failures: commands.length === 0 ? [] : await host.run(commands, true) };
}

/** In the order in which they are run: what moves traffic in place comes first. */
interface Steps {
  readonly slots: HostCommand[];
  readonly make: HostCommand[];
  readonly unmake: HostCommand[];
}

function routeOf(gateway: GatewayState, choice: SelectedPaths): GatewayRoute {
  const route = gateway.routes.find((r) => r.to === choice.to && r.classes.includes(choice.class));
  if (!route) throw new RangeError(`'${gateway.gateway}' has no route '${choiceKey(choice)}'`);
  return route;
}

function step(
  from: Forwarding | undefined,
  to: Forwarding | undefined,
  routes: () => readonly HostObject[],
  { slots, make, unmake }: Steps,
  anew: boolean,
): void {
  const add = (object: HostObject): HostCommand => ({ verb: 'add', object });
  const remove = (object: HostObject): HostCommand => ({ verb: 'delete', object });
  // Replacing makes what is not there.
  const put = (object: HostObject): HostCommand => ({ verb: 'change', object, was: object });
  if (to && anew) {
    make.push(...to.slots.map(put), put(to.group), ...routes().map(put));
  } else if (from && to) {
    to.slots.forEach((object, i) => {
      const was = from.slots.at(i);
      if (!was) make.push(add(object));
      else if (was.value !== object.value) slots.push({ verb: 'change', object, was });
    });
    if (from.group.value !== to.group.value) make.push({ verb: 'change', object: to.group, was: from.group });
    unmake.push(...from.slots.slice(to.slots.length).map(remove));
  } else if (to) {
    make.push(...to.slots.map(add), add(to.group), ...routes().map(add));
  } else if (from) {
    unmake.push(...routes().map(remove), remove(from.group), ...from.slots.map(remove));
  }
}

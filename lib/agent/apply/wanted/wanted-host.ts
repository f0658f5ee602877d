import type { GatewayState } from '../../../gateway';
import type { HostObject } from '../host-object';
import { farKeys } from '../far-keys';
import type { HostSettings } from '../host-settings';
import { lowerMtus } from '../lower-mtus';
import { choiceKey, pathObjects } from './wanted-paths';
import { markingObject } from './wanted-marking';
import { segmentObjects } from './wanted-segments';
import { shapingObjects } from './wanted-shaping';
import { trafficObjects } from './wanted-traffic';
import { tunnelObjects } from './wanted-tunnels';

/** The state that a gateway's host is to be in. */
export interface WantedHost {
  readonly gateway: GatewayState;
  readonly settings: HostSettings;
  /** In the order in which they are made. Worked out when first asked for. */
  readonly objects: readonly HostObject[];
}

/**
 * What the host of a gateway is to hold. Pure: equal arguments give equal objects.
 *
 * @throws RangeError if a selection names a path that the gateway does not have (when `objects` is read).
 */
export function wantedHost(planned: GatewayState, settings: HostSettings): WantedHost {
  const gateway = lowerMtus(planned, settings.pathMtus);
  let objects: readonly HostObject[] | undefined;
  return {
    gateway,
    settings,
    get objects() {
      return (objects ??= objectsOf(gateway, settings));
    },
  };
}

function twoKeys(gateway: GatewayState, { keys, earlier }: HostSettings): ReadonlySet<string> {
  const two = gateway.tunnels.filter((tunnel) => farKeys(gateway, tunnel, keys, earlier).length > 1);
  return new Set(two.map(({ id }) => id));
}

function objectsOf(gateway: GatewayState, settings: HostSettings): HostObject[] {
  const choices = new Map(settings.selections.map((choice) => [choiceKey(choice), choice]));
  const { before, behind } = standingOf(gateway, settings);
  return [...before, ...pathObjects(gateway, choices), ...behind];
}

/** What no switch changes. */
interface Standing {
  readonly settings: HostSettings;
  readonly before: readonly HostObject[];
  readonly behind: readonly HostObject[];
}

const standing = new WeakMap<GatewayState, Standing>();

/** The last is kept: a switch leaves all settings but the selections, and probes wait meanwhile. */
function standingOf(gateway: GatewayState, settings: HostSettings): Standing {
  const last = standing.get(gateway);
  if (last && sameBut(last.settings, settings)) return last;
  const open = new Set(settings.openReservations);
  const now: Standing = {
    settings,
    before: [
      ...tunnelObjects(gateway, settings),
      ...shapingObjects(gateway, open),
      ...segmentObjects(gateway),
    ],
    behind: [
      ...trafficObjects(gateway),
      markingObject(gateway, open, twoKeys(gateway, settings), settings.earlierArrivals ?? []),
    ],
  };
  standing.set(gateway, now);
  return now;
}

/** The same but for the selections. */
function sameBut(a: HostSettings, b: HostSettings): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof HostSettings>;
  names.delete('selections');
  return [...names].every((name) => a[name] === b[name]);
}

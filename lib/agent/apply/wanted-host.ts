import type { GatewayState } from '../../emit';
import type { QosClass } from '../../model';
import type { GatewayKeys } from '../../net/keys';
import type { HostObject } from './host-object';

/** Where the traffic of a class to a region goes now. */
export interface SelectedPaths {
  readonly to: string;
  readonly class: QosClass;
  /** Empty: no planned path lives. Weights of 1 or more count against each other. */
  readonly members: readonly { readonly path: string; readonly weight: number }[];
}

/** What is not in the plan: it comes from the deployment and from what the agent decided. */
export interface HostSettings {
  /** Public addresses by gateway id (`endpoints.json`). */
  readonly endpoints: ReadonlyMap<string, string>;
  /** null: tunnels stand without keys. */
  readonly keys: GatewayKeys | null;
  /** Classes that are not named follow the plan: its spread, else its primary. */
  readonly selections: readonly SelectedPaths[];
  /** Ids of the reservations whose window is open. */
  readonly openReservations: readonly string[];
}

/** The state that a gateway's host is to be in. */
export interface WantedHost {
  readonly gateway: GatewayState;
  readonly settings: HostSettings;
  readonly objects: readonly HostObject[];
}

/** What the host of a gateway is to hold. Pure: equal arguments give equal objects. */
export function wantedHost(gateway: GatewayState, settings: HostSettings): WantedHost {
  return { gateway, settings, objects: [] };
}

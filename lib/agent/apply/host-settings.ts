import type { QosClass } from '../../model';
import type { GatewayKeys } from '../../net/keys';
import type { Arrival } from './arrivals';
import type { EarlierKeys } from './far-keys';

/** Where the traffic of a class to a region goes now. */
export interface SelectedPaths {
  readonly to: string;
  readonly class: QosClass;
  /** Empty: no planned path lives. Weights above 0 count against each other. */
  readonly members: readonly { readonly path: string; readonly weight: number }[];
}

/** Settings that no plan holds: the deployment gives them, or the agent decided them. */
export interface HostSettings {
  /** Public addresses by gateway identity (`endpoints.json`). */
  readonly endpoints: ReadonlyMap<string, string>;
  /** Where a tunnel's peer is taken to be, `192.0.2.1:51820`, by tunnel id; others: `announcedEndpoint`. */
  readonly tunnelEndpoints?: ReadonlyMap<string, string | null>;
  /** null: no keys at hand; tunnels keep those they have. */
  readonly keys: GatewayKeys | null;
  /** Keys of before, while a rotation ends. Absent: none. */
  readonly earlier?: EarlierKeys;
  /** Classes that are not named follow the plan: its spread, else its primary. */
  readonly selections: readonly SelectedPaths[];
  /** Largest packets that arrive, bytes, by path, where that is less than planned. Absent: nowhere. */
  readonly pathMtus?: ReadonlyMap<string, number>;
  /** Arrivals that earlier plans let in, and that stay let in for a while. Absent: none. */
  readonly earlierArrivals?: readonly Arrival[];
  /** Ids of the reservations whose window is open. */
  readonly openReservations: readonly string[];
}

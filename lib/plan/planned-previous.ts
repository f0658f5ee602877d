import type { QosClass } from '../model';

/**
 * What became of the plan before, where there was one. Moved are things that stand in both plans: what a
 * region, gateway or end of a tunnel has got, a pair of regions, a demand, an admitted reservation. What is
 * new or gone has not moved.
 */
export interface PlannedPrevious {
  /** Of the plan before. */
  readonly digest: string;
  /** How much worse than planned from scratch what is kept may be, 0 to 1. */
  readonly toleranceRatio: number;
  /** Carried Mbps that run over other paths than before, all demands together. */
  readonly movedMbps: number;
  readonly moved: {
    /** By id, then field. */
    readonly allocations: readonly MovedAllocation[];
    /** By from, to, first class. */
    readonly routes: readonly MovedRoute[];
    /** By id. */
    readonly demands: readonly MovedDemand[];
    /** By id. */
    readonly reservations: readonly MovedReservation[];
  };
  /** What stands although planning from scratch would choose otherwise; of reservations all that stand. */
  readonly kept: {
    /** By from, to, first class. */
    readonly routes: readonly KeptRoute[];
    /** Most important first. */
    readonly classes: readonly KeptClass[];
    /** Ids of reservations that were admitted before and keep their path. */
    readonly reservations: readonly string[];
  };
  /** The paths of the plan before that are named above, by id. */
  readonly paths: readonly PreviousPath[];
}

/** What a plan gives to regions, gateways and the ends of tunnels: places, addresses, keys. */
export const allocatedFields = [
  'place',
  'endpoint',
  'ipv4Block',
  'ipv6Block',
  'ipv4',
  'ipv6',
  'locator',
  'segmentDx4',
  'segmentDx6',
  'publicKey',
  'interfaceName',
  'listenPort',
  'segment',
] as const;

export type AllocatedField = (typeof allocatedFields)[number];

/** An address, port, name, segment, place or key that is another than before. */
export interface MovedAllocation {
  /** `region dublin`, `gateway dublin/1`, `tunnel-dublin-tokyo at dublin/1`. */
  readonly id: string;
  /** What it is now stands there, in the plan. */
  readonly field: AllocatedField;
  /** As text. */
  readonly before: string;
}

/** A path as it was. */
export interface PreviousPath {
  readonly id: string;
  readonly regions: readonly string[];
  readonly links: readonly string[];
}

/**
 * Why a primary moved: `gone`, a link on it is, or drained; `policy`, what rules the pair does not permit it;
 * `better`, the new one is by more than the tolerance; `disjoint`, it has no disjoint backup; `objective`, it
 * is too slow for one; `joined`, its classes share a route with others now, whose path stands; `needed`,
 * with all of the plan before kept a demand would not fit or an objective be broken; `unproven`, the search
 * gave up and there is none now; `routed`, there was none before.
 */
export type RouteMove =
  'gone' | 'policy' | 'better' | 'disjoint' | 'objective' | 'joined' | 'needed' | 'unproven' | 'routed';

/** A primary that is another than before, or is there no more, or was not there. */
export interface MovedRoute {
  readonly from: string;
  readonly to: string;
  /** In rank order; all of one route now, and of one path before. */
  readonly classes: readonly QosClass[];
  /** Path id, see `paths`; null: there was none. */
  readonly before: string | null;
  /** Path id; null: there is none. */
  readonly after: string | null;
  /** The metric that the path before would have now; null where it is gone or not permitted. */
  readonly beforeMetric: number | null;
  readonly why: RouteMove;
}

/**
 * Why a demand's split moved: `gone`, `policy` and `needed` as for routes; `asked`, it leads elsewhere or is
 * of another class; `spread`, its class is split in another way or more finely; `full`, nothing is left for
 * it on a link; `better`, of `single`, `ecmp` and `wecmp`, its paths are worse than the best by more than the
 * tolerance; `room`, with it back on its paths the class would not fit, or be fuller than the tolerance
 * allows.
 */
export type DemandMove = 'gone' | 'policy' | 'asked' | 'spread' | 'full' | 'better' | 'room' | 'needed';

/** A demand that is split otherwise than before. One without a path before has not moved. */
export interface MovedDemand {
  readonly id: string;
  /** Of what it carries now, what runs over other paths or in greater parts than before; to 1e-6. */
  readonly movedMbps: number;
  /** Path ids, see `paths`. */
  readonly before: readonly { readonly path: string; readonly weight: number }[];
  readonly why: DemandMove;
}

/**
 * Why a reservation moved: `gone` and `policy` as for routes; `asked`, it leads elsewhere; `full`, those
 * that hold with a stronger or equal priority leave no room on its path; `displaced`, a stronger one took its
 * place.
 */
export type ReservationMove = 'gone' | 'policy' | 'asked' | 'full' | 'displaced';

/**
 * A reservation that was admitted and is on another path, or refused; or one that was displaced and has the
 * same path again, since a later displacement freed more than it took.
 */
export interface MovedReservation {
  readonly id: string;
  /** Path id, see `paths`. */
  readonly before: string;
  /** Path id; null: refused. */
  readonly after: string | null;
  readonly why: ReservationMove;
  /** Who displaced it; null unless someone did. */
  readonly by: string | null;
}

/** A route with paths that stand in the place of better ones. */
export interface KeptRoute {
  readonly from: string;
  readonly to: string;
  /** All of the route. */
  readonly classes: readonly QosClass[];
  /**
   * Of the best path, or under disjointness of the cheapest pair both together; null: the primary is the
   * best.
   */
  readonly bestMetric: number | null;
  /** Path ids of backups, in their order. */
  readonly backups: readonly string[];
  /** Do equal-cost paths stand in the place of better ones? */
  readonly equalCost: boolean;
}

/** A class whose split is not the one that planning it anew gives. */
export interface KeptClass {
  readonly class: QosClass;
  /**
   * What its greatest utilisation is held against: of `te` the optimum, of `ecmp` and `wecmp` what they
   * would have anew; null for `single`.
   */
  readonly againstRatio: number | null;
  /** Ids of demands whose split stands in the place of another. */
  readonly demands: readonly string[];
}

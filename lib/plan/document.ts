import type {
  BalancedWeights,
  Constraints,
  Demand,
  Link,
  Objective,
  Policy,
  QosClass,
  Region,
  Reservation,
  StrategyName,
} from '../model';
import type { Tunnel } from '../tunnels';
import type { GatewayAddresses, RegionBlocks } from '../addressing';

/**
 * Version of the document's format; a reader refuses every other.
 *
 * 1, 2026-11-23: the first.
 */
export const formatVersion = 1;

/**
 * The one plan document: everything that emitters, the agent and reviewers need, as plain data. Lists are
 * sorted by id; routes by from, to and first class. Written canonically (see `encode`); `digest` covers all
 * other fields.
 */
export interface PlanDocument {
  readonly formatVersion: typeof formatVersion;
  /** `sha256:` and 64 hex digits over the canonical bytes of the document without this field. */
  readonly digest: string;
  readonly network: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly pools: {
    readonly regions: string;
    readonly links: string;
    readonly gateways: string;
    readonly ipv6: string;
  };
  readonly regions: readonly PlannedRegion[];
  readonly gateways: readonly PlannedGateway[];
  readonly links: readonly Link[];
  readonly tunnels: readonly Tunnel[];
  readonly policies: readonly Policy[];
  readonly paths: readonly PlannedPath[];
  readonly routes: readonly PlannedRoute[];
  readonly demands: readonly Demand[];
  readonly reservations: readonly Reservation[];
  readonly objectives: readonly PlannedObjective[];
  readonly cost: CostTable;
  /** Warnings that were found while planning, sorted. */
  readonly warnings: readonly PlanWarning[];
}

/** A region with the blocks it got. */
export interface PlannedRegion extends Omit<Region, 'block'>, RegionBlocks {}

/** A gateway: `<region>/<number>`, numbers from 1. */
export interface PlannedGateway extends GatewayAddresses {
  readonly id: string;
  readonly region: string;
  /** 1 or 2: also its availability zone, the first or second of the region by name. */
  readonly number: number;
  /** WireGuard public key, base64; null while the network has no key file. */
  readonly publicKey: string | null;
}

/**
 * A pinned path. Its id is its regions joined by `>`; a link that is not `link-<a>-<b>` stands behind in
 * brackets.
 */
export interface PlannedPath {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Regions from source to destination. */
  readonly regions: readonly string[];
  /** Link ids in order; hops = their number. */
  readonly links: readonly string[];
  /** One way, ms. */
  readonly latencyMs: number;
  /** Sum over the links; null if one is unknown. */
  readonly costPerGbUsd: number | null;
  /** Links whose price is unknown. */
  readonly unknownCostLinks: readonly string[];
  /** Least available bandwidth on the way. */
  readonly bandwidthMbps: number;
  /** Bytes of an inner packet: least tunnel MTU less the segment routing overhead. */
  readonly mtu: number;
  /** Shared-risk groups it runs through, sorted. */
  readonly srlgs: readonly string[];
}

/** How a pair is served in some classes that share one policy outcome. */
export interface PlannedRoute {
  readonly from: string;
  readonly to: string;
  /** In rank order. */
  readonly classes: readonly QosClass[];
  /** Policy id; null: the class's default. */
  readonly policy: string | null;
  readonly strategy: StrategyName;
  /** Value of the strategy's metric: ms, USD/GB, Mbps or the balanced figure; null without a path. */
  readonly metric: number | null;
  /** Path id; null when there is no route. */
  readonly primary: string | null;
  readonly backups: readonly PlannedBackup[];
  /** Path ids within the tolerance, best first, the primary among them. */
  readonly equalCost: readonly string[];
  /** Are there more equal-cost paths than the policy keeps? */
  readonly equalCostMore: boolean;
  /** Why there is no route, or none of what the policy wants; null otherwise. */
  readonly refusal: RouteRefusal | null;
  /** What another policy would do better, in a sentence; null if nothing. */
  readonly hint: string | null;
}

/** A backup and what it shares with the primary; all empty: fully disjoint. */
export interface PlannedBackup {
  readonly path: string;
  readonly sharedLinks: readonly string[];
  /** Transit regions on both. */
  readonly sharedRegions: readonly string[];
  readonly sharedSrlgs: readonly string[];
}

/**
 * No route, or not the wanted one, as a value: `denied` by a policy; `disconnected`, no links lead there;
 * `drained`, they would but for drained ones; `constrained`, no path keeps to the policy; `not-disjoint`,
 * there is a route but no disjoint pair; `search-limit`, the search gave up and nothing is proven.
 */
export interface RouteRefusal {
  readonly code: 'denied' | 'disconnected' | 'drained' | 'constrained' | 'not-disjoint' | 'search-limit';
  readonly message: string;
  /** The nearest thing that would work; empty if nothing would. */
  readonly nearest: string;
}

/** An objective and whether it holds; `undecided` until the planner can decide its kind. */
export interface PlannedObjective extends Objective {
  readonly verdict: 'holds' | 'broken' | 'undecided';
  /** One sentence: the figure that decides it, or what breaks it. */
  readonly evidence: string;
}

/** What the network costs a month before traffic, and the price of traffic on each link. */
export interface CostTable {
  readonly asOf: string;
  readonly items: readonly CostItem[];
  /** Sum of the known items. */
  readonly knownUsdPerMonth: number;
  /** What has no known price; not in the sum. */
  readonly unknown: readonly string[];
}

export interface CostItem {
  readonly region: string;
  readonly item: string;
  readonly quantity: number;
  readonly usdPerMonth: number | null;
  readonly origin: 'measured' | 'estimated' | 'unknown';
}

/** A warning without its file position: where a file lies must not change the plan. */
export interface PlanWarning {
  readonly code: string;
  readonly path: string;
  readonly message: string;
  readonly next: string;
}

export type { BalancedWeights, Constraints };

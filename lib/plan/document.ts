// Long because the plan's format is read as one text.
import type { Code } from '../diagnostics';
import type {
  AdmissionSettings,
  BalancedWeights,
  Constraints,
  Demand,
  Link,
  Objective,
  Edge,
  Operations,
  Policy,
  QosClass,
  Region,
  Reservation,
  Rollout,
  Spread,
  StrategyName,
  TrafficSettings,
} from '../model';
import type { FailureEvidence, FailureSummary } from '../failure';
import type { Tunnel } from './tunnel';
import type { GatewayAddresses, RegionBlocks } from '../addressing';
import type { PlannedPrevious } from './planned-previous';

/**
 * Version of the document's format; a reader refuses every other.
 *
 * 1, 2026-11-23: the first. Until it is released it grows: 2026-11-25 `previous`, `availability`,
 * the traffic in `cost`, members and proof of a `conflict`; 2026-11-30 `previous.moved.allocations`,
 * `identity` of what can be renamed; each night of a window ends at the local time of `end`, and without
 * `until` there is no last one; `transit` of a region, `metric` of a direction; `endpointPrivate` of
 * regions, no capacity of theirs, `oneWay` of policies, `standby` of a link; `prefixes` of regions that have
 * some; `rollout` where there is one, `secretEpoch` of gateways that have keys, `nextPublicKey` of those
 * whose keys are being rotated, and `signingKeys`; `edge` and `operations` where they are described;
 * `interruption` of failing gateways, and how often they are taken to die.
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
  /**
   * Counts the plans of this network through its lock file: from 1, one more with every plan that differs. A
   * gateway refuses one lower than it has.
   */
  readonly generation: number;
  readonly network: string;
  /** The name under which resources and keys were made; `network` unless it was renamed. */
  readonly identity: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly pools: {
    readonly regions: string;
    readonly links: string;
    readonly gateways: string;
    readonly ipv6: string;
  };
  readonly regions: readonly PlannedRegion[];
  readonly gateways: readonly PlannedGateway[];
  /**
   * The network's signing keys (Ed25519, base64) from the first, which is made into its gateways; absent: it
   * has none yet.
   */
  readonly signingKeys?: readonly string[];
  readonly links: readonly Link[];
  readonly tunnels: readonly Tunnel[];
  readonly policies: readonly Policy[];
  readonly paths: readonly PlannedPath[];
  readonly routes: readonly PlannedRoute[];
  readonly demands: readonly Demand[];
  readonly traffic: PlannedTraffic;
  /** By what rules the reservations were admitted. */
  readonly admission: AdmissionSettings;
  readonly reservations: readonly PlannedReservation[];
  /** Who installs the plan first; absent: all gateways install it as soon as they can. */
  readonly rollout?: Rollout;
  /** What the trust boundary of gateways is told; absent: nothing. */
  readonly edge?: Edge;
  /** How operators get in; absent: on the gateways themselves alone. */
  readonly operations?: Operations;
  /** null: neither demands nor an objective ask for them; `dwcp failures` evaluates them all the same. */
  readonly failures: PlannedFailures | null;
  /** null: no objective asks for it. */
  readonly availability: PlannedAvailability | null;
  readonly objectives: readonly PlannedObjective[];
  readonly cost: CostTable;
  /** What was kept of the plan before, and what moved; null: this one was planned from scratch. */
  readonly previous: PlannedPrevious | null;
  /** Warnings that were found while planning, sorted. */
  readonly warnings: readonly PlanWarning[];
}

/** A region with the blocks it got. */
export interface PlannedRegion extends Omit<Region, 'block' | 'prefixes'>, RegionBlocks {
  /**
   * Further networks behind its gateways, in canonical text: IPv4, then IPv6, each by address; 1 to 64.
   * Absent: none. Routes lead to them as to the blocks.
   */
  readonly prefixes?: readonly string[];
}

/** A gateway: `<region>/<number>`, numbers from 1. */
export interface PlannedGateway extends GatewayAddresses {
  readonly id: string;
  readonly region: string;
  /** 1 or 2: also its availability zone, the first or second of the region by name. */
  readonly number: number;
  /** WireGuard public key, base64; null while the network has no key file. */
  readonly publicKey: string | null;
  /** The one that it takes into use when a rotation is finished, base64. Absent: none is under way. */
  readonly nextPublicKey?: string;
  /**
   * Which unsealing secret opens its private key, 1 to 2^31-1: drawn anew with every new secret. Absent while
   * it has no key.
   */
  readonly secretEpoch?: number;
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
  /** In the strategy's metric: ms, USD/GB, Mbps, balanced figure, sum of metrics; null without a path. */
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
 * `drained`, they would but for drained ones; `no-transit`, they would but for regions that no path passes
 * through; `constrained`, no path keeps to the policy; `not-disjoint`, there is a route but no disjoint pair;
 * `search-limit`, the search gave up and nothing is proven.
 */
export interface RouteRefusal {
  readonly code:
    'denied' | 'disconnected' | 'drained' | 'no-transit' | 'constrained' | 'not-disjoint' | 'search-limit';
  readonly message: string;
  /** The nearest thing that would work; empty if nothing would. */
  readonly nearest: string;
}

/** Where the demands go. */
export interface PlannedTraffic extends TrafficSettings {
  /** Classes with demands, most important first. */
  readonly classes: readonly PlannedClass[];
  /** Directions of links that carry demands or reservations; by link, then from. */
  readonly loads: readonly LinkLoad[];
  /** Of the fullest link, demands alone, of what reservations leave; 0 to 1. */
  readonly utilisationRatio: number;
}

/** One direction of a link and what it carries. */
export interface LinkLoad {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  readonly availableMbps: number;
  /** The most that reservations hold at any instant. */
  readonly reservedMbps: number;
  readonly demandMbps: number;
}

/** A class of demands, placed on what the classes above it leave. */
export interface PlannedClass {
  readonly class: QosClass;
  readonly spread: Spread;
  /** What the weights of its `te` splits add up to. */
  readonly units: number;
  /** Under `te`: is the split proven by the solver, or near? null otherwise. */
  readonly method: 'exact' | 'approximate' | null;
  /** Greatest load / capacity left by the classes above, as deployed. */
  readonly utilisationRatio: number;
  /** The same before rounding to weights; null without `te`. */
  readonly optimumRatio: number | null;
  readonly certificate: PlannedCertificate | null;
  readonly demands: readonly PlannedDemand[];
  /** Why the class does not fit whole, and the cheapest repair; null when it fits or is elastic. */
  readonly conflict: PlannedConflict | null;
}

/**
 * Proves that no split of the class has a lower greatest utilisation: lengths with sum (length x capacity) =
 * 1, and bound = sum over demands (Mbps x shortest permitted distance). By linear programming duality.
 */
export interface PlannedCertificate {
  readonly bound: number;
  /** (optimum - bound) / optimum. */
  readonly gapRatio: number;
  /** Lengths above 0, 1 / Mbps. */
  readonly lengths: readonly { readonly link: string; readonly from: string; readonly length: number }[];
}

/** A demand and its paths. */
export interface PlannedDemand {
  readonly id: string;
  readonly carriedMbps: number;
  /** Greatest weight first. */
  readonly paths: readonly { readonly path: string; readonly weight: number; readonly mbps: number }[];
  /** Why it has no path; null when it has one. */
  readonly refusal: string | null;
}

/**
 * What cannot be carried together. Given these alone, placing by class in strict priority does not carry the
 * class whole, neither under all policies nor where those not named leave their traffic the ways that they
 * forbid; without any one of them, one or the other does. A reservation holds what it was admitted to. Lists
 * of ids are sorted.
 */
export interface PlannedConflict {
  /** Of the class and those above. */
  readonly demands: readonly string[];
  readonly reservations: readonly string[];
  readonly policies: readonly string[];
  /** Was it proven that no smaller set is in conflict? With `te` only where few of them had to be tried. */
  readonly smallest: boolean;
  /** What the demands ask together. */
  readonly askedMbps: number;
  /** The links that stand in their way, by link, from. */
  readonly links: readonly FullLink[];
  /** null: none was found; otherwise the whole class fits with it, beside all that there is. */
  readonly repair: PlannedRepair | null;
  /** Policies whose relaxing, each alone, lets the whole class fit. */
  readonly relaxing: readonly string[];
}

/** One direction of a link that a conflict is about. */
export interface FullLink {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  readonly availableMbps: number;
  /** What the reservations of the set hold at their fullest instant. */
  readonly reservedMbps: number;
  /**
   * Lengths that prove the conflict: sum (length x (available - reserved)) is less than sum (Mbps x shortest
   * permitted length of a demand; under `single` and `ecmp`, the length of its own splits); the greatest
   * is 1. null on all
   * links: it only does not fit as it is placed, class by class.
   */
  readonly length: number | null;
}

/** The cheapest capacity to add: under `te` over all permitted splits, otherwise for the splits there are. */
export interface PlannedRepair {
  /** By link, from. The price is that of the traffic it would carry; null: it is not known. */
  readonly upgrades: readonly {
    readonly link: string;
    readonly from: string;
    readonly to: string;
    readonly addMbps: number;
    readonly usdPerMonth: number | null;
  }[];
  /** null when one of the prices is not known. */
  readonly usdPerMonth: number | null;
}

/** A reservation and its answer. */
export interface PlannedReservation extends Reservation {
  readonly admitted: boolean;
  /** Path id; null when refused or preempted. */
  readonly path: string | null;
  /** Why not, or who took its place; empty when admitted. */
  readonly reason: string;
  /** What would fit; empty if nothing, or not needed. */
  readonly nearest: string;
}

/** What single failures do. Absent kinds have no members. */
export interface PlannedFailures {
  readonly noFailure: FailureSummary;
  /** By kind, then id. */
  readonly failures: readonly FailureSummary[];
}

/**
 * The share of time each demand is fully carried: sums over states of links that fail independently, each
 * state with at least a probability. What is left out counts as down in `lowerRatio`, as up in `upperRatio`.
 * Gateways die one at a time, whatever links do: a demand is down while they take it along, and while the
 * workloads behind them wait (see `FailureSummary.interruption`).
 */
export interface PlannedAvailability {
  readonly cutOff: number;
  readonly states: number;
  /** Share of time in the states counted, 0 to 1. */
  readonly coveredRatio: number;
  /** Links whose availability is not known, sorted; counted as down for the assumed share of time. */
  readonly unknownLinks: readonly string[];
  readonly assumedUnavailability: number;
  /** How often each gateway in a cloud is taken to die; absent: there is none. */
  readonly gatewayFailuresPerYear?: number;
  /** By id; of a demand that is not carried whole without a failure, 0. */
  readonly demands: readonly {
    readonly id: string;
    readonly lowerRatio: number;
    readonly upperRatio: number;
  }[];
}

/** What the placed demands cost a month where each carries its Mbps in the mean over the month. */
export interface TrafficCost {
  /** Mbps of demands over all directions of links that carry them, as GB in a month of 730 h. */
  readonly gbPerMonth: number;
  /** Of the directions whose price is known. */
  readonly knownUsdPerMonth: number;
  /** Links that carry demands at an unknown price, sorted; not in the sum. */
  readonly unknownCostLinks: readonly string[];
}

/** An objective and whether it holds; `undecided` until the planner can decide its kind. */
export interface PlannedObjective extends Objective {
  readonly verdict: 'holds' | 'broken' | 'undecided';
  /** The figure that decides it, or what breaks it; `objectiveText` puts it into a sentence. */
  readonly evidence: ObjectiveEvidence;
}

/** By which figures an objective is judged; what else a sentence says of it stands in the plan. */
export type ObjectiveEvidence =
  | FailureEvidence
  | { readonly kind: 'no-routes' }
  | { readonly kind: 'no-demands' }
  /** A route that has no path. */
  | ({ readonly kind: 'unrouted' } & EvidenceRoute)
  /** The slowest route, one way. */
  | ({ readonly kind: 'slowest'; readonly latencyMs: number } & EvidenceRoute)
  /** The route of the fewest backups. */
  | ({ readonly kind: 'fewest-backups'; readonly backups: number } & EvidenceRoute)
  /** Known costs a month, those of traffic in it, if demands say how much there is. */
  | { readonly kind: 'cost'; readonly usdPerMonth: number }
  | {
      readonly kind: 'availability';
      /** The demand that is carried whole for the least share of time. */
      readonly demand: string;
      readonly lowerRatio: number;
      readonly upperRatio: number;
      /** Demands that are carried whole for less than is wanted. */
      readonly short: number;
      /** If it falls short: the likeliest state in which it does, and how likely; null: not known. */
      readonly loss: { readonly down: readonly string[]; readonly probability: number } | null;
    };

interface EvidenceRoute {
  readonly from: string;
  readonly to: string;
  readonly classes: readonly QosClass[];
}

/** What the network costs a month before traffic, and what the traffic of its demands costs. */
export interface CostTable {
  readonly asOf: string;
  readonly items: readonly CostItem[];
  /** Sum of the known items. */
  readonly knownUsdPerMonth: number;
  /** What has no known price; not in the sum. */
  readonly unknown: readonly string[];
  /** null: no demand says how much traffic there is. */
  readonly traffic: TrafficCost | null;
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
  readonly code: Code;
  readonly path: string;
  readonly message: string;
  readonly next: string;
}

export type { BalancedWeights, Constraints };

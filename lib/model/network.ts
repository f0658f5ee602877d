import type { CloudName } from '../catalog';
import type { Diagnostic } from '../diagnostics';
import type { BandwidthModelName, QosClass, Transport, TunnelType } from './description';
import type { Spread, StrategyName } from './qos';
import type { Statement } from './statements';

/**
 * Where a figure comes from: written by the user, measured by the catalog's source, estimated, or not
 * known (null).
 */
export type Origin = 'given' | 'measured' | 'estimated' | 'unknown';

/**
 * The description, checked and complete: lists sorted by id, units in names, every default filled. Plain
 * data.
 */
export interface Network {
  readonly name: string;
  readonly renames: Renames;
  /** What may be allocated anew, sorted; addressing knows what it names. */
  readonly renumber: readonly string[];
  readonly pools: AddressPools;
  readonly regions: readonly Region[];
  readonly links: readonly Link[];
  readonly policies: readonly Policy[];
  readonly demands: readonly Demand[];
  readonly traffic: TrafficSettings;
  readonly admission: AdmissionSettings;
  readonly reservations: readonly Reservation[];
  readonly objectives: readonly Objective[];
  /** null: all gateways install as soon as they can. */
  readonly rollout: Rollout | null;
  /** What the trust boundary of gateways is told; null: nothing. */
  readonly edge: Edge | null;
  /** null: operators get in on the gateways themselves alone. */
  readonly operations: Operations | null;
  /** Raised quotas by name; defaults are the catalog's. */
  readonly quotas: Readonly<Record<string, number>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Warnings of the check, without file positions, sorted: they stand in the plan. */
  readonly warnings: readonly Diagnostic[];
}

/** Who installs a new plan first. */
export interface Rollout {
  /** Gateway id. */
  readonly canary: string;
  /** How long the others wait for a canary that reports nothing, 60 s to 604,800 s. */
  readonly waitSeconds: number;
}

/** TCP port of a gateway's API for operators, on its overlay address. */
export const operationsPort = 9470;

/** TCP port of a gateway's metrics, unless told otherwise. */
export const metricsPort = 9469;

/** What the trust boundary of gateways is told. */
export interface Edge {
  /** The three bits of packet marks that are the gateways'; null: the agent's default. */
  readonly markBits: number | null;
  /** The class of what workloads mark CS6 or CS7; null: best effort. */
  readonly networkControl: QosClass | null;
  /** What overlay hosts may reach on gateways, in the order given. */
  readonly open: readonly EdgePort[];
}

/** A port of gateways that overlay hosts may reach. */
export interface EdgePort {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Prefixes of either family, canonical, sorted. */
  readonly from: readonly string[];
}

/** How operators get in. */
export interface Operations {
  /** The agents' API is served on the overlay addresses, to those who can open the key file. */
  readonly api: boolean;
  /**
   * Metrics are served there, too, to the prefixes in `from`: canonical, sorted; empty: all networks of the
   * plan. null: on loopback alone.
   */
  readonly metrics: { readonly port: number; readonly from: readonly string[] } | null;
  /** Gateways may take orders by AWS Systems Manager. */
  readonly ssm: boolean;
  /** The SSM agent that they install; absent: the image has one, or there is none. */
  readonly ssmAgent?: SsmAgent;
  /** Their journals go to CloudWatch Logs, which keeps them so long; absent: they stay on the gateways. */
  readonly logs?: { readonly retentionDays: number };
  readonly webhooks: readonly WebhookPlace[];
}

/** A Debian package of AWS's SSM agent, which is installed only if it is this one. */
export interface SsmAgent {
  readonly version: string;
  /** SHA-256 in lower-case hex, by Debian's name of the architecture. */
  readonly sha256: { readonly arm64: string; readonly amd64?: string };
  /** With `{region}`, `{version}` and `{arch}` to be filled in. Absent: AWS's bucket of the region. */
  readonly url?: string;
}

/** Who is told of events. */
export interface WebhookPlace {
  /** https, or http on loopback. */
  readonly url: string;
  /** Kinds of events, sorted; empty: all. */
  readonly kinds: readonly string[];
  /** File on each gateway that holds the secret which signs what is sent. Absent: nothing is signed. */
  readonly secretFile?: string;
}

/** What `was` says: ids of before, by the ids of now. None of them is described any more. */
export interface Renames {
  /** null: it has the name that it had. */
  readonly network: string | null;
  readonly regions: Readonly<Record<string, string>>;
  readonly links: Readonly<Record<string, string>>;
}

/** Address pools in canonical text; `ipv6` null: from the name (RFC 4193). */
export interface AddressPools {
  readonly regions: string;
  readonly links: string;
  readonly gateways: string;
  readonly ipv6: string | null;
}

export interface Region {
  readonly id: string;
  readonly provider: CloudName | 'external';
  /** Code of the place in its cloud; null outside the clouds. */
  readonly place: string | null;
  readonly city: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
  /** WGS 84 degrees; null when not known (an external site without a location). */
  readonly lat: number | null;
  readonly lon: number | null;
  /** Public address of an external site's gateway; null in a cloud. */
  readonly endpoint: string | null;
  /** Is the endpoint reached by private lines, not over the Internet? False in a cloud. */
  readonly endpointPrivate: boolean;
  /** Given IPv4 block in canonical text; null: to be allocated. */
  readonly block: string | null;
  /** Further networks behind its gateways, in canonical text: IPv4, then IPv6, each by address. */
  readonly prefixes: readonly string[];
  readonly gatewayCount: number;
  /** The cloud's type of its gateways; null outside the clouds. */
  readonly instanceType: string | null;
  /** What one gateway sustains; null outside the clouds. */
  readonly gatewayMbps: number | null;
  readonly drained: boolean;
  /** false: paths begin or end here, none passes through. */
  readonly transit: boolean;
  readonly vpc: ExistingVpc | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** A VPC that is used as it is. */
export interface ExistingVpc {
  readonly id: string;
  readonly publicSubnets: readonly string[];
  readonly routeTables: readonly string[];
}

/**
 * A link: its ends in code unit order do not matter, `a` is the first as described; one or two directions.
 */
export interface Link {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  /** One entry from a to b, and one back unless the link is one-way. */
  readonly directions: readonly Direction[];
  /** Sorted. */
  readonly srlgs: readonly string[];
  readonly tunnelType: TunnelType;
  readonly transport: Transport;
  /** Bytes inside the tunnel. */
  readonly mtu: number;
  readonly keepaliveSeconds: number;
  readonly drained: boolean;
  /** Last resort: used by pairs that have no other path. */
  readonly standby: boolean;
  /** Bandwidth constraints of its own (RFC 4124 section 4.1); null: the network's. */
  readonly classShares: ClassShares | null;
}

/** One direction of a link. Latency is one-way (RFC 7679); ratios run from 0 to 1. */
export interface Direction {
  readonly from: string;
  readonly to: string;
  readonly bandwidthMbps: number;
  readonly bandwidthOrigin: Origin;
  /** floor(bandwidth x (1 - utilisation)), whole Mbps; below 1 Mbps the exact product. */
  readonly availableMbps: number;
  readonly latencyMs: number;
  readonly latencyOrigin: Origin;
  readonly costPerGbUsd: number | null;
  readonly costOrigin: Origin;
  readonly lossRatio: number | null;
  readonly availabilityRatio: number | null;
  readonly utilisationRatio: number;
  /** Administrative; 1 to 65535. */
  readonly metric: number;
}

/** A policy with every default filled; `from` and `to` empty: every region. */
export interface Policy {
  readonly id: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly classes: readonly QosClass[];
  readonly action: 'route' | 'deny';
  /** Of a deny: is one way alone denied on purpose? */
  readonly oneWay: boolean;
  readonly priority: number;
  /** null: the class's default. */
  readonly strategy: StrategyName | null;
  readonly weights: BalancedWeights;
  readonly constraints: Constraints;
  readonly disjoint: 'none' | 'link' | 'node' | 'srlg';
  readonly backups: number;
  readonly ecmpToleranceRatio: number;
  readonly ecmpPaths: number;
}

/** Per 1000 ms of latency, per 100 USD/GB of cost, per 100 % of utilisation. */
export interface BalancedWeights {
  readonly latency: number;
  readonly cost: number;
  readonly utilisation: number;
}

/** What a path must keep to; null and empty: no constraint. */
export interface Constraints {
  readonly maxLatencyMs: number | null;
  readonly maxHops: number | null;
  readonly minBandwidthMbps: number | null;
  readonly avoidRegions: readonly string[];
  readonly avoidLinks: readonly string[];
  readonly avoidCountries: readonly string[];
  readonly requireRegions: readonly string[];
  readonly requireLinks: readonly string[];
  readonly requireCountries: readonly string[];
}

/** How demands are split, every default filled. */
export interface TrafficSettings {
  readonly spread: Readonly<Record<QosClass, Spread>>;
  /** Most paths of one demand under `te`. */
  readonly paths: number;
  /** What the weights of a demand's paths add up to. */
  readonly units: number;
}

/** By class, a ratio from 0 to 1 of a link's available bandwidth. */
export type ClassShares = Readonly<Record<QosClass, number>>;

/** How bandwidth is given out to reservations, every default filled. */
export interface AdmissionSettings {
  readonly model: BandwidthModelName;
  /** Bandwidth constraints of the model; all 1 under `shared`, never rising with importance under `rdm`. */
  readonly shares: ClassShares;
  /** Share of every link that classes other than critical leave free. */
  readonly headroomRatio: number;
  /** The same for class critical; at most `headroomRatio`. */
  readonly criticalHeadroomRatio: number;
}

export interface Demand {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly bandwidthMbps: number;
  readonly class: QosClass;
  readonly maxLatencyMs: number | null;
}

/** A checked time window; local times as ISO 8601 without offset, in `timeZone`. */
export interface Window {
  readonly start: string;
  readonly end: string | null;
  readonly durationSeconds: number | null;
  readonly recur: 'daily' | 'weekly' | null;
  readonly days: readonly string[];
  readonly until: string | null;
  readonly timeZone: string;
}

export interface Reservation {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly bandwidthMbps: number;
  readonly class: QosClass;
  /** 0 highest to 7 (RFC 3209). */
  readonly setupPriority: number;
  readonly holdingPriority: number;
  readonly window: Window | null;
}

export interface Objective {
  readonly id: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly classes: readonly QosClass[];
  readonly statement: Statement;
}

export type { Statement };

/** Weights of the balanced strategy unless a policy gives others. */
export const defaultWeights: BalancedWeights = { latency: 0.4, cost: 0.3, utilisation: 0.3 };

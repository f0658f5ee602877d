// Long because all that a description may say stands in one place, in the order in which people write it.
import type { Bandwidth, Duration, Latency, Percent, Price } from '../units';
import type { TunnelType } from '../tunnels';
import type { QosClass, Spread, StrategyName } from './qos';
import type { StatementDescription } from './statements';

/**
 * The description as people write it, in code, YAML or JSON. Things with a name of their own are maps by
 * id (regions, policies, reservations, objectives); things between two regions are lists (links, demands),
 * with ids made from their ends unless given. Every figure is a text with its unit.
 */
export interface NetworkDescription {
  /** Name of the network: a lower-case letter, then up to 19 of a-z, 0-9 and hyphen. */
  readonly network: string;
  /**
   * The name that the network had before: it keeps addresses, resources and keys. May go once the lock file
   * under the new name is committed.
   */
  readonly was?: string;
  /**
   * What is allocated anew, on purpose and once: ids of regions, gateways (`dublin/1`), links or tunnels, and
   * pools (`addressing.links`). The lock file remembers that it was done.
   */
  readonly renumber?: readonly string[];
  /** Address pools; see `AddressingDescription` for defaults. */
  readonly addressing?: AddressingDescription;
  /** What regions and links get that say nothing themselves. */
  readonly defaults?: DefaultsDescription;
  readonly regions: Readonly<Record<string, RegionDescription>>;
  readonly links?: readonly LinkDescription[];
  readonly policies?: Readonly<Record<string, PolicyDescription>>;
  readonly demands?: readonly DemandDescription[];
  /** How demands are split over paths. */
  readonly traffic?: TrafficDescription;
  /** How bandwidth is given out to reservations. */
  readonly admission?: AdmissionDescription;
  readonly reservations?: Readonly<Record<string, ReservationDescription>>;
  readonly objectives?: Readonly<Record<string, ObjectiveDescription>>;
  /** In which order gateways install a new plan; default: each as soon as it finds it. */
  readonly rollout?: RolloutDescription;
  /** What the trust boundary of gateways is told; default: nothing, see docs/host.md. */
  readonly edge?: EdgeDescription;
  /** How operators get in; default: on the gateways themselves alone. */
  readonly operations?: OperationsDescription;
  /** Raised quotas of your accounts, by the name that a quota error prints. */
  readonly quotas?: Readonly<Record<string, number>>;
  /** Tags on every cloud resource. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** What the trust boundary of gateways is told. */
export interface EdgeDescription {
  /** The three bits of packet marks that are the gateways', hexadecimal. Default `0x1012`. */
  readonly marks?: string;
  /** The class of what workloads mark CS6 or CS7. Default: best-effort. */
  readonly networkControl?: QosClass;
  /** Ports of gateways that overlay hosts may reach. Default: none. */
  readonly open?: readonly {
    readonly port: number;
    /** Default tcp. */
    readonly protocol?: 'tcp' | 'udp';
    /** Networks of those who may. */
    readonly from: readonly string[];
  }[];
}

/** How operators get in. */
export interface OperationsDescription {
  /**
   * Serves the agents' API on the overlay addresses of gateways (TLS, port 9470), to those who can open the
   * key file: what `dwcp ops` speaks to. Default true.
   */
  readonly api?: boolean;
  /** Serves metrics on the overlay addresses and those of the region, too. Default: on loopback alone. */
  readonly metrics?: {
    /** Default 9469. */
    readonly port?: number;
    /** Networks of those who scrape. Default: all networks of the plan. */
    readonly from?: readonly string[];
  };
  /**
   * Gateways may take orders by AWS Systems Manager. Debian's image has no SSM agent: name its package in
   * `ssmAgent`, or look up an image of your own that has it. Default: whether `ssmAgent` is given.
   */
  readonly ssm?: boolean;
  /** AWS's package of the SSM agent, which gateways then install. Default: the image has one. */
  readonly ssmAgent?: SsmAgentDescription;
  /** Gateways send their journals to CloudWatch Logs. Default: journals stay on the gateways. */
  readonly logs?: {
    /** How long CloudWatch keeps them: 1 d to 3653 d, one of its own steps. Default 30 d. */
    readonly retention?: Duration;
  };
  readonly webhooks?: readonly WebhookDescription[];
}

/** A package that gateways install only if it is this one, byte for byte. */
export interface SsmAgentDescription {
  /** `3.3.2299.0`. */
  readonly version: string;
  /** SHA-256 of the package by Debian's name of the architecture, 64 hex digits. Gateways are arm64. */
  readonly sha256: { readonly arm64: string; readonly amd64?: string };
  /**
   * Where it lies: https or http, with `{region}`, `{version}` and `{arch}` to be filled in. Default: AWS's
   * bucket of the gateway's region.
   */
  readonly url?: string;
}

/** Who is told of events. */
export interface WebhookDescription {
  /** https, or http on loopback; without a secret in it. */
  readonly url: string;
  /** Kinds of events. Default: all. */
  readonly kinds?: readonly string[];
  /** File on each gateway that holds the secret which signs what is sent (HMAC-SHA-256). */
  readonly secretFile?: string;
}

/** Who installs a new plan first. */
export interface RolloutDescription {
  /**
   * The gateway that installs it first, `<region>/<number>`, or its region alone for its first gateway. The
   * others wait for its report, and never install what it reported to be bad.
   */
  readonly canary: string;
  /** How long they wait where it reports nothing, 1 min to 7 d. Default 15 min. */
  readonly wait?: Duration;
}

/** Address pools from which the planner allocates. */
export interface AddressingDescription {
  /** IPv4 pool for region blocks, /16 each. Default `10.0.0.0/8`. */
  readonly regions?: string;
  /** IPv4 pool for link addresses, /31 each (RFC 3021). Default `100.64.0.0/16` (RFC 6598). */
  readonly links?: string;
  /** IPv4 pool for gateway addresses, /32 each. Default `100.65.0.0/16` (RFC 6598). */
  readonly gateways?: string;
  /**
   * IPv6 /48 for regions, gateways, segments and links. Default: a unique local prefix (RFC 4193) from the
   * name.
   */
  readonly ipv6?: string;
}

export interface DefaultsDescription {
  readonly gateways?: GatewaysDescription;
  readonly tunnel?: TunnelDescription;
  /**
   * Figures of every link, also of a mesh, that does not give them itself: as if the link had written them,
   * hence before the catalog's.
   */
  readonly link?: LinkFigures;
}

/** Gateways of a region: one or two, each in a zone of its own. */
export interface GatewaysDescription {
  /** 1 or 2. Default 1. */
  readonly count?: number;
  /** EC2 type from the catalog. Default `c7gn.large`. */
  readonly instanceType?: string;
}

/** A region: AWS by `place`, or a site elsewhere by `external`. */
export interface RegionDescription {
  /**
   * The id that the region had before: it keeps its blocks, gateways, resources and keys, and so do its links
   * of default ids. May go once the lock file is committed.
   */
  readonly was?: string;
  /** AWS region code. Default: the region's id, if it is one. */
  readonly place?: string;
  /** A site outside AWS: on-premises or another cloud. */
  readonly external?: ExternalDescription;
  /** IPv4 block, /16 to /28. Default: allocated. */
  readonly block?: string;
  /**
   * Further networks that stand behind its gateways, IPv4 and IPv6, of any length: secondary blocks of its
   * VPC, networks of a site. The network carries them here as it does the block; how they are reached from
   * the gateways is yours. At most 64. Default none.
   */
  readonly prefixes?: readonly string[];
  readonly gateways?: GatewaysDescription;
  /** A drained region sends and takes no transit traffic. Default false. */
  readonly drained?: boolean;
  /**
   * false: its gateways carry their own traffic alone; paths begin or end here, none passes through. Default
   * true.
   */
  readonly transit?: boolean;
  /** Use this VPC instead of making one. */
  readonly vpc?: VpcDescription;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A site outside AWS with a gateway of its own. */
export interface ExternalDescription {
  /** Public address its gateway is reached at. */
  readonly endpoint: string;
  /**
   * The endpoint is reached by private lines (a lab, Direct Connect), so that any unicast address will do.
   * Default false: a global unicast address.
   */
  readonly private?: boolean;
  readonly location?: {
    readonly lat: number;
    readonly lon: number;
    readonly country?: string;
    readonly city?: string;
  };
}

/** An existing VPC with its subnets and route tables. */
export interface VpcDescription {
  readonly id: string;
  /** Public subnets, one per gateway. */
  readonly publicSubnets: readonly string[];
  /** Route tables that get the routes to remote blocks. */
  readonly routeTables: readonly string[];
}

export type { TunnelType };

/** Who carries a link: `overlay`, a tunnel between gateways. */
export type Transport = 'overlay';

export interface TunnelDescription {
  /** Default `wireguard`. */
  readonly type?: TunnelType;
  /**
   * Bytes inside; 1280 to what fits the 1500 bytes that pass between public addresses: 1440, and 1420 where
   * an endpoint is IPv6. On private lines jumbo frames fit. Default 1420.
   */
  readonly mtu?: number;
  /** Default `25 s`. */
  readonly keepalive?: Duration;
}

/** Figures of a link, of both directions or of one. */
export interface LinkFigures {
  /** Default: what both gateways sustain, at most 5 Gbps (one tunnel is one flow), marked estimated. */
  readonly bandwidth?: Bandwidth;
  /**
   * One-way delay (RFC 7679). Default: half the catalog's round trip, or fibre time x 1.8, marked
   * estimated.
   */
  readonly latency?: Latency;
  /** Round-trip time (RFC 2681) instead of `latency`: half each way. */
  readonly rtt?: Latency;
  /** Price of the traffic. Default: the sender's list price in the catalog, null when unknown. */
  readonly cost?: Price;
  readonly loss?: Percent;
  readonly availability?: Percent;
  /** Bandwidth that others use already. Default 0 %. */
  readonly utilisation?: Percent;
  /**
   * Administrative metric, what the strategy `metric` adds up: a whole number from 1 to 65535, as the cost of
   * an OSPF interface (RFC 2328). Default 10, as of a circuit in IS-IS (ISO 10589).
   */
  readonly metric?: number;
}

/** Two regions joined, or with `mesh` every pair of the named ones. Parallel links need an `id` each. */
export interface LinkDescription extends LinkFigures {
  /** Default `link-<a>-<b>`, the ends as given. */
  readonly id?: string;
  /**
   * The id that the link had before: its tunnels keep addresses, ports, names and keys. May go once the lock
   * file is committed.
   */
  readonly was?: string;
  /** Both directions between two regions. */
  readonly between?: readonly string[];
  /** One direction only, with `to`. */
  readonly from?: string;
  readonly to?: string;
  /** A link between each pair: region ids, or `all`. */
  readonly mesh?: 'all' | readonly string[];
  /** What differs from first to second region of `between`. */
  readonly forward?: LinkFigures;
  /** What differs from second to first. */
  readonly backward?: LinkFigures;
  /** Shared-risk groups (RFC 4202): links that one cut takes down together. */
  readonly srlg?: readonly string[];
  readonly tunnel?: TunnelDescription;
  /**
   * What the signal travels in: no latency may be below that of light in it. `radio` (microwave) is faster
   * than fibre, and its latency is never estimated: give it. Default `fibre`.
   */
  readonly medium?: 'fibre' | 'radio';
  /** Default `overlay`. */
  readonly transport?: Transport;
  /** A drained link carries nothing. Default false. */
  readonly drained?: boolean;
  /**
   * Last resort: no primary, equal-cost path or split uses it where a permitted path leads without; backups
   * come after those without. A link that is drained too carries nothing. Default false.
   */
  readonly standby?: boolean;
  /** Bandwidth constraints of this link where they differ from `admission.shares`. */
  readonly shares?: ClassSharesDescription;
}

export type { QosClass, StatementDescription };

/** Things by kind; used to avoid or to require. */
export interface Selection {
  readonly regions?: readonly string[];
  readonly links?: readonly string[];
  /** ISO 3166-1 alpha-2. */
  readonly countries?: readonly string[];
}

/**
 * What a kind of traffic gets. The policy with the highest priority that matches a pair and class rules
 * it.
 */
export interface PolicyDescription {
  /** Default: every region. */
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  /** Default: every class. */
  readonly classes?: readonly QosClass[];
  /** `deny`: these may not talk. Default `route`. */
  readonly action?: 'route' | 'deny';
  /**
   * Of a deny: only this way is denied, on purpose; the other way may send, and gets no answers. Default
   * false: a deny whose way back passes is warned of.
   */
  readonly oneWay?: boolean;
  /** Higher wins; default 0. Between equals the more specific wins; a tie is an error. */
  readonly priority?: number;
  /**
   * Default by class: critical and realtime latency, interactive balanced, bulk cost, best-effort
   * bandwidth.
   */
  readonly strategy?: StrategyName;
  /** Of the balanced strategy. Default 0.4, 0.3, 0.3. */
  readonly weights?: { readonly latency?: number; readonly cost?: number; readonly utilisation?: number };
  /** Most one-way latency. */
  readonly maxLatency?: Latency;
  /** Most links on a path; 1 or more. */
  readonly maxHops?: number;
  /** Least available bandwidth on every link. */
  readonly minBandwidth?: Bandwidth;
  readonly avoid?: Selection;
  /** Every path passes each of these. */
  readonly require?: Selection;
  /**
   * Primary and first backup must be disjoint, and are chosen as the cheapest such pair. Default `none`:
   * as far as possible.
   */
  readonly disjoint?: 'none' | 'link' | 'node' | 'srlg';
  /** Most backups; 0 to 8. Default 3. */
  readonly backups?: number;
  /** Equal-cost tolerance in the strategy's own metric. Default `10 %`. */
  readonly ecmpTolerance?: Percent;
  /** Most equal-cost paths kept; 1 to 64. Default 4. */
  readonly ecmpPaths?: number;
}

/** How demands are split over paths. */
export interface TrafficDescription {
  /** By class. Default: critical and realtime `single`, interactive `ecmp`, bulk and best-effort `te`. */
  readonly spread?: { readonly [C in QosClass]?: Spread };
  /** Most paths of one demand; a policy may bound those of `ecmp` and `wecmp` further. 1 to 16. Default 4. */
  readonly paths?: number;
  /** Weights of a demand's paths add up to this; 1 to 256. Default 16. */
  readonly units?: number;
}

/**
 * How the bandwidth of a link is divided among the classes of reservations: `shared`, not at all; `mam`, each
 * class at most its share (RFC 4125); `rdm`, each class together with all more important ones at most its
 * share (RFC 4127).
 */
export type BandwidthModelName = 'shared' | 'mam' | 'rdm';

/** By class, 0 % to 100 % of a link's available bandwidth. */
export type ClassSharesDescription = { readonly [C in QosClass]?: Percent };

/** How bandwidth is given out to reservations. */
export interface AdmissionDescription {
  /** Default `shared`. */
  readonly model?: BandwidthModelName;
  /**
   * The model's bandwidth constraints. Default under `mam`: 100 %; under `rdm`: what the next less important
   * class has, best-effort 100 %.
   */
  readonly shares?: ClassSharesDescription;
  /** Share of every link that reservations leave free. Default 20 %. */
  readonly headroom?: Percent;
  /** The same for reservations of class critical; at most `headroom`. Default 0 %. */
  readonly criticalHeadroom?: Percent;
}

/** Traffic that is expected between two regions. */
export interface DemandDescription {
  /** Default `demand-<from>-<to>-<class>`. */
  readonly id?: string;
  readonly from: string;
  readonly to: string;
  readonly bandwidth: Bandwidth;
  /** Default `best-effort`. */
  readonly class?: QosClass;
  /** Most one-way latency. */
  readonly maxLatency?: Latency;
}

/** A time window: `start` with `end` or `duration`, and optionally a recurrence. */
export interface WindowDescription {
  /** Local time in `timeZone`: `2026-12-01T22:00`. With a recurrence: the first. */
  readonly start: string;
  readonly end?: string;
  readonly duration?: Duration;
  /** Recurs daily, or weekly on the named days. */
  readonly recur?: 'daily' | 'weekly';
  readonly days?: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
  /** Last local date of a recurrence. */
  readonly until?: string;
  /** IANA name. Default `UTC`. */
  readonly timeZone?: string;
}

/** Bandwidth promised to a pair for a time. */
export interface ReservationDescription {
  readonly from: string;
  readonly to: string;
  readonly bandwidth: Bandwidth;
  readonly class?: QosClass;
  /** Setup priority, 0 highest to 7 (RFC 3209). Default 7. */
  readonly setupPriority?: number;
  /** Holding priority; no lower in rank than setup. Default: the setup priority. */
  readonly holdingPriority?: number;
  /** Absent: always. */
  readonly window?: WindowDescription;
}

/** A statement that must hold; exactly one of the statements, optionally about some pairs or classes only. */
export interface ObjectiveDescription extends StatementDescription {
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly classes?: readonly QosClass[];
}

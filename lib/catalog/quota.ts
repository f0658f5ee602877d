/** A default quota of a cloud's account that the planner checks. */
export interface Quota {
  /** The name that a description raises it by: service, colon, what. */
  readonly name: string;
  /** As the newest source says. */
  readonly limit: number;
  /** Every source and every account gives as much; between it and `limit` nobody can be sure. */
  readonly sureLimit: number;
  /** Who says so. */
  readonly source: string;
  /** When it was looked up: year and month. */
  readonly asOf: string;
}

/** The use that a region makes of its cloud's account. */
export interface RegionUsage {
  readonly id: string;
  readonly place: string;
  readonly gatewayCount: number;
  /** Is its network made, or one of yours? */
  readonly madeNetwork: boolean;
  /** Routes to other regions and to gateways, in each of its tables. */
  readonly routes: number;
  /** Its own IPv4 prefixes beside its block. */
  readonly prefixes: number;
  /** Ends of tunnels in the region. */
  readonly tunnels: number;
  /** Ends at its first gateway, which has as many as the second, or more. */
  readonly tunnelsOfFirst: number;
}

/** The use that a network makes of one cloud's account, and the limits there. */
export interface NetworkUsage {
  /** Sorted by id. */
  readonly regions: readonly RegionUsage[];
  /** The limit as the description raises it, or the default. */
  limitOf(quota: Quota): number;
}

/** How much of a quota a region needs. */
export interface QuotaUse {
  /** Region id. */
  readonly region: string;
  readonly quota: Quota;
  readonly used: number;
  /** As a sentence names what is used: `Elastic IPs in us-east-1`. */
  readonly what: string;
}

/** A limit that the region breaks and that nobody raises, with what helps. */
export interface BrokenLimit {
  /** Region id. */
  readonly region: string;
  readonly message: string;
  readonly next: string;
}

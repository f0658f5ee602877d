import type { Place } from './place';
import type { BrokenLimit, NetworkUsage, Quota, QuotaUse } from './quota';

/** The parts of a region on which its price depends. */
export interface ChargedRegion {
  readonly place: string | null;
  readonly instanceType: string | null;
  readonly gatewayCount: number;
  /** null: the network is made. */
  readonly vpc: object | null;
}

/** One thing that a cloud charges a region for. */
export interface Charge {
  readonly item: string;
  readonly quantity: number;
  /** For one of them, a month; null: not known. */
  readonly usdPerMonth: number | null;
  readonly origin: 'measured' | 'estimated' | 'unknown';
}

/** A route table of a network that is made: zone 2 leaves by the second gateway where there are two. */
export interface MadeTable {
  readonly name: string;
  readonly zone: 1 | 2;
  /** Do workloads stand behind it, or gateways alone? */
  readonly workloads: boolean;
}

/** The shape of ids, with an example for who writes another. */
export interface IdShape {
  readonly pattern: RegExp;
  readonly example: string;
}

/** The rules of a cloud for the tags of its resources. */
export interface TagRules {
  /** Most tags of yours; ours come beside them. */
  readonly most: number;
  /** For who gives more. */
  readonly mostHint: string;
  /** The end of a sentence that begins with the tag; undefined: the cloud takes it. */
  tryFault(key: string, value: string): string | undefined;
  /** The end of such a sentence where a service may refuse characters of the key or value. */
  tryDoubt(text: string): { readonly message: string; readonly next: string } | undefined;
}

/** The facts of a cloud, as far as describing and planning ask for them. */
export interface CloudFacts {
  /** As sentences name it: `AWS`. */
  readonly title: string;
  /** As sentences call the code of a place: `an AWS region code`. */
  readonly placeCode: string;
  /** By code; no other cloud has a place of the same code. */
  readonly places: ReadonlyMap<string, Place>;
  /** A guess at the meaning of a code that is not a place; undefined: this cloud knows of none. */
  tryPlaceHint(code: string): string | undefined;
  /** Mbps that a gateway sustains towards other regions, by its type. */
  readonly gatewayTypes: ReadonlyMap<string, number>;
  /** Which types there are, in short. */
  readonly typesHint: string;
  /** A gateway's type where the description names none. */
  readonly defaultType: string;
  /** Most that one flow gets, and so one tunnel, Mbps. */
  readonly mostFlowMbps: number;
  /** A dead gateway is back by itself after so long, at the latest, s. */
  readonly backSeconds: number;
  /** Ids of what a description names of a network of yours. */
  readonly givenIds: { readonly VPC: IdShape; readonly subnet: IdShape; readonly 'route table': IdShape };
  readonly tagRules: TagRules;
  /** The tables of a network that is made, in the order of their routes; empty: routes need none. */
  readonly madeTables: readonly MadeTable[];
  /** Measured round trip between two places, ms; undefined: the pair was not measured. */
  tryRttMs(from: string, to: string): number | undefined;
  /** List price of traffic between two places of the cloud, USD per GB; null: not known. */
  transferPriceUsdPerGb(from: string, to: string): number | null;
  /** When the prices held that a plan's costs are made of. */
  readonly pricesAsOf: string;
  /** The place whose prices stand for the unknown ones of others. */
  readonly priceRegion: string;
  /** All that a region is charged for a month, traffic apart. */
  charges(region: ChargedRegion): readonly Charge[];
  /** Every quota that is checked. */
  readonly quotas: readonly Quota[];
  /** Where an account's own quotas are looked up. */
  readonly quotaPlace: string;
  /**
   * The need of each quota by the regions of this cloud, and the limits that they break and nobody raises.
   */
  quotaUses(usage: NetworkUsage): readonly (QuotaUse | BrokenLimit)[];
}

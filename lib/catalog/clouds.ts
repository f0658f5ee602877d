import { awsFacts } from './aws/aws-facts';
import type { CloudFacts } from './cloud';
import type { Place } from './place';

/** Every cloud that there is; types, shapes and messages derive from it. */
export const clouds = { aws: awsFacts } as const satisfies Readonly<Record<string, CloudFacts>>;

export type CloudName = keyof typeof clouds;

/** Where a region lies: in a place of a cloud, or at a site outside all clouds, which has no place. */
export interface Located {
  readonly provider: CloudName | 'external';
  readonly place: string | null;
}

export const cloudNames = Object.keys(clouds) as readonly CloudName[];

/** The facts of a cloud. */
export function cloudFacts(name: CloudName): CloudFacts {
  return clouds[name];
}

/** The facts of a region's cloud; undefined: a site outside the clouds. */
export function tryCloudOf({ provider }: Pick<Located, 'provider'>): CloudFacts | undefined {
  return provider === 'external' ? undefined : cloudFacts(provider);
}

/** The texts of all clouds on something, without repetition: `AWS`. */
export function inClouds(text: (cloud: CloudFacts) => string, separator: string): string {
  return [...new Set(cloudNames.map((name) => text(cloudFacts(name))))].join(separator);
}

/** Most that one flow between two regions gets, and so one tunnel, Mbps; Infinity: two sites. */
export function mostFlowMbps(...ends: readonly Pick<Located, 'provider'>[]): number {
  return Math.min(...ends.map((end) => tryCloudOf(end)?.mostFlowMbps ?? Infinity));
}

/** The place of this code, with its cloud. */
export function tryPlace(code: string): { readonly cloud: CloudName; readonly place: Place } | undefined {
  for (const cloud of cloudNames) {
    const place = cloudFacts(cloud).places.get(code);
    if (place) return { cloud, place };
  }
  return undefined;
}

/** When the prices of all clouds held. */
export const pricesAsOf = inClouds((cloud) => cloud.pricesAsOf, '; ');

/** Measured round trip, ms; undefined: two clouds or sites, or a pair that nobody measured. */
export function tryMeasuredRttMs(from: Located, to: Located): number | undefined {
  return tryWithin(from, to, (cloud, a, b) => cloud.tryRttMs(a, b));
}

/** List price of traffic, USD per GB; null: two clouds or sites, or not known. */
export function transferPriceUsdPerGb(from: Located, to: Located): number | null {
  return tryWithin(from, to, (cloud, a, b) => cloud.transferPriceUsdPerGb(a, b)) ?? null;
}

function tryWithin<T>(
  from: Located,
  to: Located,
  ask: (cloud: CloudFacts, from: string, to: string) => T,
): T | undefined {
  const cloud = from.provider === to.provider ? tryCloudOf(from) : undefined;
  return cloud && from.place !== null && to.place !== null ? ask(cloud, from.place, to.place) : undefined;
}

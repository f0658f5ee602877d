import type { FileAttributes } from './read-graphml';

/**
 * The names under which tools keep what a network needs, in lower case, the usual one first: ours, those of
 * the Internet Topology Zoo, and those of NetworkX and Gephi examples.
 */
const names = {
  label: ['label', 'name'],
  place: ['place', 'region', 'awsregion'],
  lat: ['lat', 'latitude'],
  lon: ['lon', 'longitude', 'lng', 'long'],
  country: ['country', 'countrycode'],
  city: ['city'],
  endpoint: ['endpoint'],
  bandwidthMbps: ['bandwidthmbps', 'bandwidth', 'capacitymbps', 'capacity'],
  bandwidthBps: ['linkspeedraw', 'bandwidthbps', 'bps'],
  latencyMs: ['latencyms', 'latency', 'delayms', 'delay'],
  rttMs: ['rttms', 'rtt'],
  costPerGbUsd: ['costpergbusd'],
  lossRatio: ['lossratio'],
  availabilityRatio: ['availabilityratio'],
  utilisationRatio: ['utilisationratio'],
  metric: ['metric', 'igpmetric'],
} as const;

export type KnownAttribute = keyof typeof names;

/** Attributes by their usual names, whatever their case. */
export interface KnownAttributes {
  /** undefined: there is none. */
  text(attribute: KnownAttribute): string | undefined;
  /** undefined: there is none, or it is not a number. */
  number(attribute: KnownAttribute): number | undefined;
}

export function knownAttributes(attributes: FileAttributes): KnownAttributes {
  const lower = new Map(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), value]));
  const text = (attribute: KnownAttribute) => {
    const found = names[attribute].map((name) => lower.get(name)).find((value) => value !== undefined);
    return found === undefined ? undefined : String(found);
  };
  return {
    text,
    number(attribute) {
      const given = text(attribute);
      const value = given === undefined || given.trim() === '' ? NaN : Number(given);
      return Number.isFinite(value) ? value : undefined;
    },
  };
}

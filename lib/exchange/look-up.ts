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

/** The text of an attribute under any of its usual names, whatever their case; undefined without one. */
export function lookUp(attributes: FileAttributes, attribute: keyof typeof names): string | undefined {
  const lower = new Map(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), value]));
  const found = names[attribute].map((name) => lower.get(name)).find((value) => value !== undefined);
  return found === undefined ? undefined : String(found);
}

/** The same as a number; undefined too if it is not one. */
export function lookUpNumber(attributes: FileAttributes, attribute: keyof typeof names): number | undefined {
  const text = lookUp(attributes, attribute);
  const value = text === undefined || text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

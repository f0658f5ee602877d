import {
  cloudFacts,
  cloudNames,
  type CloudFacts,
  type Quota,
  type QuotaUse,
  type RegionUsage,
} from '../catalog';
import { isIpv4Prefix } from '../net';
import type { NetworkDescription } from './description';
import type { Link, Region } from './network';
import type { Reporter } from './reporter';

/**
 * Reports every quota that the network would break: what it needs, the limit, who says so and when. Between
 * what is sure and what the newest source says it warns.
 */
export function checkQuotas(
  description: NetworkDescription,
  regions: readonly Region[],
  links: readonly Link[],
  reporter: Reporter,
): void {
  const raised = readRaised(description, reporter);
  const limitOf = ({ name, limit }: Quota) => raised.get(name) ?? limit;
  const usages = usagesOf(regions, links, description.operations);
  for (const name of cloudNames) {
    const cloud = cloudFacts(name);
    const here = regions.filter((r) => r.provider === name).map(({ id }) => usages.get(id)!);
    for (const use of cloud.quotaUses({ regions: here, limitOf })) {
      const path = ['regions', use.region];
      if ('message' in use) reporter.error('quota-exceeded', path, use.message, use.next);
      else reportUse(use, cloud, raised.get(use.quota.name), reporter);
    }
  }
}

/** @param given the limit as the description raises it; undefined: it does not. */
function reportUse(
  { region, quota, used, what }: QuotaUse,
  cloud: CloudFacts,
  given: number | undefined,
  reporter: Reporter,
): void {
  const { name, sureLimit, source, asOf } = quota;
  const limit = given ?? quota.limit;
  const path = ['regions', region];
  const needs = `needs ${used} ${what}; the quota '${name}' is ${limit}`;
  if (used > limit) {
    const says = given === undefined ? `${source}, ${asOf}` : 'as given';
    const next = `raise it with ${cloud.title} and say so: quotas: { '${name}': ${used} }`;
    reporter.error('quota-exceeded', path, `${needs} (${says})`, next);
  } else if (given === undefined && used > sureLimit) {
    const next = `look it up in ${cloud.quotaPlace} and say so: quotas: { '${name}': ${limit} }`;
    reporter.warn('quota-unsure', path, `${needs}, or ${sureLimit} (${source}, ${asOf})`, next);
  }
}

/** The use that each region makes of its cloud's account, by region id. */
function usagesOf(
  regions: readonly Region[],
  links: readonly Link[],
  operations: NetworkDescription['operations'],
): ReadonlyMap<string, RegionUsage> {
  const served = operations !== undefined && (operations.api !== false || operations.metrics !== undefined);
  const all = regions.reduce((sum, region) => sum + networksOf(region), 0);
  const countOf = new Map(regions.map((r) => [r.id, r.gatewayCount]));
  const [tunnels, tunnelsOfFirst] = [new Map<string, number>(), new Map<string, number>()];
  const add = (to: Map<string, number>, id: string, n: number) => to.set(id, (to.get(id) ?? 0) + n);
  for (const { a, b } of links) {
    const planes = Math.max(countOf.get(a)!, countOf.get(b)!);
    for (const id of [a, b]) {
      add(tunnels, id, planes);
      add(tunnelsOfFirst, id, Math.ceil(planes / countOf.get(id)!));
    }
  }
  return new Map(
    regions.map((region) => {
      const { id, gatewayCount: own } = region;
      // To the pool of all gateways, and to each of two own ones.
      const toGateways = served ? 1 + (own > 1 ? own : 0) : 0;
      const usage: RegionUsage = {
        id,
        place: region.place ?? '',
        gatewayCount: own,
        madeNetwork: region.vpc === null,
        routes: all - networksOf(region) + toGateways,
        prefixes: networksOf(region) - 1,
        tunnels: tunnels.get(id) ?? 0,
        tunnelsOfFirst: tunnelsOfFirst.get(id) ?? 0,
      };
      return [id, usage];
    }),
  );
}

/** A region's block and IPv4 prefixes: others have a route to each. Workload networks are IPv4. */
function networksOf({ prefixes }: Region): number {
  return 1 + prefixes.filter(isIpv4Prefix).length;
}

/** The raised quotas by name; what names none that is checked, or gives no limit, is reported. */
function readRaised(description: NetworkDescription, reporter: Reporter): ReadonlyMap<string, number> {
  const names = cloudNames.flatMap((name) => cloudFacts(name).quotas.map((quota) => quota.name));
  const raised = new Map<string, number>();
  for (const [name, limit] of Object.entries(description.quotas ?? {})) {
    const path = ['quotas', name];
    if (!names.includes(name)) {
      const near = reporter.nearest(name, names);
      const next = near ? `did you mean '${near}'?` : `checked are: ${names.join('; ')}`;
      reporter.error('unknown-quota', path, `no quota '${name}' is checked`, next);
    } else if (!Number.isInteger(limit) || limit < 1)
      reporter.error('bad-number', path, `${limit} is not a limit`, 'give a whole number of 1 or more');
    else raised.set(name, limit);
  }
  return raised;
}

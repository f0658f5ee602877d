import { mostRulesOfInterface, ownRules, quotas, tunnelsPerGroup, type Quota } from '../catalog';
import { isIpv4Prefix } from '../net';
import { count } from '../units';
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
  const over = (region: string, quota: Quota, used: number, what: string) => {
    const { name, sureLimit, source, asOf } = quota;
    const limit = limitOf(quota);
    const given = raised.has(name);
    const path = ['regions', region];
    const raise = `quotas: { '${name}': ${used} }`;
    if (used > limit) {
      const says = given ? 'as given' : `${source}, ${asOf}`;
      const message = `needs ${used} ${what}; the quota '${name}' is ${limit} (${says})`;
      reporter.error('quota-exceeded', path, message, `raise it with AWS and say so: ${raise}`);
    } else if (!given && used > sureLimit) {
      const message = `needs ${used} ${what}; the quota '${name}' is ${limit}, or ${sureLimit} (${source}, ${asOf})`;
      const next = `look it up in Service Quotas of each region and say so: ${raise.replace(/\d+ }$/, `${limit} }`)}`;
      reporter.warn('quota-unsure', path, message, next);
    }
  };
  const aws = regions.filter((r) => r.provider === 'aws');
  for (const place of new Set(aws.map((r) => r.place))) {
    const here = aws.filter((r) => r.place === place);
    const last = here[here.length - 1].id;
    const gateways = here.reduce((sum, r) => sum + r.gatewayCount, 0);
    over(last, quotas.elasticIps, gateways, `Elastic IPs in ${place}`);
    over(last, quotas.vpcs, here.filter((r) => r.vpc === null).length, `VPCs in ${place}`);
  }
  // Tables differ by what is a region's own alone: one report, of the fullest.
  const routes = routesOf(regions, description.operations);
  const most = Math.max(...aws.map((r) => routes.get(r.id)!));
  const fullest = aws.find((r) => routes.get(r.id) === most);
  if (fullest) {
    const alike = aws.every((r) => routes.get(r.id) === most);
    const others = alike ? 'as every region does' : 'more than other regions';
    over(fullest.id, quotas.routes, most, `routes in its route tables, ${others}`);
  }
  const countOf = new Map(regions.map((r) => [r.id, r.gatewayCount]));
  const tunnels = new Map<string, number>();
  // Those of its first gateway, which has as many as the second, or more.
  const ofGateway = new Map<string, number>();
  for (const { a, b } of links)
    for (const id of [a, b]) {
      const planes = Math.max(countOf.get(a)!, countOf.get(b)!);
      tunnels.set(id, (tunnels.get(id) ?? 0) + planes);
      ofGateway.set(id, (ofGateway.get(id) ?? 0) + Math.ceil(planes / countOf.get(id)!));
    }
  const groups = limitOf(quotas.groups);
  for (const { id, prefixes } of aws) {
    const behind = prefixes.filter(isIpv4Prefix).length;
    if (behind > 0) {
      const first = ownRules + Math.min(tunnelsPerGroup, ofGateway.get(id) ?? 0) + behind;
      const what = `rules in the first security group of a gateway, with ${count(behind, 'prefix', 'prefixes')}`;
      over(id, quotas.rules, first, what);
    }
    const needed = tunnels.get(id) ?? 0;
    if (needed > mostRulesOfInterface) {
      const message = `needs ${needed} rules for its tunnels; all security groups of an interface have ${mostRulesOfInterface} at most`;
      reporter.error(
        'quota-exceeded',
        ['regions', id],
        message,
        'join it to fewer regions: AWS raises no more',
      );
    } else if (needed > groups * limitOf(quotas.rules))
      over(id, quotas.rules, Math.ceil(needed / groups), 'rules in each of its security groups');
  }
}

/**
 * Routes in each route table of a region: one for every block and IPv4 prefix of the other regions, a
 * default route and the local one. Where operators get in, one to the pool of all gateways, and one for each
 * of two own ones. Workload VPCs are IPv4.
 */
function routesOf(
  regions: readonly Region[],
  operations: NetworkDescription['operations'],
): ReadonlyMap<string, number> {
  const served = operations !== undefined && (operations.api !== false || operations.metrics !== undefined);
  const toGateways = ({ gatewayCount: n }: Region) => (served ? 1 + (n > 1 ? n : 0) : 0);
  const extra = new Map(regions.map((r) => [r.id, toGateways(r)]));
  const own = regions.map((r) => [r.id, 1 + r.prefixes.filter(isIpv4Prefix).length] as const);
  const all = own.reduce((sum, [, n]) => sum + n, 0);
  return new Map(own.map(([id, n]) => [id, all - n + 2 + extra.get(id)!]));
}

/** The raised quotas by name; what names none that is checked, or gives no limit, is reported. */
function readRaised(description: NetworkDescription, reporter: Reporter): ReadonlyMap<string, number> {
  const names = Object.values(quotas).map((q) => q.name);
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

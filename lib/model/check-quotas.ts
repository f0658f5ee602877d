import { quotas } from '../catalog';
import { nearest } from '../diagnostics';
import type { NetworkDescription } from './description';
import type { Link, Region } from './network';
import type { Reporter } from './reporter';

/**
 * Quotas the planner checks: what it would use of them, by the name that stands in `quotas` of a
 * description.
 */
export const checkedQuotas = {
  elasticIps: 'vpc: Elastic IPs per region',
  vpcs: 'vpc: VPCs per region',
  routes: 'vpc: routes per route table',
  groups: 'vpc: security groups per ENI',
  rules: 'vpc: rules per security group each direction',
} as const;

/** The limit of a quota: raised in the description, or the catalog's default. */
export function quotaOf(raised: Readonly<Record<string, number>>, name: string): number {
  const entry = quotas.find((q) => `${q.service}: ${q.name}` === name);
  return raised[name] ?? entry?.limit ?? Infinity;
}

/** Reports every quota that the network would break, with the number and the limit. */
export function checkQuotas(
  description: NetworkDescription,
  regions: readonly Region[],
  links: readonly Link[],
  reporter: Reporter,
): void {
  const given = description.quotas ?? {};
  const names = quotas.map((q) => `${q.service}: ${q.name}`);
  const raised: Record<string, number> = {};
  for (const [name, limit] of Object.entries(given)) {
    if (!names.includes(name)) {
      const near = nearest(name, names);
      reporter.error(
        'unknown-quota',
        ['quotas', name],
        `unknown quota '${name}'`,
        near ? `did you mean '${near}'?` : `checked are: ${Object.values(checkedQuotas).join('; ')}`,
      );
    } else if (!Number.isInteger(limit) || limit < 1) {
      reporter.error(
        'bad-number',
        ['quotas', name],
        `${limit} is no limit`,
        'give a whole number of 1 or more',
      );
    } else raised[name] = limit;
  }
  const over = (region: string, name: string, used: number, what: string) => {
    const limit = quotaOf(raised, name);
    if (used <= limit) return;
    const next = `raise it with AWS and say so: quotas: { '${name}': ${used} }`;
    reporter.error(
      'quota-exceeded',
      ['regions', region],
      `needs ${used} ${what}; the quota '${name}' is ${limit}`,
      next,
    );
  };
  const aws = regions.filter((r) => r.provider === 'aws');
  const places = [...new Set(aws.map((r) => r.place))];
  for (const place of places) {
    const here = aws.filter((r) => r.place === place);
    const last = here[here.length - 1].id;
    over(
      last,
      checkedQuotas.elasticIps,
      here.reduce((sum, r) => sum + r.gatewayCount, 0),
      `Elastic IPs in ${place}`,
    );
    over(last, checkedQuotas.vpcs, here.filter((r) => r.vpc === null).length, `VPCs in ${place}`);
  }
  const groups = quotaOf(raised, checkedQuotas.groups) * quotaOf(raised, checkedQuotas.rules);
  // A default route and the local one stand in every table beside the remote blocks. All tables are alike:
  // one report.
  if (aws.length > 0)
    over(
      aws[0].id,
      checkedQuotas.routes,
      regions.length - 1 + 2,
      'routes in its route tables, as every region does',
    );
  for (const region of aws) {
    const tunnels = links
      .filter((l) => l.a === region.id || l.b === region.id)
      .reduce(
        (sum, l) => sum + Math.max(...[l.a, l.b].map((id) => regions.find((r) => r.id === id)!.gatewayCount)),
        0,
      );
    if (tunnels > groups)
      over(
        region.id,
        checkedQuotas.rules,
        Math.ceil(tunnels / quotaOf(raised, checkedQuotas.groups)),
        'rules in each of its security groups',
      );
  }
}

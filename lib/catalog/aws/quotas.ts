import { count } from '../../units';
import type { BrokenLimit, NetworkUsage, Quota, QuotaUse } from '../quota';

const guide = 'Amazon VPC User Guide, quotas';

const quotas = {
  elasticIps: quota('vpc: Elastic IPs per region', 5, guide),
  vpcs: quota('vpc: VPCs per region', 5, guide),
  routes: {
    name: 'vpc: routes per route table',
    limit: 500,
    sureLimit: 50,
    source:
      "AWS's announcement of June 2025; 50 before, in its guide and in accounts with a lower one applied",
    asOf: '2026-11',
  },
  groups: quota('vpc: security groups per ENI', 5, guide),
  rules: quota('vpc: rules per security group each direction', 60, guide),
} as const satisfies Readonly<Record<string, Quota>>;

/** Every quota that is checked; what nobody checks is not here. */
export const awsQuotas: readonly Quota[] = Object.values(quotas);

/**
 * Tunnels whose rules stand in one security group. It takes 60 rules each way; an IPsec tunnel needs two, and
 * the first group has other rules beside.
 */
export const tunnelsPerGroup = 28;

/** Outward rules of a gateway's first security group beside tunnels and prefixes: own block, HTTP, HTTPS. */
const ownRules = 3;

/** Routes of each table beside those to other regions and to gateways: the default and the local one. */
const ownRoutes = 2;

/** Security groups of an interface times rules of a group: AWS raises neither beyond (the same guide). */
const mostRulesOfInterface = 1000;

function quota(name: string, limit: number, source: string): Quota {
  return { name, limit, sureLimit: limit, source, asOf: '2026-11' };
}

/** The needs of the regions in AWS: by place, then routes of the fullest, then rules region by region. */
export function awsQuotaUses({ regions, limitOf }: NetworkUsage): (QuotaUse | BrokenLimit)[] {
  const uses: (QuotaUse | BrokenLimit)[] = [];
  const use = (region: string, of: Quota, used: number, what: string) =>
    uses.push({ region, quota: of, used, what });
  for (const place of new Set(regions.map((r) => r.place))) {
    const here = regions.filter((r) => r.place === place);
    const last = here[here.length - 1].id;
    const gateways = here.reduce((sum, r) => sum + r.gatewayCount, 0);
    use(last, quotas.elasticIps, gateways, `Elastic IPs in ${place}`);
    use(last, quotas.vpcs, here.filter((r) => r.madeNetwork).length, `VPCs in ${place}`);
  }
  // Tables differ by what is a region's own alone: one report, of the fullest.
  const most = Math.max(...regions.map((r) => r.routes));
  const fullest = regions.find((r) => r.routes === most);
  if (fullest) {
    const alike = regions.every((r) => r.routes === most);
    const others = alike ? 'as every region does' : 'more than other regions';
    use(fullest.id, quotas.routes, most + ownRoutes, `routes in its route tables, ${others}`);
  }
  const groups = limitOf(quotas.groups);
  for (const { id, prefixes, tunnels, tunnelsOfFirst } of regions) {
    if (prefixes > 0) {
      const first = ownRules + Math.min(tunnelsPerGroup, tunnelsOfFirst) + prefixes;
      const behind = count(prefixes, 'prefix', 'prefixes');
      use(id, quotas.rules, first, `rules in the first security group of a gateway, with ${behind}`);
    }
    if (tunnels > mostRulesOfInterface)
      uses.push({
        region: id,
        message: `needs ${tunnels} rules for its tunnels; all security groups of an interface have ${mostRulesOfInterface} at most`,
        next: 'join it to fewer regions: AWS raises no more',
      });
    else if (tunnels > groups * limitOf(quotas.rules))
      use(id, quotas.rules, Math.ceil(tunnels / groups), 'rules in each of its security groups');
  }
  return uses;
}

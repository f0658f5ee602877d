/** A default quota of an AWS account that the planner checks. */
export interface Quota {
  /** The name that a description raises it by: service, colon, what. */
  readonly name: string;
  /** What the newest source says. */
  readonly limit: number;
  /** What every source and every account gives at least; between it and `limit` nobody can be sure. */
  readonly sureLimit: number;
  /** Who says so. */
  readonly source: string;
  /** When it was looked up: year and month. */
  readonly asOf: string;
}

const guide = 'Amazon VPC User Guide, quotas';

/** Every quota that is checked; what nobody checks is not here. */
export const quotas = {
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

/**
 * Tunnels whose rules stand in one security group. It takes 60 rules each way; an IPsec tunnel needs two, and
 * the first group has other rules beside.
 */
export const tunnelsPerGroup = 28;

/** Outward rules of a gateway's first security group beside tunnels and prefixes: own block, HTTP, HTTPS. */
export const ownRules = 3;

/** Security groups of an interface times rules of a group: AWS raises neither beyond (the same guide). */
export const mostRulesOfInterface = 1000;

function quota(name: string, limit: number, source: string): Quota {
  return { name, limit, sureLimit: limit, source, asOf: '2026-11' };
}

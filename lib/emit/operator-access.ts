import { contains, parsePrefix } from '../net';
import type { PlanDocument, PlannedRegion } from '../plan';
import { vpcPrefixes } from './aws-names';

/** A route in each table of a region by which operators reach gateways. */
export interface OperatorRoute {
  /** Behind `<table>-to-` in the construct's id. */
  readonly name: string;
  readonly destination: string;
  /** Number of the gateway that it leads to; null: the one that the table is at home at. */
  readonly gateway: number | null;
}

/** Are gateways reached by their overlay addresses? */
export function servesOverlay({ operations }: Pick<PlanDocument, 'operations'>): boolean {
  return operations !== undefined && (operations.api || operations.metrics !== null);
}

/**
 * The overlay addresses of all gateways lie in one pool: one route leads there. Where a region has two
 * gateways, each has a route of its own, since no tunnel joins them.
 */
export function operatorRoutes(
  plan: Pick<PlanDocument, 'operations' | 'pools' | 'gateways'>,
  region: Pick<PlannedRegion, 'id'>,
): readonly OperatorRoute[] {
  if (!servesOverlay(plan)) return [];
  const own = plan.gateways.filter((gateway) => gateway.region === region.id);
  return [
    { name: 'operators', destination: plan.pools.gateways, gateway: null },
    ...(own.length < 2 ? [] : own).map(({ number, ipv4 }) => {
      return { name: `operators-${number}`, destination: `${ipv4}/32`, gateway: number };
    }),
  ];
}

/** IPv4 prefixes of those who scrape that no other rule of a region's security groups admits. */
export function outsideScrapers(
  { operations }: Pick<PlanDocument, 'operations'>,
  region: PlannedRegion,
): readonly string[] {
  const admitted = [region.ipv4Block, ...vpcPrefixes(region)].map(parsePrefix);
  return (operations?.metrics?.from ?? []).filter((text) => {
    const prefix = parsePrefix(text);
    return prefix.family === 4 && !admitted.some((own) => contains(own, prefix));
  });
}

/**
 * What an SSM agent needs to be seen and to run commands. AmazonSSMManagedInstanceCore grants more: it reads
 * every parameter and document of the account.
 */
export const systemsManagerActions: readonly string[] = [
  'ec2messages:AcknowledgeMessage',
  'ec2messages:DeleteMessage',
  'ec2messages:FailMessage',
  'ec2messages:GetEndpoint',
  'ec2messages:GetMessages',
  'ec2messages:SendReply',
  'ssm:UpdateInstanceInformation',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
];

import type { Confidence } from './aws-managed-prices';

/**
 * A default quota of an AWS account. `limit` is null where the quota is no number.
 */
export interface Quota {
  readonly service: string;
  readonly name: string;
  readonly limit: number | null;
  readonly text: string;
  readonly adjustable: string;
  readonly confidence: Confidence;
}

/** Default quotas, 2026. One row: service, name, default, adjustable, confidence. */
export const quotasAsOf = '2026';

const rows: readonly (readonly [string, string, number | string, string, Confidence])[] = [
  ['tgw', 'transit gateways per account per region', 5, 'yes', 'high'],
  ['tgw', 'route tables per TGW', 20, 'yes', 'high'],
  ['tgw', 'combined routes over all tables of one TGW', 10000, 'via account team', 'high'],
  ['tgw', 'static routes for one prefix to one attachment', 1, 'no', 'high'],
  ['tgw', 'attachments per TGW', 5000, 'yes', 'high'],
  ['tgw', 'TGWs per VPC', 5, 'no', 'high'],
  ['tgw', 'peering attachments per TGW', 50, 'yes', 'high'],
  ['tgw', 'pending peering attachments per TGW', 10, 'yes', 'high'],
  ['tgw', 'peering attachments between one pair of TGWs (or TGW and CNE)', 1, 'no', 'high'],
  ['tgw', 'bandwidth per VPC attachment per AZ (Gbps each way)', 100, 'via account team', 'high'],
  ['tgw', 'bandwidth per peering or DX attachment per AZ (Gbps each way)', 100, 'via account team', 'high'],
  ['tgw', 'packets per second per attachment per AZ', 7500000, 'via account team', 'high'],
  ['tgw', 'Connect peers per Connect attachment', 4, 'no', 'high'],
  ['tgw', 'bandwidth per Connect peer GRE (Gbps)', 5, 'no', 'high'],
  ['tgw', 'MTU VPC/DX/Connect/peering (bytes)', 8500, 'no', 'high'],
  ['tgw', 'MTU VPN (bytes)', 1500, 'no', 'high'],
  ['tgw', 'PMTUD on VPN DX and peering attachments', 'unsupported', 'no', 'high'],
  ['vpn', 'bandwidth per standard tunnel (Gbps)', 1.25, 'no', 'high'],
  ['vpn', 'packets per second per standard tunnel', 140000, 'no', 'high'],
  ['vpn', 'bandwidth per large-bandwidth tunnel on TGW or Cloud WAN (Gbps)', 5, 'no', 'medium'],
  ['vpn', 'packets per second per large-bandwidth tunnel', 400000, 'no', 'medium'],
  ['vpn', 'tunnels per connection', 2, 'no', 'high'],
  ['vpn', 'ECMP', 'requires BGP and TGW with vpn_ecmp_support', 'no', 'high'],
  ['vpn', 'routes advertised CGW to AWS on TGW', 1000, 'no', 'high'],
  ['vpn', 'routes advertised AWS to CGW on TGW', 5000, 'no', 'high'],
  ['cloudwan', 'core networks per global network', 1, 'no', 'high'],
  ['cloudwan', 'edges per region per core network', 1, 'no', 'high'],
  ['cloudwan', 'segments per core network', 40, 'no', 'high'],
  ['cloudwan', 'core network policy size (MB)', 1, 'no', 'high'],
  ['cloudwan', 'policy versions kept', 10000, 'yes', 'high'],
  ['cloudwan', 'attachments per core network', 5000, 'yes', 'high'],
  ['cloudwan', 'core network attachments per VPC', 5, 'no', 'high'],
  ['cloudwan', 'TGW peers', 50, 'yes', 'high'],
  ['cloudwan', 'routes per core network over all segments', 10000, 'no', 'high'],
  ['cloudwan', 'bandwidth per VPC attachment per AZ (Gbps)', 100, 'via account team', 'high'],
  ['vpc', 'VPCs per region', 5, 'yes', 'high'],
  ['vpc', 'subnets per VPC', 200, 'yes', 'high'],
  ['vpc', 'IPv4 CIDR blocks per VPC', 5, 'yes to 50', 'high'],
  ['vpc', 'routes per route table', '50 in older docs; 500 in a 2026 quota listing', 'yes to 1000', 'low'],
  ['vpc', 'active VPC peerings per VPC', 50, 'yes to 125', 'medium'],
  ['vpc', 'internet gateways per region', 5, 'yes', 'high'],
  ['vpc', 'Elastic IPs per region', 5, 'yes', 'high'],
  ['vpc', 'security groups per ENI', 5, 'yes to 16', 'medium'],
  ['vpc', 'rules per security group each direction', 60, 'yes', 'medium'],
  ['ec2', 'single flow outside a cluster placement group (Gbps)', 5, 'no', 'high'],
  ['ec2', 'multi-flow through an IGW with fewer than 32 vCPU (Gbps)', 5, 'no', 'high'],
  [
    'ec2',
    'multi-flow through an IGW with 32 or more vCPU',
    'larger of 5 Gbps and 50 percent of instance bandwidth',
    'no',
    'high',
  ],
  ['ec2', 'user_data raw size before base64 (KiB)', 16, 'no', 'high'],
  ['ssm', 'standard parameter value (KB)', 4, 'advanced tier 8', 'high'],
  ['secretsmanager', 'secret value (KB)', 64, 'no', 'high'],
];

/** All quotas; a text such as `50 in older docs` counts with its leading number. */
export const quotas: readonly Quota[] = rows.map(([service, name, value, adjustable, confidence]) => ({
  service,
  name,
  limit: typeof value === 'number' ? value : /^\d+/.test(value) ? parseInt(value, 10) : null,
  text: String(value),
  adjustable,
  confidence,
}));

/** @throws RangeError if the catalog has no such quota with a number. */
export function quotaLimit(service: string, name: string): number {
  const quota = quotas.find((q) => q.service === service && q.name === name);
  if (quota?.limit === null || quota === undefined) throw new RangeError(`no quota '${service}: ${name}'`);
  return quota.limit;
}

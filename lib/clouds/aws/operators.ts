import { contains, parsePrefix } from '../../net';
import type { PlanDocument, PlannedRegion } from '../../plan';
import { vpcPrefixes } from './names';

/** IPv4 prefixes of scrapers that no other rule of a region's security groups admits. */
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
 * The rights that an SSM agent needs to be seen and to run commands. AmazonSSMManagedInstanceCore grants
 * more: it reads every parameter and document of the account.
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

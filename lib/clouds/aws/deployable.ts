import { problem, type Diagnostic } from '../../diagnostics';
import { tunnelsPerGroup } from '../../catalog/aws/quotas';
import { parsePrefix } from '../../net';
import type { PlanDocument } from '../../plan';
import { mostGroups, securityGroupOf } from './rules';
import { mostSharedTables, sharedTables } from '../../gateway';
import { longestVpcBlock } from './subnets';

/** Reports the parts of a plan that AWS does not take, or not as we build it. */
export function checkDeployable(plan: PlanDocument): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const region of plan.regions) {
    if (region.provider === 'external' && region.endpoint?.includes(':')) {
      const message = `gateways in AWS have IPv4 addresses only and cannot reach ${region.endpoint}`;
      const path = `regions.${region.id}.external.endpoint`;
      found.push(problem('endpoint-ipv6', path, message, 'give its IPv4 address'));
    }
    if (region.provider !== 'aws') continue;
    const tables = sharedTables(plan, region).length;
    if (tables > mostSharedTables) {
      const message = `has ${tables} route tables for two gateways to take over from each other`;
      const next = `name ${mostSharedTables} at most: an IAM role's inline policy holds no more`;
      found.push(problem('too-many-tables', `regions.${region.id}.vpc.routeTables`, message, next));
    }
    if (region.vpc) continue;
    if (parsePrefix(region.ipv4Block).length > longestVpcBlock) {
      const message = `${region.ipv4Block} is too small for two public and two private subnets`;
      const next = `give a /${longestVpcBlock} or larger, or use a VPC of yours`;
      found.push(problem('block-too-small', `regions.${region.id}.block`, message, next));
    }
  }
  const ends = plan.tunnels.flatMap((tunnel) => tunnel.ends);
  const tooMany = new Set(ends.filter((end) => securityGroupOf(end) > mostGroups).map((end) => end.gateway));
  for (const gateway of [...tooMany].sort()) {
    const region = gateway.split('/')[0];
    if (plan.regions.find((r) => r.id === region)?.provider !== 'aws') continue;
    const message = `gateway ${gateway} has more than ${mostGroups * tunnelsPerGroup} tunnels`;
    found.push(
      problem(
        'too-many-tunnels',
        `regions.${region}`,
        message,
        `join it to fewer regions: ${mostGroups} security groups admit no more`,
      ),
    );
  }
  return found;
}

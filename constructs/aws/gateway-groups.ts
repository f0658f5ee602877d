import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { Construct } from 'constructs';
import type { PlannedGateway } from '../../lib/plan';
import { tagsOf, type RegionScope } from './region-scope';
import { securityGroupOf, tunnelsOf } from '../../lib/emit/aws-rules';

/**
 * A gateway's security groups, by number. The first lets in and out what belongs to the region itself, and
 * out to the Debian mirrors and the AWS APIs; name service, time and metadata pass without a rule. There is
 * no SSH.
 */
export function createGatewayGroups(
  scope: RegionScope,
  construct: Construct,
  gateway: PlannedGateway,
  vpcId: string,
): ReadonlyMap<number, SecurityGroup> {
  const { place: region } = scope;
  const used = tunnelsOf(scope.plan.tunnels, gateway.id).map(({ own }) => securityGroupOf(own));
  const numbers = [...new Set([1, ...used])].sort((a, b) => a - b);
  const groups = new Map(
    numbers.map((number) => {
      const suffix = number === 1 ? '' : `-${number}`;
      const group = new SecurityGroup(construct, `security-group${suffix}`, {
        region,
        vpcId,
        name: `${scope.prefix}-${gateway.number}${suffix}`,
        description: `dwcp gateway ${gateway.id}`,
        tags: tagsOf(scope, `${gateway.number}${suffix}`),
      });
      return [number, group];
    }),
  );
  const securityGroupId = groups.get(1)!.id;
  const ownBlock = {
    region,
    securityGroupId,
    cidrIpv4: scope.region.ipv4Block,
    ipProtocol: '-1',
    description: 'workloads of this region',
    tags: tagsOf(scope, 'own-block'),
  };
  new VpcSecurityGroupIngressRule(construct, 'in-own-block', ownBlock);
  new VpcSecurityGroupEgressRule(construct, 'out-own-block', ownBlock);
  for (const [name, port] of [
    ['https', 443],
    ['http', 80],
  ] as const) {
    new VpcSecurityGroupEgressRule(construct, `out-${name}`, {
      region,
      securityGroupId,
      cidrIpv4: '0.0.0.0/0',
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description: name === 'https' ? 'S3 and Secrets Manager' : 'Debian mirrors',
      tags: tagsOf(scope, name),
    });
  }
  return groups;
}

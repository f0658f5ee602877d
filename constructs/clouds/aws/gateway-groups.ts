import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { Construct } from 'constructs';
import type { PlannedGateway } from '../../../lib/plan';
import { tagsOf, type RegionScope } from './region-scope';
import { groupDescription, groupName, prefixName, vpcPrefixes } from '../../../lib/clouds/aws/names';
import { securityGroupOf, tunnelsOf } from '../../../lib/clouds/aws/rules';
import { outsideScrapers } from '../../../lib/clouds/aws/operators';

/** A gateway's security groups, by number, and what the first admits apart from tunnels. */
export interface GatewayGroups {
  readonly groups: ReadonlyMap<number, SecurityGroup>;
  readonly ownBlockIngress: VpcSecurityGroupIngressRule;
  readonly ownBlockEgress: VpcSecurityGroupEgressRule;
  /** By own IPv4 prefix. */
  readonly prefixIngress: ReadonlyMap<string, VpcSecurityGroupIngressRule>;
  readonly prefixEgress: ReadonlyMap<string, VpcSecurityGroupEgressRule>;
  readonly httpsEgress: VpcSecurityGroupEgressRule;
  readonly httpEgress: VpcSecurityGroupEgressRule;
}

/**
 * A gateway's security groups. The first lets in and out what belongs to the region itself, and
 * out to the Debian mirrors and the AWS APIs; name service, time and metadata pass without a rule. There is
 * no SSH.
 */
export function createGatewayGroups(
  scope: RegionScope,
  construct: Construct,
  gateway: PlannedGateway,
  vpcId: string,
): GatewayGroups {
  const { place: region } = scope;
  const used = tunnelsOf(scope.plan.tunnels, gateway.id).map(({ own }) => securityGroupOf(own));
  const numbers = [...new Set([1, ...used])].sort((a, b) => a - b);
  const groups = new Map(
    numbers.map((number) => {
      const suffix = number === 1 ? '' : `-${number}`;
      const group = new SecurityGroup(construct, `security-group${suffix}`, {
        region,
        vpcId,
        name: groupName(scope.plan, scope.region, gateway, number),
        description: groupDescription(gateway),
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
  const behind = vpcPrefixes(scope.region).map((prefix) => {
    const name = prefixName(prefix);
    const description = 'networks behind this region';
    const tags = tagsOf(scope, `prefix-${name}`);
    return { prefix, name, rule: { ...ownBlock, cidrIpv4: prefix, description, tags } };
  });
  const out = (name: string, port: number, description: string) =>
    new VpcSecurityGroupEgressRule(construct, `out-${name}`, {
      region,
      securityGroupId,
      cidrIpv4: '0.0.0.0/0',
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description,
      tags: tagsOf(scope, name),
    });
  for (const prefix of outsideScrapers(scope.plan, scope.region)) {
    const { port } = scope.plan.operations!.metrics!;
    const name = `metrics-${prefixName(prefix)}`;
    new VpcSecurityGroupIngressRule(construct, `in-${name}`, {
      region,
      securityGroupId,
      cidrIpv4: prefix,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description: 'those who scrape metrics',
      tags: tagsOf(scope, name),
    });
  }
  return {
    groups,
    ownBlockIngress: new VpcSecurityGroupIngressRule(construct, 'in-own-block', ownBlock),
    ownBlockEgress: new VpcSecurityGroupEgressRule(construct, 'out-own-block', ownBlock),
    prefixIngress: new Map(
      behind.map(({ prefix, name, rule }) => [
        prefix,
        new VpcSecurityGroupIngressRule(construct, `in-prefix-${name}`, rule),
      ]),
    ),
    prefixEgress: new Map(
      behind.map(({ prefix, name, rule }) => [
        prefix,
        new VpcSecurityGroupEgressRule(construct, `out-prefix-${name}`, rule),
      ]),
    ),
    httpsEgress: out('https', 443, 'S3 and Secrets Manager'),
    httpEgress: out('http', 80, 'Debian mirrors'),
  };
}

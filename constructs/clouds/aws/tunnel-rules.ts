import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { Construct } from 'constructs';
import { securityGroupOf, tunnelsOf } from '../../../lib/clouds/aws/rules';
import type { PlannedGateway, TunnelEnd } from '../../../lib/plan';
import type { PublicAddresses } from '../cloud';
import type { EndRules } from './resources';
import { tagsOf, type RegionScope } from './region-scope';

/**
 * Admits a gateway's tunnels: each from its peer's address alone, on its own port, and out to the peer's
 * port alone. By tunnel id.
 */
export function createTunnelRules(
  scope: RegionScope,
  construct: Construct,
  gateway: PlannedGateway,
  groups: ReadonlyMap<number, SecurityGroup>,
  addresses: PublicAddresses,
): ReadonlyMap<string, EndRules> {
  const rules = new Map<string, EndRules>();
  for (const { tunnel, own, peer } of tunnelsOf(scope.plan.tunnels, gateway.id)) {
    const common = {
      region: scope.place,
      securityGroupId: groups.get(securityGroupOf(own))!.id,
      cidrIpv4: `${addresses.get(peer.gateway)!}/32`,
      ipProtocol: 'udp',
      description: `${tunnel.type} with ${peer.gateway}`,
      tags: tagsOf(scope, tunnel.id),
    };
    const at = ({ listenPort }: TunnelEnd) => ({ fromPort: listenPort, toPort: listenPort });
    rules.set(tunnel.id, {
      ingress: new VpcSecurityGroupIngressRule(construct, `in-${tunnel.identity}`, { ...common, ...at(own) }),
      egress: new VpcSecurityGroupEgressRule(construct, `out-${tunnel.identity}`, { ...common, ...at(peer) }),
    });
  }
  return rules;
}

import { Eip } from '@cdktf/provider-aws/lib/eip';
import { EipAssociation } from '@cdktf/provider-aws/lib/eip-association';
import { NetworkInterface } from '@cdktf/provider-aws/lib/network-interface';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { Construct } from 'constructs';
import type { PlannedGateway } from '../../lib/plan';
import { withExtra } from './extra';
import { createGatewayGroups } from './gateway-groups';
import { tagsOf, type RegionScope } from './region-scope';
import type { MadeVpc } from './resources';

/** What of a gateway stays when its instance goes: its addresses and what is admitted to them. */
export interface GatewayBase {
  readonly construct: Construct;
  readonly gateway: PlannedGateway;
  readonly eip: Eip;
  readonly eipAssociation: EipAssociation;
  readonly networkInterface: NetworkInterface;
  readonly groups: ReadonlyMap<number, SecurityGroup>;
}

/** @param made the VPC that was made; undefined: the region names one. */
export function createGatewayBase(
  scope: RegionScope,
  gateway: PlannedGateway,
  made: MadeVpc | undefined,
): GatewayBase {
  const { place: region } = scope;
  const construct = new Construct(scope.construct, `gateway-${gateway.number}`);
  const vpcId = made?.vpc.id ?? scope.region.vpc!.id;
  const zone = gateway.number - 1;
  const subnetId = made?.publicSubnets[zone].id ?? scope.region.vpc!.publicSubnets[zone];
  const groups = createGatewayGroups(scope, construct, gateway, vpcId);
  const networkInterface = new NetworkInterface(
    construct,
    'network-interface',
    withExtra(
      {
        region,
        subnetId,
        description: `dwcp gateway ${gateway.id}`,
        securityGroups: [...groups.values()].map((group) => group.id),
        // It forwards: packets have other sources and destinations than itself.
        sourceDestCheck: false,
        tags: tagsOf(scope, String(gateway.number)),
      },
      'networkInterface',
      scope.extras,
    ),
  );
  const eip = new Eip(construct, 'eip', {
    region,
    domain: 'vpc',
    tags: tagsOf(scope, String(gateway.number)),
  });
  const eipAssociation = new EipAssociation(construct, 'eip-association', {
    region,
    allocationId: eip.allocationId,
    networkInterfaceId: networkInterface.id,
    // AWS refuses public addresses in a VPC without one.
    dependsOn: made && [made.internetGateway],
  });
  return { construct, gateway, eip, eipAssociation, networkInterface, groups };
}

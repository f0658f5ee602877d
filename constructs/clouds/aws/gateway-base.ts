import type { Eip } from '@cdktf/provider-aws/lib/eip';
import { EipAssociation } from '@cdktf/provider-aws/lib/eip-association';
import { NetworkInterface } from '@cdktf/provider-aws/lib/network-interface';
import type { Construct } from 'constructs';
import type { PlannedGateway } from '../../../lib/plan';
import { withExtra } from './extra';
import { createGatewayGroups, type GatewayGroups } from './gateway-groups';
import { gatewayFolder } from '../../../lib/gateway/bucket-places';
import { tagsOf, type RegionScope } from './region-scope';
import { childOf } from '../../deploy/same-place';
import type { MadeVpc } from './resources';

/** The parts of a gateway that outlive its instance: its addresses, and the rules that admit traffic. */
export interface GatewayBase extends GatewayGroups {
  readonly construct: Construct;
  readonly gateway: PlannedGateway;
  readonly eip: Eip;
  readonly eipAssociation: EipAssociation;
  readonly networkInterface: NetworkInterface;
}

/**
 * @param made the VPC that was made; undefined: the region names one.
 * @param eip the gateway's public address, which may lie in another stack.
 */
export function createGatewayBase(
  scope: RegionScope,
  gateway: PlannedGateway,
  made: MadeVpc | undefined,
  eip: Eip,
): GatewayBase {
  const { place: region } = scope;
  const construct = childOf(scope.construct, gatewayFolder(gateway));
  const vpcId = made?.vpc.id ?? scope.region.vpc!.id;
  const zone = gateway.number - 1;
  const subnetId = made?.publicSubnets[zone].id ?? scope.region.vpc!.publicSubnets[zone];
  const admitted = createGatewayGroups(scope, construct, gateway, vpcId);
  const networkInterface = new NetworkInterface(
    construct,
    'network-interface',
    withExtra(
      {
        region,
        subnetId,
        description: `dwcp gateway ${gateway.id}`,
        securityGroups: [...admitted.groups.values()].map((group) => group.id),
        // It forwards: packets have other sources and destinations than itself.
        sourceDestCheck: false,
        tags: tagsOf(scope, String(gateway.number)),
      },
      'networkInterface',
      scope.extras,
    ),
  );
  const eipAssociation = new EipAssociation(construct, 'eip-association', {
    region,
    allocationId: eip.allocationId,
    networkInterfaceId: networkInterface.id,
    // AWS refuses public addresses in a VPC without one.
    dependsOn: made && [made.internetGateway],
  });
  return { construct, gateway, eip, eipAssociation, networkInterface, ...admitted };
}

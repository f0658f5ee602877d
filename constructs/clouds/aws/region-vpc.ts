import { DataAwsAvailabilityZones } from '@cdktf/provider-aws/lib/data-aws-availability-zones';
import { DataAwsEc2InstanceTypeOfferings } from '@cdktf/provider-aws/lib/data-aws-ec2-instance-type-offerings';
import { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway';
import { Route } from '@cdktf/provider-aws/lib/route';
import { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import { Subnet } from '@cdktf/provider-aws/lib/subnet';
import { Vpc } from '@cdktf/provider-aws/lib/vpc';
import { Fn, Op, TerraformSelf } from 'cdktf';
import { withExtra } from './extra';
import { createFlowLog } from './flow-log';
import { tagsOf, type RegionScope } from './region-scope';
import type { MadeVpc } from './resources';
import { subnetBlocks } from '../../../lib/clouds/aws/subnets';

/**
 * A region's VPC: a public subnet for gateways and a private one for workloads in each of two zones.
 * Private subnets reach the other regions and nothing else; a NAT gateway, where wanted, is yours to add.
 */
export function createVpc(scope: RegionScope, accountId: string): MadeVpc {
  const { construct, place: region } = scope;
  const vpc = new Vpc(
    construct,
    'vpc',
    withExtra(
      {
        region,
        cidrBlock: scope.region.ipv4Block,
        enableDnsSupport: true,
        enableDnsHostnames: true,
        tags: tagsOf(scope, 'vpc'),
      },
      'vpc',
      scope.extras,
    ),
  );
  // Taken over without rules: an interface that names no other group talks to nobody.
  const defaultSecurityGroup = new DefaultSecurityGroup(construct, 'default-security-group', {
    region,
    vpcId: vpc.id,
    tags: tagsOf(scope, 'default'),
  });
  const internetGateway = new InternetGateway(construct, 'internet-gateway', {
    region,
    vpcId: vpc.id,
    tags: tagsOf(scope, 'internet'),
  });
  const zones = new DataAwsAvailabilityZones(construct, 'zones', {
    region,
    state: 'available',
    // Leaves out local and Wavelength zones, which are opted into one by one.
    filter: [{ name: 'opt-in-status', values: ['opt-in-not-required'] }],
  });
  const offerings = new DataAwsEc2InstanceTypeOfferings(construct, 'offerings', {
    region,
    locationType: 'availability-zone',
    filter: [{ name: 'instance-type', values: [scope.region.instanceType!] }],
    lifecycle: {
      postcondition: [
        {
          condition: Op.gte(
            Fn.lengthOf(Fn.setintersection(zones.names, [TerraformSelf.getAny('locations')])),
            2,
          ),
          errorMessage: `Fewer than two zones of ${region} have ${scope.region.instanceType}, which region '${
            scope.region.id
          }' wants for its gateways: choose another instanceType for it, or give it a VPC of yours.`,
        },
      ],
    },
  });
  // Zones by name, those alone that have the gateways' instance type: not every zone has every type.
  const usable = Fn.sort(Fn.tolist(Fn.setintersection(zones.names, [offerings.locations])));
  const blocks = subnetBlocks(scope.region.ipv4Block);
  const subnet = (kind: 'public' | 'private', zone: 1 | 2) =>
    new Subnet(construct, `${kind}-${zone}`, {
      region,
      vpcId: vpc.id,
      cidrBlock: blocks[kind][zone - 1],
      availabilityZone: Fn.element(usable, zone - 1) as string,
      mapPublicIpOnLaunch: false,
      tags: tagsOf(scope, `${kind}-${zone}`),
      // A zone that AWS opens later may come first by name; subnets stay where they are.
      lifecycle: { ignoreChanges: ['availability_zone'] },
    });
  const table = (name: string) =>
    new RouteTable(construct, `${name}-table`, { region, vpcId: vpc.id, tags: tagsOf(scope, name) });

  const publicSubnets = [subnet('public', 1), subnet('public', 2)] as const;
  const privateSubnets = [subnet('private', 1), subnet('private', 2)] as const;
  const publicTable = table('public');
  const privateTables = [table('private-1'), table('private-2')] as const;
  const internetRoute = new Route(construct, 'public-to-internet', {
    region,
    routeTableId: publicTable.id,
    destinationCidrBlock: '0.0.0.0/0',
    gatewayId: internetGateway.id,
  });
  const join = (name: string, { id: subnetId }: Subnet, { id: routeTableId }: RouteTable) =>
    new RouteTableAssociation(construct, `${name}-association`, { region, subnetId, routeTableId });
  return {
    vpc,
    defaultSecurityGroup,
    internetGateway,
    zones,
    offerings,
    publicSubnets,
    privateSubnets,
    publicTable,
    privateTables,
    internetRoute,
    publicAssociations: [
      join('public-1', publicSubnets[0], publicTable),
      join('public-2', publicSubnets[1], publicTable),
    ],
    privateAssociations: [
      join('private-1', privateSubnets[0], privateTables[0]),
      join('private-2', privateSubnets[1], privateTables[1]),
    ],
    ...createFlowLog(scope, vpc, accountId),
  };
}

import { DataAwsRouteTables } from '@cdktf/provider-aws/lib/data-aws-route-tables';
import { DataAwsSubnets } from '@cdktf/provider-aws/lib/data-aws-subnets';
import { DataAwsVpcs } from '@cdktf/provider-aws/lib/data-aws-vpcs';
import { Fn, Op, TerraformSelf, type TerraformResourceLifecycle } from 'cdktf';
import type { RegionScope } from './region-scope';
import type { GivenVpc } from './resources';

/**
 * Looks up what a region names of yours before anything is made: its VPC, subnets and route tables. A list
 * that comes back short fails Terraform's plan with what is missing and where, which an id that is not found
 * does not say.
 */
export function lookUpVpc(scope: RegionScope): GivenVpc | undefined {
  const { construct, place: region } = scope;
  const { vpc, id } = scope.region;
  if (vpc === null) return undefined;
  const inVpc = { name: 'vpc-id', values: [vpc.id] };
  const vpcs = new DataAwsVpcs(construct, 'given-vpc', {
    region,
    filter: [inVpc],
    lifecycle: allFound(
      1,
      `VPC ${vpc.id} of region '${id}' is not in ${region}, or not in this account: give the id of one that is.`,
    ),
  });
  const others = (what: string, ids: readonly string[]) =>
    allFound(
      ids.length,
      `Not all ${what} of region '${id}' are in VPC ${vpc.id} in ${region}: look at ${ids.join(', ')}.`,
    );
  const subnets = new DataAwsSubnets(construct, 'given-subnets', {
    region,
    filter: [inVpc, { name: 'subnet-id', values: [...vpc.publicSubnets] }],
    lifecycle: others('subnets', vpc.publicSubnets),
    dependsOn: [vpcs],
  });
  const routeTables = new DataAwsRouteTables(construct, 'given-route-tables', {
    region,
    filter: [inVpc, { name: 'route-table-id', values: [...vpc.routeTables] }],
    lifecycle: others('route tables', vpc.routeTables),
    dependsOn: [vpcs],
  });
  return { vpcs, subnets, routeTables };
}

function allFound(count: number, errorMessage: string): TerraformResourceLifecycle {
  const condition = Op.eq(Fn.lengthOf(TerraformSelf.getAny('ids')), count);
  return { postcondition: [{ condition, errorMessage }] };
}

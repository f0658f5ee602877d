import { cloudNames, type CloudName } from '../catalog';
import type { Diagnostic } from '../diagnostics';
import type { PlanDocument } from '../plan';
import { awsDeployment } from './aws/aws-deployment';
import type { CloudDeployment, CloudResource, GatewayAddress } from './deployment';

const deployments = { aws: awsDeployment } satisfies Readonly<Record<CloudName, CloudDeployment>>;

/** How plans are deployed to a cloud. */
export function cloudDeployment(name: CloudName): CloudDeployment {
  return deployments[name];
}

/** The clouds that a plan has regions in. */
export function cloudsOf({ regions }: Pick<PlanDocument, 'regions'>): readonly CloudName[] {
  return cloudNames.filter((name) => regions.some(({ provider }) => provider === name));
}

/**
 * Every cloud resource of a plan, sorted by id, with what the plan decides of it. The constructs make the
 * same ones, with the same names, values and references; a test holds the two against each other.
 */
export function cloudResources(plan: PlanDocument): CloudResource[] {
  const addresses = addressesOf(plan);
  return cloudsOf(plan)
    .flatMap((name) => cloudDeployment(name).resources(plan, addresses))
    .sort((x, y) => (x.id < y.id ? -1 : 1));
}

/** Does a change of this argument replace a resource of this Terraform type? */
export function forcesReplacement(type: string, argument: string): boolean {
  return cloudNames.some((name) => {
    const { arguments: kinds } = cloudDeployment(name);
    return Object.hasOwn(kinds, type) && kinds[type].replaces.includes(argument);
  });
}

/** The parts of a plan that its clouds do not take. */
export function checkDeployable(plan: PlanDocument): Diagnostic[] {
  return cloudsOf(plan).flatMap((name) => cloudDeployment(name).checkDeployable(plan));
}

/** Where gateways are reached, by id. */
function addressesOf(plan: PlanDocument): ReadonlyMap<string, GatewayAddress> {
  const regions = new Map(plan.regions.map((region) => [region.id, region]));
  return new Map(
    plan.gateways.map((gateway): [string, GatewayAddress] => {
      const { id, identity } = gateway;
      const region = regions.get(gateway.region)!;
      const { provider, endpoint } = region;
      if (provider === 'external') return [id, endpoint ? { identity, endpoint } : { identity }];
      return [id, { identity, resource: cloudDeployment(provider).addressResource(region, gateway) }];
    }),
  );
}

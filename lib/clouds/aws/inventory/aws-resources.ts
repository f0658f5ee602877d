import type { PlanDocument } from '../../../plan';
import type { GatewayAddress } from '../../deployment';
import { addBucket, addJournalGroup } from './add-bucket';
import { addGateway } from './add-gateway';
import { addRoutes } from './add-routes';
import { addVpc } from './add-vpc';
import { inventoryScope, type AwsResource } from './inventory-scope';

/** Every AWS resource of a plan, region by region, with what the plan decides of it. */
export function awsResources(
  plan: PlanDocument,
  addresses: ReadonlyMap<string, GatewayAddress>,
): AwsResource[] {
  const resources: AwsResource[] = [];
  for (const region of plan.regions.filter(({ provider }) => provider === 'aws')) {
    const scope = inventoryScope(plan, region, addresses, resources);
    const made = region.vpc === null ? addVpc(scope) : undefined;
    const shared = { made, bucket: addBucket(scope), journals: addJournalGroup(scope) };
    const interfaces = plan.gateways
      .filter((gateway) => gateway.region === region.id)
      .sort((x, y) => x.number - y.number)
      .map((gateway) => addGateway(scope, gateway, shared));
    addRoutes(scope, made, interfaces);
  }
  return resources;
}

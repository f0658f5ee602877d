import { DataAwsAmi } from '@cdktf/provider-aws/lib/data-aws-ami';
import type { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import type { Eip } from '@cdktf/provider-aws/lib/eip';
import { takesOver } from '../../../lib/plan';
import type { GatewayBundle } from '../../deploy/gateway-bundles';
import { createAlarms } from './gateway-alarms';
import { createGatewayBase } from './gateway-base';
import { createGatewayIdentity } from './gateway-identity';
import { createInstance } from './gateway-instance';
import { createGatewayObjects } from './gateway-objects';
import { lookUpVpc } from './given-vpc';
import { createJournalGroup } from './journal-group';
import type { PublicAddresses } from '../cloud';
import { createBucket } from './region-bucket';
import { createRoutes } from './region-routes';
import { regionTables, routeTablesText } from './region-tables';
import type { RegionScope } from './region-scope';
import { createVpc } from './region-vpc';
import type { EndRules, GatewayResources, RegionResources } from './resources';
import type { RegionShared } from './region-shared';
import { createTunnelRules } from './tunnel-rules';

/** Owner of the Debian project's images. */
const debianAccount = '136693071363';

/** The inputs of one region's resources. */
export interface RegionInputs {
  readonly scope: RegionScope;
  readonly account: DataAwsCallerIdentity;
  readonly bundles: ReadonlyMap<string, GatewayBundle>;
  readonly eips: ReadonlyMap<string, Eip>;
  readonly addresses: PublicAddresses;
  /** Takes the rules of each tunnel end, by `<tunnel id> at <gateway id>`. */
  readonly ends: Map<string, EndRules>;
}

/** Everything of a region but the public addresses of its gateways. */
export function createRegion(inputs: RegionInputs): RegionResources {
  const { scope, account, addresses } = inputs;
  const made = scope.region.vpc ? undefined : createVpc(scope, account.accountId);
  const givenVpc = lookUpVpc(scope);
  const bucket = createBucket(scope, account.accountId);
  // Without keys nothing is deployed (createGatewayObjects).
  const trust = { account: account.accountId, key: scope.plan.signingKeys?.[0] ?? '' };
  const image = new DataAwsAmi(scope.construct, 'image', {
    region: scope.place,
    owners: [debianAccount],
    mostRecent: true,
    filter: [{ name: 'name', values: ['debian-13-arm64-*'] }],
  });
  const bases = scope.gateways.map((gateway) =>
    createGatewayBase(scope, gateway, made, inputs.eips.get(gateway.id)!),
  );
  const vpcId = made?.vpc.id ?? scope.region.vpc!.id;
  const tables = regionTables(scope, made);
  const takeover = takesOver(scope.region) ? { vpcId, tables, text: routeTablesText(tables, bases) } : null;
  const journals = createJournalGroup(scope);
  const shared: RegionShared = { ...bucket, account, addresses, takeover, journals };
  const gateways = bases.map((base): [string, GatewayResources] => {
    const { gateway, eip, groups, eipAssociation, networkInterface } = base;
    const { ownBlockIngress, ownBlockEgress, prefixIngress, prefixEgress, httpsEgress, httpEgress } = base;
    const ends = createTunnelRules(scope, base.construct, gateway, groups, addresses);
    for (const [tunnel, end] of ends) inputs.ends.set(`${tunnel} at ${gateway.id}`, end);
    const bundle = inputs.bundles.get(gateway.id)!;
    const identity = createGatewayIdentity(scope, base, bundle, shared);
    const objects = createGatewayObjects(scope, base, bundle, identity, shared);
    const instance = createInstance(scope, base, image, bucket.bucket, identity, trust);
    return [
      gateway.id,
      {
        eip,
        eipAssociation,
        networkInterface,
        securityGroups: [...groups.values()],
        ownBlockIngress,
        ownBlockEgress,
        prefixIngress,
        prefixEgress,
        httpsEgress,
        httpEgress,
        role: identity.role,
        policy: identity.policy,
        instanceProfile: identity.profile,
        secret: identity.secret,
        secretVersion: identity.secretVersion,
        ...objects,
        instance,
        alarms: createAlarms(scope, base, instance),
      },
    ];
  });
  const routes = createRoutes(scope, tables, bases);
  return {
    ...{ account, image, vpc: made, givenVpc, vpcId },
    ...(journals && { journalGroup: journals }),
    gateways: new Map(gateways),
    ...bucket,
    ...routes,
  };
}

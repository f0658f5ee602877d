import { DataAwsAmi } from '@cdktf/provider-aws/lib/data-aws-ami';
import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { PlanDocument } from '../../lib/plan';
import type { GatewayBundle } from '../gateway-bundles';
import type { RegionExtra } from './extra';
import { createGatewayBase, type GatewayBase } from './gateway-base';
import { createGatewayIdentity } from './gateway-identity';
import { createInstance } from './gateway-instance';
import { createGatewayObjects } from './gateway-objects';
import { createBucket } from './region-bucket';
import { createRoutes } from './region-routes';
import type { RegionScope } from './region-scope';
import { createVpc } from './region-vpc';
import type {
  GatewayResources,
  LinkResources,
  MadeVpc,
  NetworkResources,
  RegionResources,
} from './resources';
import { createTunnelRules, type EndRules, type PublicAddresses } from './tunnel-rules';
import { createUnsealVariable } from './unseal-variable';

/** Owner of the Debian project's images. */
const debianAccount = '136693071363';

/** What the AWS side of a network is made from. */
export interface ResourceInputs {
  readonly network: Construct;
  readonly plan: PlanDocument;
  /** By gateway id, for each gateway in AWS. */
  readonly bundles: ReadonlyMap<string, GatewayBundle>;
  /** Where a region's resources stand in the construct tree. */
  readonly regionScope: (region: string) => Construct;
  /** A region's pass-through arguments, the last winning. */
  readonly extra: (region: string) => readonly RegionExtra[];
}

/** A region whose addresses stand, and whose gateways may hence be told of each other. */
interface Base {
  readonly scope: RegionScope;
  readonly made: MadeVpc | undefined;
  readonly bucket: S3Bucket;
  readonly gateways: readonly GatewayBase[];
}

/**
 * Every resource of a planned network, in two rounds: first what has addresses, then what names the
 * addresses of others. Construct ids follow from region, gateway, link and tunnel ids alone.
 */
export function createResources(inputs: ResourceInputs): NetworkResources {
  const { network, plan, bundles } = inputs;
  // Write-only arguments, which keep secrets out of state, came with 1.11.
  TerraformStack.of(network).addOverride('terraform.required_version', '>= 1.11.0');
  const account = new DataAwsCallerIdentity(network, 'account');
  const keyed = [...bundles].filter(([, bundle]) => bundle.secretVersion !== null).map(([id]) => id);
  const unsealSecrets = keyed.length > 0 ? createUnsealVariable(network, keyed) : undefined;

  const bases = plan.regions
    .filter((region) => region.provider === 'aws')
    .map((region): Base => createBase(inputs, region.id, account.accountId));
  const addresses = publicAddresses(plan, bases);

  const rules = new Map<string, EndRules>();
  const regions = bases.map((base): [string, RegionResources] => {
    const { scope, made, bucket } = base;
    const ami = new DataAwsAmi(scope.construct, 'image', {
      region: scope.place,
      owners: [debianAccount],
      mostRecent: true,
      filter: [{ name: 'name', values: ['debian-13-arm64-*'] }],
    });
    const gateways = base.gateways.map((gatewayBase): [string, GatewayResources] => {
      const { construct, gateway, groups, eip, networkInterface } = gatewayBase;
      const bundle = bundles.get(gateway.id)!;
      const ends = createTunnelRules(scope, construct, gateway, groups, addresses);
      for (const [tunnel, end] of ends) rules.set(`${tunnel} at ${gateway.id}`, end);
      const identity = createGatewayIdentity(scope, construct, gateway, bucket, bundle.secretVersion);
      const objects = createGatewayObjects(scope, gatewayBase, bucket, bundle, identity, addresses, account);
      const instance = createInstance(scope, gatewayBase, ami, bucket, identity);
      const { role, policy, secret } = identity;
      const securityGroups = [...groups.values()];
      const all = { eip, networkInterface, securityGroups, role, policy, secret, ...objects, instance };
      return [gateway.id, all];
    });
    const routes = createRoutes(
      scope,
      made,
      gateways.map(([, gateway]) => gateway),
    );
    const vpcId = made?.vpc.id ?? scope.region.vpc!.id;
    return [scope.region.id, { vpc: made, vpcId, gateways: new Map(gateways), bucket, routes }];
  });
  return { regions: new Map(regions), links: linkResources(plan, rules), unsealSecrets };
}

function createBase(inputs: ResourceInputs, id: string, accountId: string): Base {
  const { plan } = inputs;
  const region = plan.regions.find((r) => r.id === id)!;
  const scope: RegionScope = {
    construct: inputs.regionScope(id),
    plan,
    region,
    place: region.place!,
    gateways: plan.gateways.filter((g) => g.region === id).sort((x, y) => x.number - y.number),
    extras: inputs.extra(id),
    prefix: `dwcp-${plan.network}-${id}`,
  };
  const made = region.vpc ? undefined : createVpc(scope, accountId);
  const bucket = createBucket(scope, accountId);
  const gateways = scope.gateways.map((gateway) => createGatewayBase(scope, gateway, made));
  return { scope, made, bucket, gateways };
}

function publicAddresses(plan: PlanDocument, bases: readonly Base[]): PublicAddresses {
  const own = bases.flatMap((base) =>
    base.gateways.map(({ gateway, eip }): [string, string] => [gateway.id, eip.publicIp]),
  );
  const endpoints = new Map(plan.regions.map((region) => [region.id, region.endpoint]));
  const external = plan.gateways.flatMap(({ id, region }): [string, string][] => {
    const endpoint = endpoints.get(region);
    return endpoint ? [[id, endpoint]] : [];
  });
  return new Map([...own, ...external]);
}

function linkResources(
  plan: PlanDocument,
  rules: ReadonlyMap<string, EndRules>,
): ReadonlyMap<string, LinkResources> {
  return new Map(
    plan.links.map((link) => {
      const ends = plan.tunnels
        .filter((tunnel) => tunnel.link === link.id)
        .flatMap((tunnel) => tunnel.ends.map((end) => `${tunnel.id} at ${end.gateway}`))
        .filter((end) => rules.has(end));
      return [
        link.id,
        {
          ingress: new Map(ends.map((end) => [end, rules.get(end)!.ingress])),
          egress: new Map(ends.map((end) => [end, rules.get(end)!.egress])),
        },
      ];
    }),
  );
}

import type { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { S3Object, type S3ObjectConfig } from '@cdktf/provider-aws/lib/s3-object';
import { Op, type TerraformResourceLifecycle } from 'cdktf';
import type { GatewayBundle } from '../../deploy/gateway-bundles';
import type { GatewayBase } from './gateway-base';
import { routeTablesName, signedManifest } from '../../../lib/gateway';
import { bucketName, canaryBefore, ownTags } from '../../../lib/clouds/aws/names';
import { gatewayFolder } from '../../../lib/gateway/bucket-places';
import type { GatewayIdentity } from './gateway-identity';
import type { RegionShared } from './region-shared';
import type { RegionScope } from './region-scope';
import { signatureOf } from '../../deploy/signatures-variable';
import { tunnelsOf } from '../../../lib/clouds/aws/rules';

/** The objects that a gateway fetches. */
export interface GatewayObjects {
  readonly bundle: S3Object;
  /** Says which bundle may be installed; signed. */
  readonly manifest: S3Object;
  readonly endpoints: S3Object;
  /** Where the report lies that this gateway waits for; undefined: it waits for nobody. */
  readonly canary?: S3Object;
  /** Ids of what it may take over; undefined: it is alone in its region. */
  readonly routeTables?: S3Object;
}

/**
 * A gateway's objects: `bundle.tar`, `endpoints.json`, its peers' public addresses by gateway identity, and
 * the signed `manifest`, which is written last: until then a gateway keeps what it has. Where another gateway
 * installs first, `canary` says where its report lies: AWS region, bucket, account. Where two gateways stand
 * in for each other, `route-tables.json` says what the tables and interfaces of their region are called.
 */
export function createGatewayObjects(
  scope: RegionScope,
  { construct, gateway }: GatewayBase,
  bundle: GatewayBundle,
  identity: GatewayIdentity,
  shared: RegionShared,
): GatewayObjects {
  const { bucket, bucketVersioning, bucketEncryption, bucketAccess, account, addresses, takeover } = shared;
  const folder = gatewayFolder(gateway);
  // An object that is uploaded before the bucket's settings are made has no version to go back to.
  const dependsOn = [bucketVersioning, bucketEncryption, bucketAccess];
  const common = { region: scope.place, bucket: bucket.id, dependsOn };
  const tags = ownTags(scope.plan, scope.region, String(gateway.number));
  const bundleObject = new S3Object(construct, 'bundle', {
    ...common,
    key: `${folder}/bundle.tar`,
    contentType: 'application/x-tar',
    source: bundle.file,
    sourceHash: bundle.sha256,
    tags,
    lifecycle: refuseWithoutKeys(scope, gateway.id, bundle, account),
  });
  const tunnels = tunnelsOf(scope.plan.tunnels, gateway.id);
  const peers = new Set(tunnels.map(({ peer }) => peer.gateway));
  // By identity: a gateway that has not fetched the plan that renames a peer yet finds it all the same.
  const found = scope.plan.gateways
    .filter(({ id }) => peers.has(id))
    .map(({ id, identity: name }): [string, string | undefined] => [name, addresses.get(id)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const endpoints = new S3Object(construct, 'endpoints', {
    ...common,
    key: `${folder}/endpoints.json`,
    contentType: 'application/json',
    content: `${JSON.stringify(Object.fromEntries(found))}\n`,
    tags,
  });
  const canary = createCanaryObject(scope, { construct, gateway }, { ...common, tags }, account);
  const routeTables =
    takeover === null
      ? undefined
      : new S3Object(construct, 'route-tables', {
          ...common,
          key: `${folder}/${routeTablesName}`,
          contentType: 'application/json',
          content: takeover.text,
          tags,
        });
  const written = [bundleObject, endpoints, canary, routeTables].flatMap((object) => object ?? []);
  const { manifest: text } = bundle;
  const manifest = new S3Object(construct, 'manifest', {
    ...common,
    key: `${folder}/manifest`,
    contentType: 'text/plain',
    // Without a key nothing is applied: see below.
    content: text === null ? `unsigned ${bundle.sha256}\n` : signedManifest(text, signatureOf(text)),
    tags,
    dependsOn: [...written, ...(identity.secretVersion ? [identity.secretVersion] : [])],
  });
  return { bundle: bundleObject, manifest, endpoints, canary, routeTables };
}

/** Tells a gateway that waits where the report lies; a canary in another account has its bucket elsewhere. */
function createCanaryObject(
  { plan }: RegionScope,
  { construct, gateway }: Pick<GatewayBase, 'construct' | 'gateway'>,
  common: Pick<S3ObjectConfig, 'region' | 'bucket' | 'dependsOn' | 'tags'> & { readonly bucket: string },
  account: DataAwsCallerIdentity,
): S3Object | undefined {
  const first = canaryBefore(plan, gateway);
  if (!first) return undefined;
  const bucket = bucketName(plan, first.region, account.accountId);
  return new S3Object(construct, 'canary', {
    ...common,
    key: `${gatewayFolder(gateway)}/canary`,
    contentType: 'text/plain',
    content: `${first.region.place} ${bucket} ${account.accountId}\n`,
  });
}

/**
 * Without its own key and its peers' a gateway has no tunnel: better no deployment than a network of
 * silence.
 */
function refuseWithoutKeys(
  scope: RegionScope,
  id: string,
  { manifest }: GatewayBundle,
  account: DataAwsCallerIdentity,
): TerraformResourceLifecycle | undefined {
  const keyed = new Set(scope.plan.gateways.filter((g) => g.publicKey !== null).map((g) => g.id));
  const ends = tunnelsOf(scope.plan.tunnels, id);
  const missing = [...new Set(ends.flatMap(({ own, peer }) => [own.gateway, peer.gateway]))]
    .filter((gateway) => !keyed.has(gateway))
    .sort();
  if (missing.length === 0 && manifest !== null) return undefined;
  const what = missing.length === 0 ? 'what gateways install' : missing.join(', ');
  const errorMessage = `The network has no key for ${what}: run 'dwcp keys init', commit the key file, and synthesize again.`;
  // Never true: Terraform wants a condition to refer to something, and no account has such an id.
  return { precondition: [{ condition: Op.eq(account.accountId, 'none'), errorMessage }] };
}

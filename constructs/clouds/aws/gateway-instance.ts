import type { DataAwsAmi } from '@cdktf/provider-aws/lib/data-aws-ami';
import { Instance } from '@cdktf/provider-aws/lib/instance';
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { rootVolumeGib } from '../../../lib/catalog/aws/gateway-types';
import { withExtra } from './extra';
import type { GatewayBase } from './gateway-base';
import { gatewayFolder } from '../../../lib/gateway/bucket-places';
import type { GatewayIdentity } from './gateway-identity';
import { tagsOf, type RegionScope } from './region-scope';
import { userData, type Bootstrap } from './user-data';

/**
 * The instance. Nothing in it follows from the plan, so that a new plan never touches it, and a newer image
 * does not replace it: taint or `-replace` it for that. Its addresses stay with the network interface.
 */
export function createInstance(
  scope: RegionScope,
  base: GatewayBase,
  ami: DataAwsAmi,
  bucket: S3Bucket,
  identity: GatewayIdentity,
  trust: Pick<Bootstrap, 'account' | 'key'>,
): Instance {
  const { gateway } = base;
  const tags = tagsOf(scope, String(gateway.number));
  return new Instance(
    base.construct,
    'instance',
    withExtra(
      {
        region: scope.place,
        ami: ami.id,
        instanceType: scope.region.instanceType!,
        ebsOptimized: true,
        iamInstanceProfile: identity.profile.name,
        primaryNetworkInterface: { networkInterfaceId: base.networkInterface.id },
        metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
        rootBlockDevice: { encrypted: true, volumeType: 'gp3', volumeSize: rootVolumeGib, tags },
        userData: userData({
          // A change of it stops the instance.
          gateway: gateway.identity,
          region: scope.place,
          bucket: bucket.bucket,
          ...trust,
          folder: gatewayFolder(gateway),
          secret: identity.secret.name,
          network: scope.plan.identity,
          identity: gateway.identity,
        }),
        tags,
        // The provider reads the instance's own source/destination check as wanted, defaults it to true,
        // and would turn it on through the interface at the second apply (terraform-provider-aws issue
        // 44768).
        lifecycle: { ignoreChanges: ['ami', 'source_dest_check'] },
        // The first boot fetches: by then it needs its public address and its rights.
        dependsOn: [base.eipAssociation, identity.policy],
      },
      'instance',
      scope.extras,
    ),
  );
}

import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import { bucketName, namePrefix } from '../../../lib/clouds/aws/names';
import { withExtra } from './extra';
import { policyDocument } from './policy-document';
import { tagsOf, type RegionScope } from './region-scope';
import type { BucketResources } from './resources';

/** How long a bundle that was replaced stays to go back to, and an upload that broke off stays at all. */
const [replacedDays, brokenOffDays] = [90, 7];

/** The bucket that a region's gateways fetch from: encrypted, versioned, private, over TLS only. */
export function createBucket(scope: RegionScope, accountId: string): BucketResources {
  const { construct, place: region } = scope;
  const bucket = new S3Bucket(
    construct,
    'bucket',
    withExtra(
      {
        region,
        bucket: bucketName(scope.plan, scope.region, accountId),
        // Nothing in it is made by hand: a region that leaves the network takes its bucket along, versions
        // and all.
        forceDestroy: true,
        tags: tagsOf(scope, 'bucket'),
      },
      'bucket',
      scope.extras,
    ),
  );
  const bucketAccess = new S3BucketPublicAccessBlock(construct, 'bucket-access', {
    region,
    bucket: bucket.id,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  const bucketEncryption = new S3BucketServerSideEncryptionConfigurationA(construct, 'bucket-encryption', {
    region,
    bucket: bucket.id,
    rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
  });
  const bucketVersioning = new S3BucketVersioningA(construct, 'bucket-versioning', {
    region,
    bucket: bucket.id,
    versioningConfiguration: { status: 'Enabled' },
  });
  const bucketLifecycle = new S3BucketLifecycleConfiguration(construct, 'bucket-lifecycle', {
    region,
    bucket: bucket.id,
    rule: [
      {
        id: 'replaced',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        noncurrentVersionExpiration: [{ noncurrentDays: replacedDays }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: brokenOffDays }],
      },
      // Written again and again while one gateway stands in for the other; nobody goes back to those before.
      {
        id: 'leases',
        status: 'Enabled',
        filter: [{ prefix: 'leases/' }],
        noncurrentVersionExpiration: [{ noncurrentDays: 1 }],
      },
    ],
    // Without versions there are none to replace.
    dependsOn: [bucketVersioning],
  });
  const bucketPolicy = new S3BucketPolicy(construct, 'bucket-policy', {
    region,
    bucket: bucket.id,
    policy: policyDocument(
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [bucket.arn, `${bucket.arn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      // Gateways do not write what they install, even if somebody gives their role more rights some day.
      {
        Sid: 'GatewaysOnlyReportAndAgree',
        Effect: 'Deny',
        Principal: '*',
        Action: ['s3:PutObject', 's3:PutObjectAcl', 's3:DeleteObject', 's3:DeleteObjectVersion'],
        NotResource: [`${bucket.arn}/reports/*`, `${bucket.arn}/leases/*`],
        Condition: {
          ArnLike: { 'aws:PrincipalArn': `arn:*:iam::*:role/${namePrefix(scope.plan, scope.region)}-*` },
        },
      },
    ),
    // S3 refuses two changes to one bucket's access at a time.
    dependsOn: [bucketAccess],
  });
  return { bucket, bucketAccess, bucketEncryption, bucketVersioning, bucketLifecycle, bucketPolicy };
}

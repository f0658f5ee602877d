import { IamInstanceProfile } from '@cdktf/provider-aws/lib/iam-instance-profile';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { SecretsmanagerSecretVersion } from '@cdktf/provider-aws/lib/secretsmanager-secret-version';
import type { GatewayBundle } from '../../deploy/gateway-bundles';
import type { GatewayBase } from './gateway-base';
import type { RegionShared, Takeover } from './region-shared';
import { leaseKey } from '../../../lib/gateway';
import { systemsManagerActions } from '../../../lib/clouds/aws/operators';
import { journalStatement } from './journal-group';
import { assumableBy, policyDocument, type PolicyStatement } from './policy-document';
import { bucketName, canaryBefore, gatewayName, reportName, secretName } from '../../../lib/clouds/aws/names';
import { gatewayFolder } from '../../../lib/gateway/bucket-places';
import { tagsOf, type RegionScope } from './region-scope';
import { unsealSecretOf } from '../../deploy/unseal-variable';

/** The role of a gateway in AWS, and its unsealing secret. */
export interface GatewayIdentity {
  readonly role: IamRole;
  readonly policy: IamRolePolicy;
  readonly profile: IamInstanceProfile;
  readonly secret: SecretsmanagerSecret;
  /** Undefined while the gateway has no key. */
  readonly secretVersion?: SecretsmanagerSecretVersion;
}

/**
 * A gateway moves routes of these tables alone, and agrees by the region's lease on who does. IAM cannot
 * narrow looking at tables to some of them, nor say which destination or target a route may have. The agent
 * keeps to both.
 */
function takeoverStatements(
  { place, region }: RegionScope,
  { vpcId, tables }: Takeover,
  bucket: S3Bucket,
  accountId: string,
): readonly PolicyStatement[] {
  const arn = (what: string) => `arn:aws:ec2:${place}:${accountId}:${what}`;
  return [
    {
      Effect: 'Allow',
      Action: 'ec2:ReplaceRoute',
      Resource: tables.map(({ id }) => arn(`route-table/${id}`)),
      Condition: { ArnEquals: { 'ec2:Vpc': arn(`vpc/${vpcId}`) } },
    },
    {
      Effect: 'Allow',
      Action: 'ec2:DescribeRouteTables',
      Resource: '*',
      Condition: { StringEquals: { 'ec2:Region': place } },
    },
    {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject'],
      Resource: `${bucket.arn}/${leaseKey(region)}`,
      Condition: { StringEquals: { 's3:ResourceAccount': accountId } },
    },
  ];
}

/**
 * Each gateway has a role. It reads the gateway's objects, its secret and the canary's report, and writes its
 * report. It takes over from a partner where there is one. It sends the journal and takes orders where the
 * plan says so. It can do nothing else: buckets of other accounts are out of its reach, whatever their names.
 */
export function createGatewayIdentity(
  scope: RegionScope,
  { construct, gateway }: GatewayBase,
  { secretVersion }: GatewayBundle,
  { bucket, account, takeover, journals }: RegionShared,
): GatewayIdentity {
  const { place: region } = scope;
  const { accountId } = account;
  const name = gatewayName(scope.plan, scope.region, gateway);
  const tags = tagsOf(scope, String(gateway.number));
  const secret = new SecretsmanagerSecret(construct, 'unseal-secret', {
    region,
    name: secretName(scope.plan, gateway),
    description: `opens the sealed keys of gateway ${gateway.id}`,
    // It is made again from the key file at any time; a deleted one must not block its name when a region
    // comes back.
    recoveryWindowInDays: 0,
    tags,
  });
  const version =
    secretVersion === null
      ? undefined
      : new SecretsmanagerSecretVersion(construct, 'unseal-secret-version', {
          region,
          secretId: secret.id,
          secretStringWo: unsealSecretOf(gateway.identity),
          secretStringWoVersion: secretVersion,
        });
  const ofAccount = {
    Effect: 'Allow',
    Condition: { StringEquals: { 's3:ResourceAccount': accountId } },
  } as const;
  const objects = `${bucket.arn}/${gatewayFolder(gateway)}/*`;
  const first = canaryBefore(scope.plan, gateway);
  const report =
    first &&
    `arn:aws:s3:::${bucketName(scope.plan, first.region, accountId)}/reports/${reportName(first.gateway)}`;
  const assumeRolePolicy = assumableBy('ec2.amazonaws.com');
  const role = new IamRole(construct, 'role', { name, assumeRolePolicy, tags });
  const policy = new IamRolePolicy(construct, 'role-policy', {
    name: 'read-own-bundle',
    role: role.id,
    policy: policyDocument(
      {
        ...ofAccount,
        Action: 's3:GetObject',
        Resource: report ? [objects, report] : objects,
      },
      { ...ofAccount, Action: 's3:PutObject', Resource: `${bucket.arn}/reports/${reportName(gateway)}` },
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secret.arn },
      ...(scope.plan.operations?.ssm
        ? [{ Effect: 'Allow', Action: systemsManagerActions, Resource: '*' } as const]
        : []),
      ...(takeover ? takeoverStatements(scope, takeover, bucket, accountId) : []),
      ...(journals ? [journalStatement(journals, gateway)] : []),
    ),
  });
  const profile = new IamInstanceProfile(construct, 'instance-profile', { name, role: role.name, tags });
  return { role, policy, profile, secret, secretVersion: version };
}

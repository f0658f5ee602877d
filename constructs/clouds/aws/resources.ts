import type { CloudwatchMetricAlarm } from '@cdktf/provider-aws/lib/cloudwatch-metric-alarm';
import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { DataAwsAmi } from '@cdktf/provider-aws/lib/data-aws-ami';
import type { DataAwsAvailabilityZones } from '@cdktf/provider-aws/lib/data-aws-availability-zones';
import type { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import type { DataAwsEc2InstanceTypeOfferings } from '@cdktf/provider-aws/lib/data-aws-ec2-instance-type-offerings';
import type { DataAwsRouteTables } from '@cdktf/provider-aws/lib/data-aws-route-tables';
import type { DataAwsSubnets } from '@cdktf/provider-aws/lib/data-aws-subnets';
import type { DataAwsVpcs } from '@cdktf/provider-aws/lib/data-aws-vpcs';
import type { DefaultSecurityGroup } from '@cdktf/provider-aws/lib/default-security-group';
import type { Eip } from '@cdktf/provider-aws/lib/eip';
import type { EipAssociation } from '@cdktf/provider-aws/lib/eip-association';
import type { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import type { IamInstanceProfile } from '@cdktf/provider-aws/lib/iam-instance-profile';
import type { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import type { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import type { Instance } from '@cdktf/provider-aws/lib/instance';
import type { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway';
import type { NetworkInterface } from '@cdktf/provider-aws/lib/network-interface';
import type { Route } from '@cdktf/provider-aws/lib/route';
import type { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import type { RouteTableAssociation } from '@cdktf/provider-aws/lib/route-table-association';
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import type { S3BucketLifecycleConfiguration } from '@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration';
import type { S3BucketPolicy } from '@cdktf/provider-aws/lib/s3-bucket-policy';
import type { S3BucketPublicAccessBlock } from '@cdktf/provider-aws/lib/s3-bucket-public-access-block';
import type { S3BucketServerSideEncryptionConfigurationA } from '@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration';
import type { S3BucketVersioningA } from '@cdktf/provider-aws/lib/s3-bucket-versioning';
import type { S3Object } from '@cdktf/provider-aws/lib/s3-object';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import type { SecretsmanagerSecretVersion } from '@cdktf/provider-aws/lib/secretsmanager-secret-version';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { Subnet } from '@cdktf/provider-aws/lib/subnet';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import type { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import type { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';

/** A region's bucket and its settings. */
export interface BucketResources {
  readonly bucket: S3Bucket;
  readonly bucketAccess: S3BucketPublicAccessBlock;
  readonly bucketEncryption: S3BucketServerSideEncryptionConfigurationA;
  readonly bucketVersioning: S3BucketVersioningA;
  readonly bucketLifecycle: S3BucketLifecycleConfiguration;
  readonly bucketPolicy: S3BucketPolicy;
}

export interface RegionResources extends BucketResources {
  /** The account that the region lies in; regions of one stack and provider share it. */
  readonly account: DataAwsCallerIdentity;
  /** Debian, for its gateways. */
  readonly image: DataAwsAmi;
  /** Undefined where the region uses a VPC of yours. */
  readonly vpc?: MadeVpc;
  /** Undefined where it does not. */
  readonly givenVpc?: GivenVpc;
  readonly vpcId: string;
  /** Takes the journals of its gateways; undefined: they stay on the gateways. */
  readonly journalGroup?: CloudwatchLogGroup;
  /** By gateway id, `<region>/<number>`. */
  readonly gateways: ReadonlyMap<string, GatewayResources>;
  /**
   * Routes to remote blocks, by table (`public`, `private-1`, `private-2`, or your table's id), then by
   * remote region.
   */
  readonly routes: ReadonlyMap<string, ReadonlyMap<string, Route>>;
  /** Routes to remote IPv4 prefixes, by table, then by prefix. */
  readonly prefixRoutes: ReadonlyMap<string, ReadonlyMap<string, Route>>;
}

/** Look-ups of what a region names of yours: each fails the plan unless all of it is found. */
export interface GivenVpc {
  readonly vpcs: DataAwsVpcs;
  readonly subnets: DataAwsSubnets;
  readonly routeTables: DataAwsRouteTables;
}

/** A VPC that was made here. Zones are numbered 1 and 2. */
export interface MadeVpc {
  readonly vpc: Vpc;
  /** The group that AWS gives every VPC, without rules. */
  readonly defaultSecurityGroup: DefaultSecurityGroup;
  readonly internetGateway: InternetGateway;
  readonly zones: DataAwsAvailabilityZones;
  /** Zones that have the gateways' instance type. */
  readonly offerings: DataAwsEc2InstanceTypeOfferings;
  /** For gateways, by zone. */
  readonly publicSubnets: readonly [Subnet, Subnet];
  /** For workloads, by zone; they have no route to the Internet. */
  readonly privateSubnets: readonly [Subnet, Subnet];
  readonly publicTable: RouteTable;
  readonly privateTables: readonly [RouteTable, RouteTable];
  /** From the public table to the Internet. */
  readonly internetRoute: Route;
  /** By zone. */
  readonly publicAssociations: readonly [RouteTableAssociation, RouteTableAssociation];
  /** By zone. */
  readonly privateAssociations: readonly [RouteTableAssociation, RouteTableAssociation];
  readonly flowLog: FlowLog;
  readonly flowLogGroup: CloudwatchLogGroup;
  readonly flowLogRole: IamRole;
  readonly flowLogRolePolicy: IamRolePolicy;
}

export interface GatewayResources {
  /** In the network's own stack. */
  readonly eip: Eip;
  readonly eipAssociation: EipAssociation;
  readonly networkInterface: NetworkInterface;
  /** The first also admits the region's own workloads; more of them where one cannot hold every tunnel. */
  readonly securityGroups: readonly SecurityGroup[];
  readonly ownBlockIngress: VpcSecurityGroupIngressRule;
  readonly ownBlockEgress: VpcSecurityGroupEgressRule;
  /** The rules that admit the region's own IPv4 prefixes, by prefix. */
  readonly prefixIngress: ReadonlyMap<string, VpcSecurityGroupIngressRule>;
  readonly prefixEgress: ReadonlyMap<string, VpcSecurityGroupEgressRule>;
  readonly httpsEgress: VpcSecurityGroupEgressRule;
  readonly httpEgress: VpcSecurityGroupEgressRule;
  readonly role: IamRole;
  readonly policy: IamRolePolicy;
  readonly instanceProfile: IamInstanceProfile;
  readonly secret: SecretsmanagerSecret;
  /** Undefined while the gateway has no key. */
  readonly secretVersion?: SecretsmanagerSecretVersion;
  readonly bundle: S3Object;
  /** Says which bundle may be installed; signed. */
  readonly manifest: S3Object;
  readonly endpoints: S3Object;
  /** Where the report lies that the gateway waits for; undefined: it waits for nobody. */
  readonly canary?: S3Object;
  /** Ids of the route tables and interfaces that it may take over; undefined: it is alone. */
  readonly routeTables?: S3Object;
  readonly instance: Instance;
  /** They bring the instance back; by the check that fails: `system` and `instance`. */
  readonly alarms: ReadonlyMap<string, CloudwatchMetricAlarm>;
}

/** The rules that admit one end of a tunnel. */
export interface EndRules {
  readonly ingress: VpcSecurityGroupIngressRule;
  readonly egress: VpcSecurityGroupEgressRule;
}

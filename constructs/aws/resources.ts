import type { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import type { Eip } from '@cdktf/provider-aws/lib/eip';
import type { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import type { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import type { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import type { Instance } from '@cdktf/provider-aws/lib/instance';
import type { InternetGateway } from '@cdktf/provider-aws/lib/internet-gateway';
import type { NetworkInterface } from '@cdktf/provider-aws/lib/network-interface';
import type { Route } from '@cdktf/provider-aws/lib/route';
import type { RouteTable } from '@cdktf/provider-aws/lib/route-table';
import type { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket';
import type { S3Object } from '@cdktf/provider-aws/lib/s3-object';
import type { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import type { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { Subnet } from '@cdktf/provider-aws/lib/subnet';
import type { Vpc } from '@cdktf/provider-aws/lib/vpc';
import type { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import type { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import type { TerraformVariable } from 'cdktf';

/** Every resource of a network, to refer to or to override. */
export interface NetworkResources {
  /** By region id; external regions have none. */
  readonly regions: ReadonlyMap<string, RegionResources>;
  /** By link id. */
  readonly links: ReadonlyMap<string, LinkResources>;
  /** Takes the unsealing secrets at apply; undefined while no gateway has a key. */
  readonly unsealSecrets?: TerraformVariable;
}

export interface RegionResources {
  /** Undefined where the region uses a VPC of yours. */
  readonly vpc?: MadeVpc;
  readonly vpcId: string;
  /** By gateway id, `<region>/<number>`. */
  readonly gateways: ReadonlyMap<string, GatewayResources>;
  readonly bucket: S3Bucket;
  /**
   * Routes to remote blocks, by table (`public`, `private-1`, `private-2`, or your table's id), then by
   * remote region.
   */
  readonly routes: ReadonlyMap<string, ReadonlyMap<string, Route>>;
}

/** A VPC that was made here. Zones are numbered 1 and 2. */
export interface MadeVpc {
  readonly vpc: Vpc;
  readonly internetGateway: InternetGateway;
  /** For gateways, by zone. */
  readonly publicSubnets: readonly [Subnet, Subnet];
  /** For workloads, by zone; they have no route to the Internet. */
  readonly privateSubnets: readonly [Subnet, Subnet];
  readonly publicTable: RouteTable;
  readonly privateTables: readonly [RouteTable, RouteTable];
  readonly flowLog: FlowLog;
  readonly flowLogGroup: CloudwatchLogGroup;
}

export interface GatewayResources {
  readonly eip: Eip;
  readonly networkInterface: NetworkInterface;
  /** The first also admits the region's own workloads; more of them where one cannot hold every tunnel. */
  readonly securityGroups: readonly SecurityGroup[];
  readonly role: IamRole;
  readonly policy: IamRolePolicy;
  readonly secret: SecretsmanagerSecret;
  readonly bundle: S3Object;
  readonly bundleDigest: S3Object;
  readonly endpoints: S3Object;
  readonly instance: Instance;
}

/** What admits a link's tunnels, by `<tunnel id> at <gateway id>`. */
export interface LinkResources {
  readonly ingress: ReadonlyMap<string, VpcSecurityGroupIngressRule>;
  readonly egress: ReadonlyMap<string, VpcSecurityGroupEgressRule>;
}

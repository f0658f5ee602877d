import { compare, diffPlans, type PlanDocument, type PlannedGateway, type PlannedRegion } from '../plan';
import { securityGroupOf, tunnelsOf } from './aws-rules';
import { bundle } from './bundle';
import type { ReportedDiff } from './diff-report';
import { gatewayFiles } from './gateway-files';

/** A cloud resource that a plan leads to. */
export interface AwsResource {
  /** Terraform type and construct path: `aws_vpc dublin/vpc`. */
  readonly id: string;
  readonly type: string;
  /** Construct path below the network's regions: `dublin/gateway-1/eip`. */
  readonly path: string;
  /** AWS region code; null for global resources (IAM). */
  readonly region: string | null;
  /** The arguments that the plan decides. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Every AWS resource of a plan, sorted by id, with what the plan decides of it. The constructs make the
 * same ones; a test holds the two against each other.
 */
export function awsResources(plan: PlanDocument): AwsResource[] {
  const resources = plan.regions
    .filter((r) => r.provider === 'aws')
    .flatMap((region) => regionResources(plan, region));
  return resources.sort((x, y) => (x.id < y.id ? -1 : 1));
}

/** The diff of two plans with the cloud resources that come, go and change. */
export function reportedDiff(before: PlanDocument, after: PlanDocument): ReportedDiff {
  // Equal plans lead to equal resources: no need to make every bundle twice.
  const view = (plan: PlanDocument) => new Map(awsResources(plan).map((r) => [r.id, r.values]));
  const same = before.digest === after.digest;
  return { ...diffPlans(before, after), resources: same ? [] : compare(view(before), view(after)) };
}

/** Adds a resource: type, path below its region, what the plan decides. */
type Add = (type: string, path: string, values?: Readonly<Record<string, unknown>>) => void;

function regionResources(plan: PlanDocument, region: PlannedRegion): AwsResource[] {
  const resources: AwsResource[] = [];
  const add: Add = (type, path, values = {}) => {
    const full = `${region.id}/${path}`;
    const global = type.startsWith('aws_iam_');
    resources.push({ id: `${type} ${full}`, type, path: full, region: global ? null : region.place, values });
  };
  const tags = { ...plan.tags, ...region.tags };
  if (region.vpc === null) addVpc(add, region, tags);
  for (const part of Object.keys(bucketTypes) as (keyof typeof bucketTypes)[]) {
    add(bucketTypes[part], part);
  }
  add('aws_s3_bucket', 'bucket', { tags });
  const tables = region.vpc?.routeTables ?? ['public', 'private-1', 'private-2'];
  for (const table of tables) {
    for (const remote of plan.regions) {
      if (remote.id === region.id) continue;
      add('aws_route', `${table}-to-region-${remote.id}`, { destination: remote.ipv4Block });
    }
  }
  for (const gateway of plan.gateways.filter((g) => g.region === region.id))
    addGateway(add, plan, region, gateway, tags);
  return resources;
}

const bucketTypes = {
  'bucket-policy': 'aws_s3_bucket_policy',
  'bucket-access': 'aws_s3_bucket_public_access_block',
  'bucket-encryption': 'aws_s3_bucket_server_side_encryption_configuration',
  'bucket-versioning': 'aws_s3_bucket_versioning',
  'bucket-lifecycle': 'aws_s3_bucket_lifecycle_configuration',
} as const;

function addVpc(add: Add, region: PlannedRegion, tags: object): void {
  add('aws_vpc', 'vpc', { block: region.ipv4Block, tags });
  add('aws_default_security_group', 'default-security-group', { tags });
  add('aws_internet_gateway', 'internet-gateway', { tags });
  add('aws_route_table', 'public-table', { tags });
  add('aws_route', 'public-to-internet');
  for (const zone of [1, 2]) {
    add('aws_route_table', `private-${zone}-table`, { tags });
    for (const kind of ['public', 'private']) {
      add('aws_subnet', `${kind}-${zone}`, { of: region.ipv4Block, tags });
      add('aws_route_table_association', `${kind}-${zone}-association`);
    }
  }
  add('aws_cloudwatch_log_group', 'flow-log-group', { tags });
  add('aws_flow_log', 'flow-log', { tags });
  add('aws_iam_role', 'flow-log-role', { tags });
  add('aws_iam_role_policy', 'flow-log-role-policy');
}

function addGateway(
  add: Add,
  plan: PlanDocument,
  region: PlannedRegion,
  gateway: PlannedGateway,
  tags: object,
): void {
  const at = `gateway-${gateway.number}`;
  const tunnels = tunnelsOf(plan.tunnels, gateway.id);
  for (const number of new Set([1, ...tunnels.map(({ own }) => securityGroupOf(own))])) {
    add('aws_security_group', `${at}/security-group${number === 1 ? '' : `-${number}`}`, { tags });
  }
  add('aws_vpc_security_group_ingress_rule', `${at}/in-own-block`, { from: region.ipv4Block });
  add('aws_vpc_security_group_egress_rule', `${at}/out-own-block`, { to: region.ipv4Block });
  add('aws_vpc_security_group_egress_rule', `${at}/out-http`);
  add('aws_vpc_security_group_egress_rule', `${at}/out-https`);
  for (const { tunnel, own, peer } of tunnels) {
    add('aws_vpc_security_group_ingress_rule', `${at}/in-${tunnel.id}`, {
      from: peer.gateway,
      port: own.listenPort,
    });
    add('aws_vpc_security_group_egress_rule', `${at}/out-${tunnel.id}`, {
      to: peer.gateway,
      port: peer.listenPort,
    });
  }
  add('aws_network_interface', `${at}/network-interface`, { tags });
  add('aws_eip', `${at}/eip`, { tags });
  add('aws_eip_association', `${at}/eip-association`);
  add('aws_secretsmanager_secret', `${at}/unseal-secret`, { tags });
  // A new key pair comes with a new unsealing secret.
  if (gateway.publicKey !== null) {
    add('aws_secretsmanager_secret_version', `${at}/unseal-secret-version`, { publicKey: gateway.publicKey });
  }
  add('aws_iam_role', `${at}/role`, { tags });
  add('aws_iam_role_policy', `${at}/role-policy`);
  add('aws_iam_instance_profile', `${at}/instance-profile`, { tags });
  // Without the sealed keys, which stand in no plan.
  const content = bundle(gatewayFiles(plan, gateway.id, null)).sha256.slice(0, 12);
  add('aws_s3_object', `${at}/bundle`, { content });
  add('aws_s3_object', `${at}/bundle-digest`, { content });
  add('aws_s3_object', `${at}/endpoints`, {
    peers: [...new Set(tunnels.map(({ peer }) => peer.gateway))].sort(),
  });
  add('aws_instance', `${at}/instance`, { instanceType: region.instanceType, tags });
}

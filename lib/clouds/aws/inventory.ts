import { gatewayAlarms, rootVolumeGib } from '../../catalog';
import {
  servedTables,
  takesOver,
  type PlanDocument,
  type PlannedGateway,
  type PlannedRegion,
} from '../../plan';
import { isKnownAtApply } from '../../model';
import { parsePrefix } from '../../net';
import type { AwsType } from './arguments';
import * as names from './names';
import { securityGroupOf, tunnelsOf } from './rules';
import { outsideScrapers } from './operators';
import { gatewayFolder, journalGroup } from '../../gateway/bucket-places';
import { operatorRoutes } from '../../gateway/operator-access';
import { routeTableName, routeTablesName, sharedTables } from '../../gateway';
import { longestVpcBlock, subnetBlocks } from './subnets';

/** A cloud resource that a plan leads to. */
export interface AwsResource {
  /**
   * Terraform type and construct path: `aws_vpc dublin/vpc`. Made of identities: what is renamed keeps its
   * resources.
   */
  readonly id: string;
  readonly type: AwsType;
  /** Construct path below the network's regions: `dublin/gateway-1/eip`. */
  readonly path: string;
  /** AWS region code; null for global resources (IAM). */
  readonly region: string | null;
  /**
   * The arguments that the plan decides, by the provider's name for them. What only the deployment knows has
   * a stand-in: `<account>` in names, the plan's digest for the content of a bundle, the epoch for the
   * version of an unsealing secret.
   */
  readonly values: Readonly<Record<string, unknown>>;
  /** Arguments that take what AWS made up for other resources (ids, addresses): the ids of these. */
  readonly references: Readonly<Record<string, readonly string[]>>;
  /** Arguments that Terraform leaves as it finds them once the resource is there. Absent: none. */
  readonly ignored?: readonly string[];
  /** Ids of resources that it is replaced with, beside those it refers to. Absent: none. */
  readonly replacedWith?: readonly string[];
}

/**
 * Every AWS resource of a plan, sorted by id, with what the plan decides of it. The constructs make the
 * same ones, with the same names, values and references; a test holds the two against each other.
 */
export function awsResources(plan: PlanDocument): AwsResource[] {
  const addresses = addressesOf(plan);
  const resources = plan.regions
    .filter((r) => r.provider === 'aws')
    .flatMap((region) => regionResources(plan, region, addresses));
  return resources.sort((x, y) => (x.id < y.id ? -1 : 1));
}

type Values = Readonly<Record<string, unknown>>;
type References = Readonly<Record<string, string | readonly string[]>>;

/** What agents own of a resource, and what it is replaced with. */
type Lifecycle = Pick<AwsResource, 'ignored' | 'replacedWith'>;

/** Adds a resource: type, path below its region, what is decided, what it refers to. @returns its id. */
type Add = (
  type: AwsType,
  path: string,
  values?: Values,
  references?: References,
  lifecycle?: Lifecycle,
) => string;

/** The region whose resources are listed. */
interface Scope {
  readonly plan: PlanDocument;
  readonly region: PlannedRegion;
  readonly add: Add;
  /** Where gateways are reached, by id. */
  readonly addresses: ReadonlyMap<string, Address>;
  /** Yours and our own, with this name. */
  readonly tags: (name: string) => Readonly<Record<string, string>>;
}

function regionResources(
  plan: PlanDocument,
  region: PlannedRegion,
  addresses: ReadonlyMap<string, Address>,
): AwsResource[] {
  const resources: AwsResource[] = [];
  const add: Add = (type, path, values = {}, references = {}, lifecycle = {}) => {
    const full = `${names.regionFolder(region)}/${path}`;
    const id = `${type} ${full}`;
    const global = type.startsWith('aws_iam_');
    const lists = Object.entries(references).map(([name, of]) => [name, [of].flat()] as const);
    resources.push({
      id,
      type,
      path: full,
      region: global ? null : region.place,
      values,
      references: Object.fromEntries(lists),
      ...lifecycle,
    });
    return id;
  };
  const tags = (name: string) => names.resourceTags(plan, region, name);
  const scope: Scope = { plan, region, add, addresses, tags };
  const made = region.vpc === null ? addVpc(scope) : undefined;
  const bucket = addBucket(scope);
  const journals = addJournalGroup(scope);
  const gateways = plan.gateways
    .filter((gateway) => gateway.region === region.id)
    .sort((x, y) => x.number - y.number)
    .map((gateway) => addGateway(scope, gateway, made, bucket, journals));
  addRoutes(scope, made, gateways);
  return resources;
}

/** Of a VPC that is made, by id: what others refer to. */
interface Made {
  readonly vpc: string;
  /** By zone. */
  readonly publicSubnets: readonly string[];
  /** By name. */
  readonly tables: Readonly<Record<string, string>>;
}

function addVpc(scope: Scope): Made {
  const { region, add, tags } = scope;
  const vpc = add('aws_vpc', 'vpc', { cidr_block: region.ipv4Block, tags: tags('vpc') });
  const inVpc = { vpc_id: vpc };
  add('aws_default_security_group', 'default-security-group', { tags: tags('default') }, inVpc);
  const internet = add('aws_internet_gateway', 'internet-gateway', { tags: tags('internet') }, inVpc);
  const table = (name: string) => add('aws_route_table', `${name}-table`, { tags: tags(name) }, inVpc);
  const tables = {
    public: table('public'),
    'private-1': table('private-1'),
    'private-2': table('private-2'),
  };
  add(
    'aws_route',
    'public-to-internet',
    { destination_cidr_block: '0.0.0.0/0' },
    { route_table_id: tables.public, gateway_id: internet },
  );
  // A block that has no room for subnets is told of elsewhere.
  const fits = parsePrefix(region.ipv4Block).length <= longestVpcBlock;
  const blocks = fits ? subnetBlocks(region.ipv4Block) : undefined;
  const subnet = (kind: 'public' | 'private', zone: 1 | 2) => {
    const name = `${kind}-${zone}`;
    const block = blocks?.[kind][zone - 1] ?? null;
    const id = add('aws_subnet', name, { cidr_block: block, tags: tags(name) }, inVpc);
    const route_table_id = kind === 'public' ? tables.public : tables[`private-${zone}`];
    add('aws_route_table_association', `${name}-association`, {}, { subnet_id: id, route_table_id });
    return id;
  };
  const publicSubnets = [subnet('public', 1), subnet('public', 2)];
  subnet('private', 1);
  subnet('private', 2);
  addFlowLog(scope, vpc);
  return { vpc, publicSubnets, tables };
}

function addFlowLog({ plan, region, add, tags }: Scope, vpc: string): void {
  const name = names.flowLogNames(plan, region);
  const group = add('aws_cloudwatch_log_group', 'flow-log-group', { name: name.group, tags: tags('flow') });
  const trust = `flow logs of VPCs in ${region.place}`;
  const role = add('aws_iam_role', 'flow-log-role', {
    name: name.role,
    assume_role_policy: trust,
    tags: tags('flow'),
  });
  add('aws_iam_role_policy', 'flow-log-role-policy', {}, { role, policy: group });
  const references = { vpc_id: vpc, log_destination: group, iam_role_arn: role };
  add('aws_flow_log', 'flow-log', { tags: tags('flow') }, references);
}

/** @returns the id of the group that journals go to; null: there is none. */
function addJournalGroup({ plan, region, add, tags }: Scope): string | null {
  const { logs } = plan.operations ?? {};
  if (!logs) return null;
  return add('aws_cloudwatch_log_group', 'journal-group', {
    name: journalGroup(plan, region),
    retention_in_days: logs.retentionDays,
    tags: tags('journal'),
  });
}

/** @returns the bucket's id. */
function addBucket({ plan, region, add, tags }: Scope): string {
  const name = names.bucketName(plan, region, '<account>');
  const bucket = add('aws_s3_bucket', 'bucket', { bucket: name, tags: tags('bucket') });
  add('aws_s3_bucket_policy', 'bucket-policy', {}, { bucket, policy: bucket });
  add('aws_s3_bucket_public_access_block', 'bucket-access', {}, { bucket });
  add('aws_s3_bucket_server_side_encryption_configuration', 'bucket-encryption', {}, { bucket });
  add('aws_s3_bucket_versioning', 'bucket-versioning', {}, { bucket });
  add('aws_s3_bucket_lifecycle_configuration', 'bucket-lifecycle', {}, { bucket });
  return bucket;
}

/** @param interfaces of the region's gateways, by number. */
function addRoutes({ plan, region, add }: Scope, made: Made | undefined, interfaces: string[]): void {
  servedTables(region).forEach(({ name: own, given, gateway }, i) => {
    const network_interface_id = interfaces[gateway - 1];
    const name = own ?? routeTableName(isKnownAtApply(given!) ? undefined : given!, i);
    const lifecycle = takesOver(region)
      ? { ignored: ['network_interface_id'], replacedWith: [network_interface_id] }
      : {};
    const addRoute = (to: string, destination_cidr_block: string) =>
      add(
        'aws_route',
        `${name}-to-${to}`,
        { destination_cidr_block, ...(own ? {} : { route_table_id: given }) },
        { network_interface_id, ...(own ? { route_table_id: made!.tables[own] } : {}) },
        lifecycle,
      );
    for (const remote of plan.regions) {
      if (remote.id === region.id) continue;
      addRoute(`region-${names.regionFolder(remote)}`, remote.ipv4Block);
      for (const prefix of names.vpcPrefixes(remote)) addRoute(`prefix-${names.prefixName(prefix)}`, prefix);
    }
    for (const { name: to, destination, gateway: number } of operatorRoutes(plan, region))
      add(
        'aws_route',
        `${name}-to-${to}`,
        { destination_cidr_block: destination, ...(own ? {} : { route_table_id: given }) },
        {
          network_interface_id: number === null ? network_interface_id : interfaces[number - 1],
          ...(own ? { route_table_id: made!.tables[own] } : {}),
        },
        number === null ? lifecycle : {},
      );
  });
}

/** @returns the id of the gateway's network interface. */
function addGateway(
  scope: Scope,
  gateway: PlannedGateway,
  made: Made | undefined,
  bucket: string,
  journals: string | null,
): string {
  const { plan, region, add } = scope;
  const at = gatewayFolder(gateway);
  const tags = scope.tags(String(gateway.number));
  const groups = addGroups(scope, gateway, made);
  const subnet = region.vpc?.publicSubnets[gateway.number - 1];
  const networkInterface = add(
    'aws_network_interface',
    `${at}/network-interface`,
    { description: `dwcp gateway ${gateway.id}`, tags, ...(made ? {} : { subnet_id: subnet }) },
    {
      security_groups: groups,
      ...(made ? { subnet_id: made.publicSubnets[gateway.number - 1] } : {}),
    },
  );
  const eip = add('aws_eip', `${at}/eip`, { tags });
  add(
    'aws_eip_association',
    `${at}/eip-association`,
    {},
    {
      allocation_id: eip,
      network_interface_id: networkInterface,
    },
  );
  const secret = add('aws_secretsmanager_secret', `${at}/unseal-secret`, {
    name: names.secretName(plan, gateway),
    description: `opens the sealed keys of gateway ${gateway.id}`,
    tags,
  });
  if (gateway.publicKey !== null) {
    const version = `epoch ${gateway.secretEpoch}`;
    add(
      'aws_secretsmanager_secret_version',
      `${at}/unseal-secret-version`,
      { secret_string_wo_version: version },
      { secret_id: secret },
    );
  }
  const name = names.gatewayName(plan, region, gateway);
  const role = add('aws_iam_role', `${at}/role`, { name, tags });
  const first = names.canaryBefore(plan, gateway);
  const shared = sharedOf(scope, made);
  const also = [
    ...(first ? [`reads the report of ${first.gateway.identity}`] : []),
    ...(plan.operations?.ssm ? ['takes orders by Systems Manager'] : []),
    ...(journals !== null ? ['sends its journal'] : []),
    ...(shared ? [`moves routes of ${shared.names.join(', ')} in ${region.vpc?.id ?? 'its VPC'}`] : []),
  ];
  add(
    'aws_iam_role_policy',
    `${at}/role-policy`,
    also.length > 0 ? { policy: `also ${also.join(' and ')}` } : {},
    {
      role,
      policy: [
        ...[bucket, secret],
        ...(journals !== null ? [journals] : []),
        ...(shared ? [...shared.tables, ...(made ? [made.vpc] : [])] : []),
      ],
    },
  );
  add('aws_iam_instance_profile', `${at}/instance-profile`, { name, role: name, tags });
  addObjects(scope, gateway, bucket);
  if (shared) addRouteTablesObject(scope, gateway, bucket, shared);
  const source = `s3://${names.bucketName(plan, region, '<account>')}/${at}`;
  const instance = add(
    'aws_instance',
    `${at}/instance`,
    {
      instance_type: region.instanceType,
      iam_instance_profile: name,
      user_data: [
        `gateway ${gateway.identity} in ${region.place}: ${source}`,
        names.secretName(plan, gateway),
        ...(plan.signingKeys ? [`first signing key ${plan.signingKeys[0]}`] : []),
      ].join(', '),
      'root_block_device.volume_size': rootVolumeGib,
      'root_block_device.tags': tags,
      tags,
    },
    { 'primary_network_interface.network_interface_id': networkInterface },
  );
  for (const { name: check, action } of gatewayAlarms)
    add(
      'aws_cloudwatch_metric_alarm',
      `${at}/${check}-alarm`,
      {
        alarm_name: names.alarmName(plan, region, gateway, check),
        alarm_actions: [`arn:aws:automate:${region.place}:ec2:${action}`],
        tags: scope.tags(`${gateway.number}-${check}`),
      },
      { 'dimensions.InstanceId': instance },
    );
  return networkInterface;
}

/** @returns the ids of the gateway's security groups. */
function addGroups(
  { plan, region, add, addresses, tags }: Scope,
  gateway: PlannedGateway,
  made: Made | undefined,
): readonly string[] {
  const at = gatewayFolder(gateway);
  const tunnels = tunnelsOf(plan.tunnels, gateway.id);
  const numbers = [...new Set([1, ...tunnels.map(({ own }) => securityGroupOf(own))])].sort((x, y) => x - y);
  const groups = new Map(
    numbers.map((number) => {
      const suffix = number === 1 ? '' : `-${number}`;
      const values = {
        name: names.groupName(plan, region, gateway, number),
        description: names.groupDescription(gateway),
        tags: tags(`${gateway.number}${suffix}`),
      };
      const path = `${at}/security-group${suffix}`;
      const id = made
        ? add('aws_security_group', path, values, { vpc_id: made.vpc })
        : add('aws_security_group', path, { ...values, vpc_id: region.vpc!.id });
      return [number, id];
    }),
  );
  const first = { security_group_id: groups.get(1)! };
  const own = { cidr_ipv4: region.ipv4Block, tags: tags('own-block') };
  add('aws_vpc_security_group_ingress_rule', `${at}/in-own-block`, own, first);
  add('aws_vpc_security_group_egress_rule', `${at}/out-own-block`, own, first);
  for (const prefix of names.vpcPrefixes(region)) {
    const name = names.prefixName(prefix);
    const behind = { cidr_ipv4: prefix, tags: tags(`prefix-${name}`) };
    add('aws_vpc_security_group_ingress_rule', `${at}/in-prefix-${name}`, behind, first);
    add('aws_vpc_security_group_egress_rule', `${at}/out-prefix-${name}`, behind, first);
  }
  const { metrics } = plan.operations ?? {};
  for (const prefix of outsideScrapers(plan, region)) {
    const name = `metrics-${names.prefixName(prefix)}`;
    const [from_port, to_port] = [metrics!.port, metrics!.port];
    const values = { cidr_ipv4: prefix, from_port, to_port, tags: tags(name) };
    add('aws_vpc_security_group_ingress_rule', `${at}/in-${name}`, values, first);
  }
  for (const name of ['http', 'https'])
    add('aws_vpc_security_group_egress_rule', `${at}/out-${name}`, { tags: tags(name) }, first);
  for (const { tunnel, own, peer } of tunnels) {
    const from = addresses.get(peer.gateway)!;
    const description = `${tunnel.type} with ${peer.gateway}`;
    const values = (port: number) => ({
      ...(from.endpoint === undefined ? {} : { cidr_ipv4: `${from.endpoint}/32` }),
      from_port: port,
      to_port: port,
      description,
      tags: tags(tunnel.id),
    });
    const references = {
      security_group_id: groups.get(securityGroupOf(own))!,
      ...(from.eip === undefined ? {} : { cidr_ipv4: from.eip }),
    };
    const [into, out] = [values(own.listenPort), values(peer.listenPort)];
    add('aws_vpc_security_group_ingress_rule', `${at}/in-${tunnel.identity}`, into, references);
    add('aws_vpc_security_group_egress_rule', `${at}/out-${tunnel.identity}`, out, references);
  }
  return [...groups.values()];
}

/** The tables that two gateways of a region share. */
interface Shared {
  /** What the plan calls them. */
  readonly names: readonly string[];
  /** Ids of those that are made. */
  readonly tables: readonly string[];
}

/** undefined: the region has one gateway, or names no tables. */
function sharedOf({ plan, region }: Scope, made: Made | undefined): Shared | undefined {
  const tables = sharedTables(plan, region).map(({ name }) => name);
  if (tables.length === 0) return undefined;
  return { names: tables, tables: made ? tables.map((name) => made.tables[name]) : [] };
}

function addRouteTablesObject(
  { plan, region, add }: Scope,
  gateway: PlannedGateway,
  bucket: string,
  shared: Shared,
): void {
  const at = gatewayFolder(gateway);
  const both = plan.gateways.filter((g) => g.region === region.id).sort((x, y) => x.number - y.number);
  const interfaces = both.map(
    (g) => `aws_network_interface ${names.regionFolder(region)}/${gatewayFolder(g)}/network-interface`,
  );
  add(
    'aws_s3_object',
    `${at}/route-tables`,
    {
      content: [...shared.names, ...(region.vpc?.routeTables ?? []), ...both.map((g) => g.identity)],
      key: `${at}/${routeTablesName}`,
      tags: names.ownTags(plan, region, String(gateway.number)),
    },
    { bucket, content: [...shared.tables, ...interfaces] },
  );
}

function addObjects({ plan, region, add, addresses }: Scope, gateway: PlannedGateway, bucket: string): void {
  const at = gatewayFolder(gateway);
  const tags = names.ownTags(plan, region, String(gateway.number));
  // `gateway.json` names the plan's digest: bundles of two plans differ, of one they do not.
  const content = `of plan ${plan.digest.slice(0, 'sha256:'.length + 12)}`;
  add('aws_s3_object', `${at}/bundle`, { source_hash: content, key: `${at}/bundle.tar`, tags }, { bucket });
  add('aws_s3_object', `${at}/manifest`, { content, key: `${at}/manifest`, tags }, { bucket });
  const first = names.canaryBefore(plan, gateway);
  if (first) {
    const where = `${first.region.place} ${names.bucketName(plan, first.region, '<account>')} <account>`;
    add('aws_s3_object', `${at}/canary`, { content: where, key: `${at}/canary`, tags }, { bucket });
  }
  const ids = tunnelsOf(plan.tunnels, gateway.id).map(({ peer }) => peer.gateway);
  const peers = [...new Set(ids)]
    .map((id) => addresses.get(id)!)
    .sort((x, y) => (x.identity < y.identity ? -1 : 1));
  const eips = peers.flatMap(({ eip }) => eip ?? []);
  add(
    'aws_s3_object',
    `${at}/endpoints`,
    {
      content: peers.map((peer) => [peer.identity, peer.endpoint ?? []].flat().join(' ')),
      key: `${at}/endpoints.json`,
      tags,
    },
    { bucket, ...(eips.length > 0 && { content: eips }) },
  );
}

/** Where a gateway is reached: its Elastic IP, by id, or what an external region gave. */
interface Address {
  /** The gateway's. */
  readonly identity: string;
  readonly eip?: string;
  readonly endpoint?: string;
}

function addressesOf(plan: PlanDocument): ReadonlyMap<string, Address> {
  const regions = new Map(plan.regions.map((region) => [region.id, region]));
  return new Map(
    plan.gateways.map((gateway): [string, Address] => {
      const region = regions.get(gateway.region)!;
      const { provider, endpoint } = region;
      const { identity } = gateway;
      if (provider === 'aws')
        return [
          gateway.id,
          { identity, eip: `aws_eip ${names.regionFolder(region)}/${gatewayFolder(gateway)}/eip` },
        ];
      return [gateway.id, endpoint ? { identity, endpoint } : { identity }];
    }),
  );
}

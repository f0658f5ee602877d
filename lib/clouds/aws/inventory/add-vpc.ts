import { parsePrefix } from '../../../net';
import { flowLogNames } from '../names';
import { longestVpcBlock, subnetBlocks } from '../subnets';
import type { InventoryScope } from './inventory-scope';

/** Ids of a VPC that is made, which other resources refer to. */
export interface InventoryVpc {
  readonly vpc: string;
  /** By zone. */
  readonly publicSubnets: readonly string[];
  /** By name. */
  readonly tables: Readonly<Record<string, string>>;
}

export function addVpc(scope: InventoryScope): InventoryVpc {
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

function addFlowLog({ plan, region, add, tags }: InventoryScope, vpc: string): void {
  const name = flowLogNames(plan, region);
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

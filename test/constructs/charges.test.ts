import type { NetworkDescription } from '../../constructs';
import { inGivenVpc, line, ofType, synthesize, type Synthesized } from './fixture';

/** What the cost table calls the resources that AWS charges for; their number is the item's. */
const charged: Readonly<Record<string, string>> = {
  aws_instance: 'gateway',
  aws_eip: 'public IPv4 address',
  aws_secretsmanager_secret: 'secrets',
  aws_cloudwatch_metric_alarm: 'alarms',
  aws_flow_log: 'flow logs',
  aws_s3_bucket: 'bundle storage',
};

/** Resources without a charge of their own, and why. */
const free: Readonly<Record<string, string>> = {
  aws_vpc: 'no charge',
  aws_subnet: 'no charge',
  aws_default_security_group: 'no charge',
  aws_internet_gateway: 'no charge but for traffic, which the links carry',
  aws_route_table: 'no charge',
  aws_route_table_association: 'no charge',
  aws_route: 'no charge',
  aws_network_interface: 'no charge; its public address has an item',
  aws_eip_association: 'part of its address',
  aws_security_group: 'no charge',
  aws_vpc_security_group_ingress_rule: 'no charge',
  aws_vpc_security_group_egress_rule: 'no charge',
  aws_iam_role: 'no charge',
  aws_iam_role_policy: 'no charge',
  aws_iam_instance_profile: 'no charge',
  aws_s3_bucket_policy: 'part of its bucket',
  aws_s3_bucket_public_access_block: 'part of its bucket',
  aws_s3_bucket_server_side_encryption_configuration: 'part of its bucket',
  aws_s3_bucket_versioning: 'part of its bucket; versions are storage',
  aws_s3_bucket_lifecycle_configuration: 'part of its bucket',
  aws_s3_object: 'storage of its bucket',
  aws_secretsmanager_secret_version: 'part of its secret',
  aws_cloudwatch_log_group: 'storage of its flow log',
};

const own: NetworkDescription = { ...line, regions: { ...line.regions, dublin: inGivenVpc } };

describe('what AWS charges for', () => {
  const unaccounted = ({ resource = {} }: Synthesized) =>
    Object.keys(resource).filter((type) => !(type in charged) && !(type in free));

  it.each([
    ['VPCs of its own', line],
    ['a given VPC', own],
  ])('stands in the cost table, in number: %s', (_, description) => {
    const { synthesized, plan } = synthesize(description);
    expect(unaccounted(synthesized)).toEqual([]);
    const { items } = plan!.cost;
    for (const [type, item] of Object.entries(charged)) {
      const counted = items
        .filter((i) => i.item === item || i.item.startsWith(`${item} `))
        .reduce((sum, i) => sum + i.quantity, 0);
      expect([type, counted]).toEqual([type, ofType(synthesized, type).length]);
    }
    // A root volume is part of its instance in Terraform, and charged apart by AWS.
    const volumes = items.filter((i) => i.item === 'root volumes');
    expect(volumes.reduce((sum, i) => sum + i.quantity, 0)).toBe(ofType(synthesized, 'aws_instance').length);
  });

  it('has a price or is named as unknown, with the date of the prices', () => {
    const { cost } = synthesize(line).plan!;
    expect(cost.asOf).not.toBe('');
    for (const { item, usdPerMonth, origin } of cost.items) {
      if (usdPerMonth === null)
        expect([item, origin, cost.unknown.includes(item)]).toEqual([item, 'unknown', true]);
      else expect(usdPerMonth).toBeGreaterThan(0);
    }
  });

  it('would show a resource that nobody thought of', () => {
    const { synthesized } = synthesize(line);
    const resource = { ...synthesized.resource, aws_nat_gateway: { one: {} } };
    expect(unaccounted({ ...synthesized, resource })).toEqual(['aws_nat_gateway']);
  });
});

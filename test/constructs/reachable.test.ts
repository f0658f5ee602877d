import { TerraformDataSource, TerraformElement, TerraformResource, TerraformVariable } from 'cdktf';
import type { App } from 'cdktf';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DeploymentProps, NetworkDescription } from '../../constructs';
import { createKeyFile } from '../../lib/net/keys';
import { seededRandom } from '../net/seeded-random';
import { inMemory, line, resourcesOf, synthAll, synthesize, synthesizePerRegion } from './fixture';

/** Two gateways, an existing VPC, an external site, and keys: every kind of resource there is. */
const everyKind: NetworkDescription = {
  ...line,
  regions: {
    virginia: { place: 'us-east-1', gateways: { count: 2 } },
    dublin: {
      place: 'eu-west-1',
      block: '10.77.0.0/16',
      vpc: {
        id: 'vpc-0123456789abcdef0',
        publicSubnets: ['subnet-0123456789abcdef1'],
        routeTables: ['rtb-0123456789abcdef1', 'rtb-0123456789abcdef2'],
      },
    },
    singapore: { place: 'ap-southeast-1' },
    office: { external: { endpoint: '203.0.113.7', location: { lat: 48.1, lon: 11.6 } } },
  },
  links: [...line.links!, { between: ['office', 'dublin'], bandwidth: '500 Mbps' }],
};

/** Every Terraform element that can be walked to from a value, through maps, lists and fields. */
function reachable(value: unknown, found = new Set<TerraformElement>()): Set<TerraformElement> {
  if (TerraformElement.isTerraformElement(value)) found.add(value);
  else if (value instanceof Map) for (const entry of value.values()) reachable(entry, found);
  else if (typeof value === 'object' && value !== null)
    for (const field of Object.values(value)) reachable(field, found);
  return found;
}

async function keyed(): Promise<DeploymentProps> {
  const gateways = ['virginia/1', 'virginia/2', 'dublin/1', 'singapore/1', 'office/1'];
  const cost = { n: 1024, r: 8, p: 1 };
  const { opened } = await createKeyFile(
    'line',
    { gateways, tunnels: [] },
    { passphrase: 'for a test' },
    seededRandom('reachable'),
    cost,
  );
  const keysFile = path.join(mkdtempSync(path.join(tmpdir(), 'dwcp-')), 'line.keys.json');
  writeFileSync(keysFile, opened.text);
  return { lockFile: false, keysFile };
}

describe('network.resources', () => {
  it.each([
    ['in one stack', synthesize],
    ['with a stack per region', synthesizePerRegion],
  ])('leads to every resource, look-up and variable that was created, %s', async (_name, make) => {
    const { network } = make(everyKind, await keyed());
    const found = reachable(network.resources);
    const all = network.node.root.node
      .findAll()
      .filter(
        (node): node is TerraformElement =>
          TerraformResource.isTerraformResource(node) ||
          TerraformDataSource.isTerraformDataSource(node) ||
          node instanceof TerraformVariable,
      )
      .filter((node) => node.node.path.includes('/line/'));
    const missing = all.filter((node) => !found.has(node)).map((node) => node.node.path);
    expect(missing).toEqual([]);
    expect(all.length).toBeGreaterThan(100);
    expect([...found].filter((element) => !all.includes(element))).toEqual([]);
    const types = new Set(all.map((node) => (node as TerraformResource).terraformResourceType));
    expect(types).toContain('aws_secretsmanager_secret_version');
    expect(types).toContain('aws_iam_instance_profile');
  });

  it('lets each of them be overridden', () => {
    const { network } = synthesizePerRegion(everyKind, inMemory);
    const resources = [...reachable(network.resources)].filter((element) =>
      TerraformResource.isTerraformResource(element),
    );
    for (const resource of resources) {
      resource.addOverride('overridden', resource.terraformResourceType);
      resource.addOverride('lifecycle.prevent_destroy', true);
    }
    const stacks = synthAll(network.node.root as App);
    const all = [...stacks.values()].flatMap((synthesized) => [...resourcesOf(synthesized)]);
    expect(all).toHaveLength(resources.length);
    expect(all.length).toBeGreaterThan(100);
    for (const [id, resource] of all) {
      const wanted = { overridden: id.split('.')[0], prevented: true };
      const { overridden, lifecycle } = resource as {
        overridden: string;
        lifecycle: Record<string, unknown>;
      };
      expect([id, { overridden, prevented: lifecycle.prevent_destroy }]).toEqual([id, wanted]);
    }
  });
});

describe('extra', () => {
  it('passes arguments to each kind that it names', () => {
    const { synthesized } = synthesize(line, {
      ...inMemory,
      extra: {
        vpc: { instanceTenancy: 'dedicated' },
        networkInterface: { interfaceType: 'efa' },
        instance: { monitoring: true },
        bucket: { objectLockEnabled: true },
        flowLogGroup: { kmsKeyId: 'arn:aws:kms:eu-west-1:111111111111:key/k' },
      },
    });
    const every = (type: string, argument: string) => [
      ...new Set(Object.values(synthesized.resource![type]).map((resource) => resource[argument] as unknown)),
    ];
    expect(every('aws_vpc', 'instance_tenancy')).toEqual(['dedicated']);
    expect(every('aws_network_interface', 'interface_type')).toEqual(['efa']);
    expect(every('aws_instance', 'monitoring')).toEqual([true]);
    expect(every('aws_s3_bucket', 'object_lock_enabled')).toEqual([true]);
    expect(every('aws_cloudwatch_log_group', 'kms_key_id')).toHaveLength(1);
  });
});

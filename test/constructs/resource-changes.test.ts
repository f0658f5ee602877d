import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NetworkDescription } from '../../constructs';
import { awsArguments, type AwsType } from '../../lib/clouds/aws/arguments';
import type { CloudResource } from '../../lib/clouds/deployment';
import { cloudResources } from '../../lib/clouds/deployments';
import { resourceChanges, tallyOf } from '../../lib/clouds/resource-changes';
import type { PlanDocument } from '../../lib/plan';
import { resourcesOf, synthesize, type Synthesized } from './fixture';
import {
  flatArguments,
  kindsSynthesized,
  referencesOf,
  synthesizedResources,
  type SynthesizedResource,
} from './synthesized-resources';

const external = { endpoint: '203.0.113.7', location: { lat: 48.1, lon: 11.6, country: 'DE' } } as const;
const given = {
  id: 'vpc-0123456789abcdef0',
  publicSubnets: ['subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'],
  routeTables: ['rtb-0123456789abcdef1', 'rtb-0123456789abcdef2', 'rtb-0123456789abcdef3'],
};

/** A region with one gateway, one with two, one in a VPC of its own and a site. */
const mixed: NetworkDescription = {
  network: 'mixed',
  tags: { owner: 'network team' },
  regions: {
    virginia: { place: 'us-east-1' },
    dublin: { place: 'eu-west-1', gateways: { count: 2 }, tags: { cost: '42' } },
    tokyo: {
      place: 'ap-northeast-1',
      block: '10.77.0.0/16',
      prefixes: ['10.78.0.0/16', 'fd00:78::/48'],
      gateways: { count: 2 },
      vpc: given,
    },
    office: { external, prefixes: ['192.168.7.0/24', '192.168.9.0/24'] },
  },
  links: [{ mesh: 'all' }],
};

type Regions = NetworkDescription['regions'];
const withRegions = (change: (regions: Regions) => Partial<Regions>): NetworkDescription => ({
  ...mixed,
  regions: { ...mixed.regions, ...change(mixed.regions) } as Regions,
});
const vpcOf = (change: Partial<typeof given>) =>
  withRegions((r) => ({ tokyo: { ...r.tokyo, vpc: { ...given, ...change } } }) as Partial<Regions>);

const withoutTokyo = Object.fromEntries(
  Object.entries(mixed.regions).filter(([id]) => id !== 'tokyo'),
) as Regions;

/** Changes with what must be among the replaced, and what must not. */
const edits: readonly (readonly [string, NetworkDescription, readonly string[], RegExp])[] = [
  [
    'another place',
    withRegions((r) => ({ virginia: { ...r.virginia, place: 'us-east-2' } })),
    ['aws_vpc virginia/vpc', 'aws_s3_bucket virginia/bucket', 'aws_eip virginia/gateway-1/eip'],
    / (dublin|tokyo)\/|^aws_iam_(role|instance_profile) /,
  ],
  [
    'another block',
    // On purpose: without `renumber` the lock keeps the block that it holds.
    {
      ...withRegions((r) => ({ virginia: { ...r.virginia, block: '10.99.0.0/16' } })),
      renumber: ['virginia'],
    },
    ['aws_vpc virginia/vpc', 'aws_instance virginia/gateway-1/instance', 'aws_flow_log virginia/flow-log'],
    /^aws_(eip|s3_bucket|iam_role|secretsmanager_secret) | (dublin|tokyo)\/gateway/,
  ],
  [
    'another VPC of yours',
    vpcOf({
      id: 'vpc-0bbbbbbbbbbbbbbbb',
      publicSubnets: ['subnet-0bbbbbbbbbbbbbbb1', 'subnet-0bbbbbbbbbbbbbbb2'],
    }),
    ['aws_security_group tokyo/gateway-1/security-group', 'aws_instance tokyo/gateway-1/instance'],
    / (dublin|virginia)\/|^aws_eip /,
  ],
  [
    'another subnet',
    vpcOf({ publicSubnets: ['subnet-0bbbbbbbbbbbbbbb1', given.publicSubnets[1]] }),
    ['aws_network_interface tokyo/gateway-1/network-interface', 'aws_instance tokyo/gateway-1/instance'],
    / (dublin|virginia)\/|gateway-2|^aws_security_group /,
  ],
  [
    'another route table',
    vpcOf({ routeTables: [...given.routeTables.slice(0, 2), 'rtb-0cccccccccccccccc'] }),
    [],
    /./,
  ],
  [
    'another network name',
    { ...mixed, network: 'other' },
    ['aws_s3_bucket dublin/bucket', 'aws_iam_role dublin/gateway-1/role'],
    /^aws_(eip|vpc|subnet) /,
  ],
  [
    'a VPC made instead of yours',
    withRegions((r) => ({ tokyo: { place: r.tokyo.place, gateways: { count: 2 } } })),
    ['aws_security_group tokyo/gateway-2/security-group'],
    / (dublin|virginia)\/gateway/,
  ],
  [
    'another instance type',
    withRegions(() => ({
      dublin: { ...mixed.regions.dublin, gateways: { count: 2, instanceType: 'c7gn.xlarge' } },
    })),
    [],
    /./,
  ],
  [
    'a way in for operators',
    { ...mixed, operations: { ssm: true, metrics: { from: ['10.9.0.0/16', '192.168.7.0/25'] } } },
    [],
    /./,
  ],
  ['journals in the cloud', { ...mixed, operations: { logs: { retention: '90 d' } } }, [], /./],
  ['one gateway less', withRegions(() => ({ dublin: { place: 'eu-west-1' } })), [], /./],
  ['other tags', { ...mixed, tags: { owner: 'somebody else' } }, [], /./],
  [
    'another address of a site',
    withRegions(() => ({ office: { external: { ...external, endpoint: '203.0.113.8' } } })),
    [],
    /./,
  ],
  [
    'other prefixes',
    withRegions((r) => ({
      virginia: { ...r.virginia, prefixes: ['172.16.0.0/16'] },
      tokyo: { ...r.tokyo, prefixes: ['10.79.0.0/16'] },
      office: { external, prefixes: ['192.168.9.0/24'] },
    })),
    [],
    /./,
  ],
  ['a region less', { ...mixed, regions: withoutTokyo }, [], /./],
];

interface Made {
  readonly plan: PlanDocument;
  readonly resources: ReadonlyMap<string, SynthesizedResource>;
  readonly synthesized: Synthesized;
}

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'dwcp-resource-changes-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function make(description: NetworkDescription, lockFile: string | false = false): Made {
  const { plan, network, synthesized, diagnostics } = synthesize(description, { lockFile, keysFile: false });
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return { plan, resources: synthesizedResources(network, synthesized), synthesized };
}

const first = (() => {
  let made: Made | undefined;
  return () => (made ??= make(mixed));
})();

describe('the table of arguments', () => {
  it('has every resource type and every argument that is synthesized, in one list', () => {
    const unknown: string[] = [];
    const seen = new Set<string>();
    for (const [id, resource] of resourcesOf(first().synthesized)) {
      const type = id.split('.')[0] as AwsType;
      for (const [argument] of flatArguments(resource)) {
        const { replaces, updates } = awsArguments[type] as { replaces: string[]; updates: string[] };
        const lists = [replaces, updates].filter((list) => list.includes(argument));
        if (lists.length !== 1) unknown.push(`${type} ${argument}: ${lists.length} lists`);
        seen.add(`${type} ${argument}`);
      }
    }
    expect([...new Set(unknown)]).toEqual([]);
    expect(seen.size).toBeGreaterThan(120);
  });

  it('lists as changed in place nothing that is not synthesized', () => {
    const seen = new Set(
      [...resourcesOf(first().synthesized)].flatMap(([id, resource]) =>
        flatArguments(resource).map(([argument]) => `${id.split('.')[0]} ${argument}`),
      ),
    );
    // Of the version of a secret: this network has no keys.
    const unkeyed = ['aws_secretsmanager_secret_version secret_string_wo'];
    const listed = Object.entries(awsArguments).flatMap(([type, { updates }]) =>
      updates.map((argument) => `${type} ${argument}`),
    );
    expect(listed.filter((name) => !seen.has(name))).toEqual(unkeyed);
  });
});

describe('the inventory', () => {
  /** The same in every network: nothing that a plan decides. */
  const constant = [
    'aws_eip domain',
    'aws_flow_log log_destination_type',
    'aws_flow_log traffic_type',
    'aws_iam_role_policy name',
    'aws_instance ebs_optimized',
    'aws_instance root_block_device.encrypted',
  ];

  it('has every argument that replaces a resource, with the value that is synthesized', () => {
    const { plan, resources } = first();
    const listed = new Map(cloudResources(plan).map((r) => [r.id, r]));
    expect([...listed.keys()].sort()).toEqual([...resources.keys()].sort());
    const problems: string[] = [];
    for (const [id, { type, values, references, ignored }] of resources) {
      const own: CloudResource = listed.get(id)!;
      for (const argument of awsArguments[type].replaces as readonly string[]) {
        if (!(argument in values) || ignored.includes(argument)) continue;
        if (constant.includes(`${type} ${argument}`)) continue;
        const given = argument === 'region' ? own.region : own.values[argument];
        const right = references[argument]
          ? references[argument].join() === own.references[argument]?.join()
          : JSON.stringify(given) === values[argument];
        if (!right) problems.push(`${id} ${argument}: ${values[argument]}`);
      }
    }
    expect(problems).toEqual([]);
  });

  it('refers to what the synthesized arguments refer to, and to nothing else', () => {
    const { plan, resources } = first();
    for (const resource of cloudResources(plan)) {
      const { references } = resources.get(resource.id)!;
      const right = Object.fromEntries(
        Object.entries(references).map(([name, ids]) => [name, [...new Set(ids)].sort()]),
      );
      expect([resource.id, referencesOf(resource)]).toEqual([resource.id, right]);
    }
  });

  it('has tags, ports, descriptions and instance types as they are synthesized', () => {
    const { plan, resources } = first();
    const size = 'root_block_device.volume_size';
    const literal = ['tags', 'root_block_device.tags', size, 'from_port', 'to_port', 'description', 'role'];
    const compared = cloudResources(plan).flatMap(({ id, values }) =>
      [...literal, 'instance_type', 'iam_instance_profile']
        .filter((argument) => argument in values)
        .map((argument) => {
          const made = JSON.parse(resources.get(id)!.values[argument]) as unknown;
          expect([id, argument, values[argument]]).toEqual([id, argument, made]);
        }),
    );
    expect(compared.length).toBeGreaterThan(250);
  });
});

describe('what becomes of cloud resources', () => {
  it('is nothing from a plan to itself', () => {
    expect(resourceChanges(first().plan, first().plan)).toEqual([]);
  });

  it.each(edits)(
    'with %s is what the synthesized configuration says',
    (name, edited, replaced, untouched) => {
      const lockFile = path.join(folder, `${name.replace(/ /g, '-')}.json`);
      const before = make(mixed, lockFile);
      const after = make(edited, edited.network === mixed.network ? lockFile : false);
      for (const [old, now] of [
        [before, after],
        [after, before],
      ]) {
        const changes = resourceChanges(old.plan, now.plan);
        const listed = changes.map(({ id, kind }) => `${id} ${kind}`);
        const right = [...kindsSynthesized(old.resources, now.resources)].map(
          ([id, kind]) => `${id} ${kind}`,
        );
        expect(listed.filter((line) => !right.includes(line))).toEqual([]);
        expect(right.filter((line) => !listed.includes(line))).toEqual([]);
      }
      const changes = resourceChanges(before.plan, after.plan);
      const ids = changes.filter((c) => c.kind === 'replaced').map((c) => c.id);
      expect(ids).toEqual(expect.arrayContaining([...replaced]));
      expect(ids.filter((id) => untouched.test(id))).toEqual([]);
      expect(tallyOf(changes).replaced).toBe(ids.length);
      // Each says why.
      for (const change of changes.filter((c) => c.kind === 'replaced'))
        expect(change.fields.some((f) => f.forcesReplacement)).toBe(true);
    },
  );
});

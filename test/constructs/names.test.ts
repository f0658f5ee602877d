import type { NetworkDescription } from '../../constructs';
import {
  line,
  resourcesOf,
  synthesize,
  synthesizePerRegion,
  type Resource,
  type Synthesized,
} from './fixture';

/** Account of every stack here. */
const account = /\$\{data\.aws_caller_identity\.[\w-]+\.account_id\}/g;

/**
 * The names that must be unique, each with where it must be so: S3 buckets among all accounts, roles and
 * profiles in the account, the rest by region, security groups by VPC.
 */
function uniqueNames(synthesized: Synthesized): string[] {
  const scope = (type: string, resource: Resource): string | undefined => {
    const { region } = resource as { region?: string };
    if (type === 'aws_s3_bucket') return `everywhere ${resource.bucket as string}`;
    if (type === 'aws_iam_role' || type === 'aws_iam_instance_profile') return resource.name as string;
    if (type === 'aws_security_group') return `${resource.vpc_id as string} ${resource.name as string}`;
    if (type === 'aws_cloudwatch_log_group' || type === 'aws_secretsmanager_secret') {
      return `${region} ${resource.name as string}`;
    }
    return undefined;
  };
  return [...resourcesOf(synthesized)].flatMap(([id, resource]) => {
    const type = id.split('.')[0];
    const name = scope(type, resource);
    return name === undefined ? [] : [`${type} ${name.replaceAll(account, '123456789012')}`];
  });
}

const ways: [string, (description: NetworkDescription) => string[]][] = [
  ['in one stack', (description) => uniqueNames(synthesize(description).synthesized)],
  [
    'with a stack per region',
    (description) => [...synthesizePerRegion(description).stacks.values()].flatMap(uniqueNames),
  ],
];

const vpc = (...subnets: string[]) => ({
  id: 'vpc-0123456789abcdef0',
  publicSubnets: subnets.map((subnet) => `subnet-0123456789abcde${subnet}`),
  routeTables: ['rtb-0123456789abcdef1'],
});

/** Ids that come to the same text when they are put together carelessly. */
const alike: NetworkDescription[] = [
  {
    network: 'a',
    regions: {
      'b-c': { place: 'us-east-1', gateways: { count: 2 } },
      b: { place: 'us-east-1' },
      'b-1': { place: 'us-east-2', gateways: { count: 2 } },
      'b-flow': { place: 'us-east-1' },
    },
    links: [{ mesh: 'all' }],
  },
  {
    network: 'a-b',
    regions: { c: { place: 'us-east-1', gateways: { count: 2 } }, 'c-1': { place: 'us-east-1' } },
    links: [{ between: ['c', 'c-1'] }],
  },
];

describe.each(ways)('names that must be unique, %s,', (_way, names) => {
  const distinct = (...descriptions: NetworkDescription[]) => {
    const all = descriptions.flatMap(names);
    expect(all.length).toBeGreaterThanOrEqual(15 * descriptions.length);
    expect(all.filter((name, i) => all.indexOf(name) !== i)).toEqual([]);
  };

  it('differ between two networks of one account', () => {
    distinct(line, { ...line, network: 'other' });
  });

  it('differ when one network is deployed twice under different names', () => {
    distinct({ ...line, network: 'line-staging' }, { ...line, network: 'line' });
  });

  it('differ where ids of networks, regions and gateways look alike', () => {
    distinct(...alike);
  });

  it('differ between gateways in one VPC of yours, with more groups than one', () => {
    const sites = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [
        `site-${i}`,
        { external: { endpoint: `203.0.113.${i + 1}`, location: { lat: i, lon: i } } },
      ]),
    );
    distinct({
      network: 'shared',
      regions: {
        ...sites,
        hub: { place: 'eu-west-1', block: '10.1.0.0/16', vpc: vpc('f1') },
        'hub-1': { place: 'eu-west-1', block: '10.2.0.0/16', gateways: { count: 2 }, vpc: vpc('f2', 'f3') },
      },
      links: [
        ...Object.keys(sites).map((id) => ({ between: ['hub', id] as [string, string] })),
        { between: ['hub', 'hub-1'] },
      ],
    });
  });

  it('stay within what AWS takes, for the longest ids', () => {
    const [network, region] = ['n', 'r'].map((letter) => letter.repeat(20));
    const description: NetworkDescription = {
      network,
      regions: { [region]: { place: 'us-east-1', gateways: { count: 2 } }, b: { place: 'eu-west-1' } },
      links: [{ between: [region, 'b'] }],
    };
    const lengths: Record<string, number> = {};
    for (const name of names(description)) {
      const [type, ...rest] = name.split(' ');
      lengths[type] = Math.max(lengths[type] ?? 0, rest.at(-1)!.length);
    }
    expect(lengths.aws_s3_bucket).toBeLessThanOrEqual(63);
    expect(lengths.aws_iam_role).toBeLessThanOrEqual(64);
    expect(lengths.aws_iam_instance_profile).toBeLessThanOrEqual(128);
    expect(lengths.aws_security_group).toBeLessThanOrEqual(255);
    expect(lengths.aws_secretsmanager_secret).toBeLessThanOrEqual(512);
    expect(lengths.aws_cloudwatch_log_group).toBeLessThanOrEqual(512);
    for (const name of names(description)) {
      if (name.startsWith('aws_s3_bucket '))
        expect(name.split(' ')[2]).toMatch(/^[a-z0-9][a-z0-9-]+[a-z0-9]$/);
    }
  });
});

describe('an id with two hyphens in a row', () => {
  it('is refused: they part network and region in names', () => {
    const { plan, diagnostics } = synthesize({ ...line, network: 'li--ne' });
    expect(plan).toBeUndefined();
    expect(diagnostics.map(({ code, path }) => `${code} ${path}`)).toEqual(['bad-id network']);
    const regions = { ...line.regions, 'to--kyo': { place: 'ap-northeast-1' } };
    const region = synthesize({ ...line, regions });
    expect(region.diagnostics.map(({ code, path }) => `${code} ${path}`)).toContain('bad-id regions.to--kyo');
  });
});

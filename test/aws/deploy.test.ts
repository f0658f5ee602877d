import path from 'node:path';
import type { NetworkDescription } from '../../constructs';
import { beginRotation, finishRotation, reseal, rotateNow, rotateSigning } from '../../lib/net/keys';
import { skipped } from '../net/skipped';
import { ec2 } from '../support/moto';
import { cost, Deployment, secret, type DeployedHow, type KeyChange, type Outcome } from './deployment';
import { existing, six, two, type ExistingVpc } from './networks';
import { providerCloud, type ProviderCloud } from './provider-cloud';
import { missing, providerVersion } from './provider-mirror';

let mockAgent: string | undefined;
jest.mock('../../constructs/deploy/agent-program', () => ({ packagedAgent: () => mockAgent }));

/** Of the types that gateways may have two that the server offers in two zones of each region. */
const [instanceType, largerType] = ['c7g.large', 'c7g.xlarge'];

/** Two regions, as their lives go on: perhaps with a third, a reservation, or another name of Dublin. */
function lived({
  tokyo = false,
  type = instanceType,
  reserved = false,
  dublin = 'dublin',
}: {
  readonly tokyo?: boolean;
  readonly type?: string;
  readonly reserved?: boolean;
  readonly dublin?: string;
}): NetworkDescription {
  const was = dublin === 'dublin' ? undefined : 'dublin';
  const third: NetworkDescription['links'] = tokyo
    ? [{ between: [dublin, 'tokyo'], bandwidth: '1 Gbps' }]
    : [];
  return {
    network: 'two',
    defaults: { gateways: { instanceType: type } },
    regions: {
      virginia: { place: 'us-east-1', gateways: { count: 2 } },
      [dublin]: { place: 'eu-west-1', was },
      ...(tokyo && { tokyo: { place: 'ap-northeast-1' } }),
    },
    links: [{ between: ['virginia', dublin], bandwidth: '2 Gbps' }, ...third],
    ...(reserved && {
      reservations: { backup: { from: 'virginia', to: dublin, bandwidth: '100 Mbps', class: 'bulk' } },
    }),
  };
}

/** What each row did, for the table at the end. */
const rows: string[] = [];

describe('the real AWS provider against a stand-in of AWS', () => {
  let cloud: ProviderCloud;

  beforeAll(async () => {
    if (missing) return;
    cloud = await providerCloud('deploy');
    for (let i = 0; i < 3; i++) void worker();
  });
  afterAll(async () => {
    if (missing) return;
    await cloud.stop();
    process.stderr.write(`provider ${providerVersion}\n${rows.join('\n')}\n`);
  });

  const network = (name: string, how: DeployedHow = {}) =>
    new Deployment(cloud, path.join(cloud.folder, name), {
      ...how,
      useAgent: (agent) => (mockAgent = agent),
    });

  /** One row of the table, and the outcome of its step. */
  const row = async (name: string, step: Promise<Outcome>): Promise<Outcome> => {
    const outcome = await step;
    const count = (kind: string) => outcome.happened.filter((h) => h.startsWith(`${kind} `)).length;
    const parts = ['added', 'changed', 'replaced', 'removed'].map((kind) => `${count(kind)} ${kind}`);
    rows.push(
      `${name}: ${outcome.resources} resources, ${parts.join(', ')}, ${outcome.seconds.toFixed(0)} s`,
    );
    return outcome;
  };

  const withType = (description: NetworkDescription, type = instanceType): NetworkDescription => ({
    ...description,
    defaults: { ...description.defaults, gateways: { instanceType: type } },
  });

  const vpc = async (region: string, block: string): Promise<ExistingVpc> => {
    const id = (xml: string, field: string) => new RegExp(`<${field}>([^<]+)</${field}>`).exec(xml)![1];
    const made = await ec2(cloud.moto, region, 'CreateVpc', { CidrBlock: `${block}.0.0/16` });
    const VpcId = id(made, 'vpcId');
    const subnets = ['a', 'b'].map(async (zone, i) => {
      const parameters = { VpcId, CidrBlock: `${block}.${i}.0/24`, AvailabilityZone: `${region}${zone}` };
      return id(await ec2(cloud.moto, region, 'CreateSubnet', parameters), 'subnetId');
    });
    const table = await ec2(cloud.moto, region, 'CreateRouteTable', { VpcId });
    const [first, second] = await Promise.all(subnets);
    return { id: VpcId, publicSubnets: [first, second], routeTables: [id(table, 'routeTableId')] };
  };

  /** Id of a gateway's network interface in a VPC; other lives have gateways of the same name in theirs. */
  const interfaceOf = async (region: string, vpcId: string, gateway: string): Promise<string> => {
    const filter = {
      'Filter.1.Name': 'description',
      'Filter.1.Value.1': `dwcp gateway ${gateway}`,
      'Filter.2.Name': 'vpc-id',
      'Filter.2.Value.1': vpcId,
    };
    const xml = await ec2(cloud.moto, region, 'DescribeNetworkInterfaces', filter);
    return /<networkInterfaceId>([^<]+)</.exec(xml)![1];
  };

  /** Where a table's routes to interfaces lead, by destination. */
  const targets = async (region: string, table: string): Promise<[string, string][]> => {
    const xml = await ec2(cloud.moto, region, 'DescribeRouteTables', { 'RouteTableId.1': table });
    const routes = xml.slice(xml.indexOf('<routeSet>'), xml.indexOf('</routeSet>')).split('</item>');
    const field = (route: string, name: string) => new RegExp(`<${name}>([^<]+)<`).exec(route)?.[1];
    return routes.flatMap((route): [string, string][] => {
      const [to, by] = [field(route, 'destinationCidrBlock'), field(route, 'networkInterfaceId')];
      return to === undefined || by === undefined ? [] : [[to, by]];
    });
  };

  /** Each waits for AWS most of the time, so three run side by side, in this order. */
  const waiting: (() => Promise<void>)[] = [];
  const life = (name: string, steps: () => Promise<void>) => {
    let settle!: (result: Promise<void>) => void;
    const done = new Promise<void>((resolve) => (settle = resolve));
    // Whoever asks for it sees the failure.
    done.catch(() => undefined);
    waiting.push(() => {
      const result = steps();
      settle(result);
      return result.catch(() => undefined);
    });
    it(name, async () => (missing ? skipped(missing) : done), 1_800_000);
  };
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await next();
  };

  life('two regions live through every kind of change', async () => {
    const deployment = network('two');
    await row('two regions', deployment.deploy(lived({})));
    const added = await row('a region added', deployment.deploy(lived({ tokyo: true })));
    expect(added.happened.filter((h) => /^(replaced|removed) /.test(h))).toEqual([]);
    const rotated = await row(
      'a key rotated',
      deployment.deploy(lived({ tokyo: true }), {
        change: (opened, random) => rotateNow(opened, ['dublin/1'], random),
      }),
    );
    // A secret's version is what it says: another version is another resource.
    expect(rotated.happened.filter((h) => !h.startsWith('changed '))).toEqual([
      'replaced aws_secretsmanager_secret_version dublin/gateway-1/unseal-secret-version',
    ]);
    const phases: [string, KeyChange][] = [
      ['a rotation begun', (opened, random) => beginRotation(opened, ['virginia/1'], random)],
      ['and finished', (opened, random) => finishRotation(opened, random)],
      ['the signing key rotated', (opened, random) => rotateSigning(opened, random)],
      ['the key file resealed', (opened, random) => reseal(opened, [secret], random, cost)],
    ];
    for (const [what, change] of phases) {
      const { happened } = await row(what, deployment.deploy(lived({ tokyo: true }), { change }));
      const other = happened.filter(
        (h) => !/^(changed aws_s3_object|replaced aws_secretsmanager_secret_version) /.test(h),
      );
      expect([what, other]).toEqual([what, []]);
    }
    const grown = { tokyo: true, type: largerType };
    const typed = await row('an instance type changed', deployment.deploy(lived(grown)));
    expect(typed.happened.filter((h) => h.startsWith('replaced '))).toEqual([]);
    const reserved = { ...grown, reserved: true };
    await row('a reservation added', deployment.deploy(lived(reserved)));
    const gateways = ['dublin/gateway-1', 'tokyo/gateway-1', 'virginia/gateway-1', 'virginia/gateway-2'];
    const besides = gateways.flatMap((g) =>
      ['bundle', 'manifest'].map((object) => `changed aws_s3_object ${g}/${object}`),
    );
    await row(
      'the agent upgraded',
      deployment.deploy(lived(reserved), { agent: 'console.log("the next agent");\n', besides }),
    );
    const renamed = { ...reserved, dublin: 'ireland' };
    const moved = await row('a region renamed', deployment.deploy(lived(renamed)));
    expect(moved.happened.filter((h) => !h.startsWith('changed '))).toEqual([]);
    const left = { ...renamed, tokyo: false };
    const removed = await row('a region removed', deployment.deploy(lived(left)));
    expect(removed.happened.filter((h) => / tokyo\//.test(h) && !h.startsWith('removed '))).toEqual([]);
    await row('taken down', deployment.destroy());
  });

  life('two networks share an account, and one description lives under two names', async () => {
    const small: NetworkDescription = {
      network: 'small',
      regions: { virginia: { place: 'us-east-1' }, dublin: { place: 'eu-west-1' } },
      links: [{ between: ['virginia', 'dublin'], bandwidth: '1 Gbps' }],
    };
    const [one, other] = ['one', 'other'].map((name) => network(name));
    await row('one network', one.deploy(withType(small)));
    await row('the same under another name', other.deploy(withType({ ...small, network: 'smaller' })));
    const again = await row('the first again', one.deploy(withType(small)));
    expect(again.happened).toEqual([]);
    await row('the first taken down', one.destroy());
    await row('the second is still there', other.deploy(withType({ ...small, network: 'smaller' })));
    await row('and taken down', other.destroy());
  });

  life('a region lies in another account', async () => {
    const accounts = network('accounts', {
      provider: ({ id }) =>
        id === 'dublin'
          ? {
              alias: 'europe',
              region: 'eu-west-1',
              assumeRole: [{ roleArn: 'arn:aws:iam::222222222222:role/network', sessionName: 'dwcp' }],
            }
          : undefined,
    });
    await row('two accounts', accounts.deploy(withType({ ...two, network: 'accounts' })));
    await row('taken down', accounts.destroy());
  });

  life('two regions lie in VPCs that exist', async () => {
    const given = existing(await vpc('us-east-1', '172.30'), await vpc('eu-west-1', '172.31'));
    const deployment = network('existing');
    await row('in VPCs that exist', deployment.deploy(withType(given)));
    // What a gateway does when the other one of its region is dead: nothing that Terraform would undo.
    const { id, routeTables } = given.regions.virginia.vpc!;
    const [table] = routeTables;
    const ofGateway = (n: number) => interfaceOf('us-east-1', id, `virginia/${n}`);
    const [first, second] = await Promise.all([ofGateway(1), ofGateway(2)]);
    expect(await targets('us-east-1', table)).toEqual([['172.31.0.0/16', first]]);
    const to = { DestinationCidrBlock: '172.31.0.0/16', NetworkInterfaceId: second };
    await ec2(cloud.moto, 'us-east-1', 'ReplaceRoute', { RouteTableId: table, ...to });
    const moved = await row('a route moved by a gateway', deployment.deploy(withType(given)));
    expect(moved.happened).toEqual([]);
    expect(await targets('us-east-1', table)).toEqual([['172.31.0.0/16', second]]);
    await row('taken down', deployment.destroy());
  });

  const policy = (description: NetworkDescription): NetworkDescription => ({
    ...description,
    policies: {
      ...description.policies,
      added: { classes: ['best-effort'], strategy: 'latency', priority: 5 },
    },
  });

  life('the six-region example is deployed, changed and taken down', async () => {
    const deployment = network('six');
    await row('six regions', deployment.deploy(withType(six)));
    const changed = await row('a policy added', deployment.deploy(policy(withType(six))));
    expect(changed.happened.filter((h) => !h.startsWith('changed '))).toEqual([]);
    await row('taken down', deployment.destroy());
  });

  life('six regions have a stack each', async () => {
    const deployment = network('six-stacks', { perRegion: true });
    await row('a stack each', deployment.deploy(withType({ ...six, network: 'stacks' })));
    await row('taken down', deployment.destroy());
  });
});

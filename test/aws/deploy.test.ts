import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import type { NetworkDescription } from '../../constructs';
import { skipped } from '../net/skipped';
import { ec2, motoHint, motoProgram, startMoto, type Moto } from '../support/moto';
import { hasTerraform } from '../support/terraform';
import { Deployment, type Cloud, type Outcome } from './deployment';
import { existing, six, two, type ExistingVpc } from './networks';

let mockAgent = 'console.log("the agent");\n';
jest.mock('../../constructs/agent-program', () => ({ packagedAgent: () => mockAgent }));

const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
const mirror = process.env.DWCP_PROVIDER_MIRROR ?? path.join(cache, 'dwcp-multiregion', 'provider-mirror');
const hint =
  'name a filesystem mirror that holds hashicorp/aws in DWCP_PROVIDER_MIRROR; run in a stack folder, ' +
  'terraform providers mirror makes one where the registry can be reached';

/** Of the types that gateways may have two that the server offers in two zones of each region. */
const [instanceType, largerType] = ['c7g.large', 'c7g.xlarge'];

/** The version of the AWS provider in a mirror's folder; undefined: there is none. */
function mirrored(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return found
    .map((f) => /terraform-provider-aws_v(\d+\.\d+\.\d+)/.exec(f)?.[1])
    .find((v) => v !== undefined);
}

const program = motoProgram();
const version = mirrored(mirror);
const missing =
  (process.getuid?.() !== 0 && 'no root, for a hosts file of its own') ||
  (!hasTerraform() && 'no terraform') ||
  (program === undefined && `no moto: ${motoHint}`) ||
  (version === undefined && `no provider: ${hint}`) ||
  undefined;

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
    links: [
      { between: ['virginia', dublin], bandwidth: '2 Gbps' },
      ...third,
    ],
    ...(reserved && {
      reservations: { backup: { from: 'virginia', to: dublin, bandwidth: '100 Mbps', class: 'bulk' } },
    }),
  };
}

/** What each row did, for the table at the end. */
const rows: string[] = [];

describe('the real AWS provider against a stand-in of AWS', () => {
  let folder: string;
  let moto: Moto;
  let cloud: Cloud;

  beforeAll(async () => {
    if (missing) return;
    folder = mkdtempSync(path.join(tmpdir(), 'dwcp-deploy-'));
    moto = await startMoto(program!, folder);
    const rc = path.join(folder, 'terraform.rc');
    writeFileSync(
      rc,
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
    );
    const hostsFile = path.join(folder, 'hosts');
    const accounts = ['123456789012', '111111111111', '222222222222'];
    const names = accounts.map((account) => `127.0.0.1 ${account}.127.0.0.1\n`).join('');
    writeFileSync(hostsFile, readFileSync('/etc/hosts', 'utf8') + names);
    const env = { ...moto.env, TF_CLI_CONFIG_FILE: rc };
    cloud = { env, hostsFile, program: 'terraform', providerVersion: version! };
  });
  afterAll(async () => {
    if (missing) return;
    await moto.stop();
    rmSync(folder, { recursive: true, force: true });
    process.stderr.write(`provider ${version}\n${rows.join('\n')}\n`);
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
    const made = await ec2(moto, region, 'CreateVpc', { CidrBlock: `${block}.0.0/16` });
    const VpcId = id(made, 'vpcId');
    const subnets = ['a', 'b'].map(async (zone, i) => {
      const parameters = { VpcId, CidrBlock: `${block}.${i}.0/24`, AvailabilityZone: `${region}${zone}` };
      return id(await ec2(moto, region, 'CreateSubnet', parameters), 'subnetId');
    });
    const table = await ec2(moto, region, 'CreateRouteTable', { VpcId });
    const [first, second] = await Promise.all(subnets);
    return { id: VpcId, publicSubnets: [first, second], routeTables: [id(table, 'routeTableId')] };
  };

  const life = (name: string, steps: () => Promise<void>, limit = 900_000) =>
    it(name, async () => (missing ? skipped(missing) : steps()), limit);

  life('two regions live through every kind of change', async () => {
    const deployment = new Deployment(cloud, path.join(folder, 'two'));
    await row('two regions', deployment.deploy(lived({})));
    const added = await row('a region added', deployment.deploy(lived({ tokyo: true })));
    expect(added.happened.filter((h) => /^(replaced|removed) /.test(h))).toEqual([]);
    const rotated = await row(
      'a key rotated',
      deployment.deploy(lived({ tokyo: true }), { rotated: ['dublin/1'] }),
    );
    expect(rotated.happened.filter((h) => !h.startsWith('changed '))).toEqual([]);
    const grown = { tokyo: true, type: largerType };
    const typed = await row('an instance type changed', deployment.deploy(lived(grown)));
    expect(typed.happened.filter((h) => h.startsWith('replaced '))).toEqual([]);
    const reserved = { ...grown, reserved: true };
    await row('a reservation added', deployment.deploy(lived(reserved)));
    mockAgent = 'console.log("the next agent");\n';
    const gateways = ['dublin/gateway-1', 'tokyo/gateway-1', 'virginia/gateway-1', 'virginia/gateway-2'];
    const besides = gateways.flatMap((g) =>
      ['bundle', 'bundle-digest'].map((object) => `changed aws_s3_object ${g}/${object}`),
    );
    await row('the agent upgraded', deployment.deploy(lived(reserved), { besides }));
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
    const [one, other] = ['one', 'other'].map((name) => new Deployment(cloud, path.join(folder, name)));
    await row('one network', one.deploy(withType(small)));
    await row('the same under another name', other.deploy(withType({ ...small, network: 'smaller' })));
    await row('the first again', one.deploy(withType(small)));
    await row('the first taken down', one.destroy());
    await row('the second is still there', other.deploy(withType({ ...small, network: 'smaller' })));
    await row('and taken down', other.destroy());
  });

  life('a region lies in another account', async () => {
    const accounts = new Deployment(cloud, path.join(folder, 'accounts'), {
      provider: ({ id }) =>
        id === 'dublin'
          ? {
              alias: 'europe',
              region: 'eu-west-1',
              assumeRole: [{ roleArn: 'arn:aws:iam::222222222222:role/network', sessionName: 'dwcp' }],
            }
          : undefined,
    });
    await row('two accounts', accounts.deploy(withType(two)));
    await row('taken down', accounts.destroy());
  });

  life('two regions lie in VPCs that exist', async () => {
    const given = existing(await vpc('us-east-1', '172.30'), await vpc('eu-west-1', '172.31'));
    const deployment = new Deployment(cloud, path.join(folder, 'existing'));
    await row('in VPCs that exist', deployment.deploy(withType(given)));
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
    const deployment = new Deployment(cloud, path.join(folder, 'six'));
    await row('six regions', deployment.deploy(withType(six)));
    const changed = await row('a policy added', deployment.deploy(policy(withType(six))));
    expect(changed.happened.filter((h) => !h.startsWith('changed '))).toEqual([]);
    await row('taken down', deployment.destroy());
  });

  life('six regions have a stack each', async () => {
    const deployment = new Deployment(cloud, path.join(folder, 'six-stacks'), { perRegion: true });
    await row('a stack each', deployment.deploy(withType(six)));
    await row('taken down', deployment.destroy());
  });
});

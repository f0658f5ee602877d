import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NetworkDescription } from '../../constructs';
import { skipped } from '../net/skipped';
import { ec2, motoHint, motoProgram, startMoto, type Moto } from '../support/moto';
import { hasTerraform } from '../support/terraform';
import { initialize, live, type Place } from './life-of-a-network';
import { deployed, existing, six, two, type ExistingVpc } from './networks';

const mirror = process.env.DWCP_PROVIDER_MIRROR;
const providerHint =
  'name a filesystem mirror that holds hashicorp/aws in DWCP_PROVIDER_MIRROR; run in a stack folder, ' +
  'terraform providers mirror makes one where the registry can be reached';

/** Of the types that gateways may have one that the server offers in two zones of each region. */
const instanceType = 'c7g.large';

/** For the provider, beside the endpoint in the environment: the server knows buckets by path alone. */
const providerSettings = {
  provider: {
    aws: [{ s3_use_path_style: true, skip_credentials_validation: true, skip_metadata_api_check: 'true' }],
  },
};

describe('against a stand-in of AWS', () => {
  const program = motoProgram();
  const missing = !hasTerraform() ? 'no terraform' : program ? undefined : `no moto: ${motoHint}`;
  let folder: string;
  let moto: Moto;
  /** Why there is no provider, once it was tried. */
  let refused: string | undefined;

  beforeAll(async () => {
    if (missing) return;
    folder = mkdtempSync(path.join(tmpdir(), 'dwcp-deploy-'));
    moto = await startMoto(program!, folder);
    const found = mirror
      ? `filesystem_mirror {\n    path = ${JSON.stringify(path.resolve(mirror))}\n  }`
      : 'direct {}';
    writeFileSync(path.join(folder, 'terraform.rc'), `provider_installation {\n  ${found}\n}\n`);
  });
  afterAll(async () => {
    if (missing) return;
    await moto.stop();
    rmSync(folder, { recursive: true, force: true });
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

  /** What the configuration looks up must be there, or nothing can be planned. */
  const expectLookUps = async ({ regions }: NetworkDescription) => {
    for (const { place } of Object.values(regions)) {
      const images = await ec2(moto, place!, 'DescribeImages', {
        'Owner.1': '136693071363',
        'Filter.1.Name': 'name',
        'Filter.1.Value.1': 'debian-13-arm64-*',
      });
      expect([place, images]).toEqual([place, expect.stringContaining('<imageId>ami-')]);
      const offerings = await ec2(moto, place!, 'DescribeInstanceTypeOfferings', {
        LocationType: 'availability-zone',
        'Filter.1.Name': 'instance-type',
        'Filter.1.Value.1': instanceType,
      });
      const zones = new Set(offerings.match(/<location>[^<]+/g));
      expect([place, zones.size >= 2]).toEqual([place, true]);
    }
  };

  const cases: [string, () => Promise<NetworkDescription>, boolean][] = [
    ['two regions are', () => Promise.resolve(two), false],
    ['the six-region example is', () => Promise.resolve(six), false],
    ['six regions with a stack each are', () => Promise.resolve(six), true],
    [
      'two regions in VPCs that exist are',
      async () => existing(await vpc('us-east-1', '172.30'), await vpc('eu-west-1', '172.31')),
      false,
    ],
  ];
  it.each(cases)(
    '%s deployed, left alone, changed and destroyed',
    async (name, describe, perRegion) => {
      if (missing) return skipped(missing);
      const description = { ...(await describe()), defaults: { gateways: { instanceType } } };
      await expectLookUps(description);
      const own = path.join(folder, name.replaceAll(' ', '-'));
      const network = await deployed(own, description, perRegion);
      const place: Place = {
        folder: own,
        env: { ...moto.env, TF_CLI_CONFIG_FILE: path.join(folder, 'terraform.rc') },
        prepare: (stack) =>
          writeFileSync(path.join(stack, 'moto_override.tf.json'), JSON.stringify(providerSettings)),
      };
      // Where the provider was refused once, it is not asked for again.
      if (refused) network.synth(false);
      else
        refused = (await initialize(network, place))
          ?.replace(/^.*?Error: /, '')
          .slice(0, 500)
          .trim();
      if (refused) return skipped(`terraform init: ${refused}; ${providerHint}`);
      await live(network, place);
    },
    1_800_000,
  );
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { NetworkDescription } from '../../constructs';
import { skipped } from '../net/skipped';
import { inGivenVpc, line, synthesize, type Resource } from './fixture';

const hasTerraform = spawnSync('terraform', ['version'], { encoding: 'utf8' }).status === 0;

const { vpc } = inGivenVpc;
const network: NetworkDescription = {
  ...line,
  regions: {
    ...line.regions,
    dublin: { ...inGivenVpc, vpc: { ...vpc, routeTables: ['rtb-0123456789abcdef1'] } },
  },
};

interface Answer {
  readonly names?: readonly string[];
  readonly locations?: readonly string[];
  readonly ids?: readonly string[];
}

/** What AWS answers to each look-up when all is well, by Terraform type and a part of the logical id. */
const well: Readonly<Record<string, Answer>> = {
  'aws_availability_zones virginia': { names: ['us-east-1a', 'us-east-1b', 'us-east-1c'] },
  'aws_availability_zones singapore': { names: ['ap-southeast-1a', 'ap-southeast-1b'] },
  'aws_ec2_instance_type_offerings virginia': { locations: ['us-east-1b', 'us-east-1c'] },
  'aws_ec2_instance_type_offerings singapore': { locations: ['ap-southeast-1a', 'ap-southeast-1b'] },
  'aws_vpcs dublin': { ids: ['vpc-0123456789abcdef0'] },
  'aws_subnets dublin': { ids: ['subnet-0123456789abcdef1', 'subnet-0123456789abcdef2'] },
  'aws_route_tables dublin': { ids: ['rtb-0123456789abcdef1'] },
};

/**
 * The look-ups of the synthesized stack with their conditions as they are, each as a built-in
 * `terraform_data` that answers what AWS would: Terraform itself decides, without a provider.
 */
function standIns(answers: Readonly<Record<string, Answer>>) {
  const { synthesized } = synthesize(network);
  const terraformData: Record<string, Resource> = {};
  let conditions = 0;
  for (const [type, byId] of Object.entries(synthesized.data ?? {})) {
    for (const [id, { lifecycle }] of Object.entries(byId)) {
      const key = Object.keys(answers).find((k) => k.startsWith(`${type} `) && id.includes(k.split(' ')[1]));
      if (key === undefined) {
        expect([type, lifecycle]).toEqual([type, undefined]);
        continue;
      }
      if (lifecycle) conditions++;
      const text = JSON.stringify({ input: answers[key], ...(lifecycle ? { lifecycle } : {}) })
        .replace(/\bself\.(locations|ids)\b/g, 'self.input.$1')
        .replace(/\bdata\.(aws_\w+)\.([\w-]+)\./g, 'terraform_data.$2.input.');
      terraformData[id] = JSON.parse(text) as Resource;
    }
  }
  return { conditions, configuration: { resource: { terraform_data: terraformData } } };
}

/** The messages of `terraform plan`, without colour and frames; empty: it plans. */
function planned(answers: Readonly<Record<string, Answer>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-conditions-'));
  try {
    writeFileSync(path.join(folder, 'main.tf.json'), JSON.stringify(standIns(answers).configuration));
    const settings = path.join(folder, 'terraformrc');
    writeFileSync(settings, '');
    const env = { ...process.env, TF_CLI_CONFIG_FILE: settings, CHECKPOINT_DISABLE: '1' };
    const run = (...args: string[]) => spawnSync('terraform', args, { cwd: folder, env, encoding: 'utf8' });
    const init = run('init', '-no-color', '-input=false');
    if (init.status !== 0) throw new Error(init.stderr);
    const { status, stderr } = run('plan', '-no-color', '-input=false');
    expect([status, stderr === '']).toEqual(status === 0 ? [0, true] : [1, false]);
    const bare = stderr.replace(/^[│╷╵] ?/gm, '').split('\n');
    return bare
      .map((text) => text.trim())
      .filter((text) => text !== '' && !/^(on main|with |\d+:|│|├|self|terraform_data)/.test(text))
      .join('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const golden = path.join(__dirname, '..', 'golden', 'conditions');

describe('conditions of the emitted configuration, decided by Terraform', () => {
  it('stand on every look-up that may come back short', () => {
    expect(standIns(well).conditions).toBe(5);
  });

  it('hold where AWS has everything', () => {
    if (!hasTerraform) return skipped('needs terraform on the PATH');
    expect(planned(well)).toBe('');
  });

  it.each<[string, Readonly<Record<string, Answer>>]>([
    [
      'zone-missing',
      { 'aws_ec2_instance_type_offerings virginia': { locations: ['us-east-1b', 'us-east-1f'] } },
    ],
    ['vpc-of-another-region', { 'aws_vpcs dublin': { ids: [] } }],
    ['subnet-of-another-vpc', { 'aws_subnets dublin': { ids: ['subnet-0123456789abcdef2'] } }],
    ['route-table-missing', { 'aws_route_tables dublin': { ids: [] } }],
  ])('fail with what is wrong, where, and what to do: %s', (name, bad) => {
    if (!hasTerraform) return skipped('needs terraform on the PATH');
    const file = path.join(golden, `${name}.txt`);
    const said = `${planned({ ...well, ...bad })}\n`;
    if (process.env.UPDATE_GOLDEN) {
      mkdirSync(golden, { recursive: true });
      writeFileSync(file, said);
    }
    expect(said).toBe(readFileSync(file, 'utf8'));
  });
});

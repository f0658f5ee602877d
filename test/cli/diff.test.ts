import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ResourceChange } from '../../lib/clouds/resource-changes';
import { runCaptured } from '../golden/captured-io';

/**
 * What `dwcp diff` says where a change of a description makes other resources. A folder of test/golden/diffs
 * holds descriptions of one network; what is printed for the pairs below stands beside them.
 * `UPDATE_GOLDEN=1` rewrites it.
 */
const root = path.join(__dirname, '..', 'golden', 'diffs');
const update = process.env.UPDATE_GOLDEN === '1';

interface Diff {
  readonly changed: boolean;
  readonly resourceTally: Readonly<Record<'created' | 'changed' | 'replaced' | 'destroyed', number>>;
  readonly resources: readonly ResourceChange[];
}

async function diff(folder: string, before: string, after: string): Promise<Diff> {
  const args = ['diff', `${before}.yaml`, `${after}.yaml`, '--json'];
  const run = await runCaptured(args, { cwd: path.join(root, folder) });
  expect([run.code, run.stderr]).toEqual([before === after ? 0 : 2, '']);
  return JSON.parse(run.stdout) as Diff;
}

/** Each with what the replaced resources are, and the arguments that force it by themselves. */
const replacing: readonly (readonly [
  string,
  string,
  string,
  string,
  readonly string[],
  readonly string[],
])[] = [
  [
    'another place',
    'rename',
    'a',
    'c',
    ['aws_vpc use1/vpc', 'aws_eip use1/gateway-1/eip', 'aws_instance use1/gateway-1/instance'],
    ['region'],
  ],
  [
    'another VPC and subnet of yours',
    'given-vpc',
    'a',
    'b',
    ['aws_security_group virginia/gateway-1/security-group', 'aws_instance virginia/gateway-1/instance'],
    ['subnet_id', 'vpc_id'],
  ],
  [
    'another network name',
    'given-vpc',
    'a',
    'n',
    ['aws_s3_bucket dublin/bucket', 'aws_security_group virginia/gateway-1/security-group'],
    ['alarm_name', 'bucket', 'name'],
  ],
  [
    'another block of a VPC',
    'given-vpc',
    'novpc',
    'block',
    ['aws_vpc virginia/vpc', 'aws_subnet virginia/private-2', 'aws_instance virginia/gateway-1/instance'],
    ['cidr_block', 'destination_cidr_block'],
  ],
];

describe('dwcp diff', () => {
  it.each(replacing)('says what %s replaces, and why', async (_what, folder, before, after, ids, why) => {
    const { resources, resourceTally } = await diff(folder, before, after);
    const replaced = resources.filter((r) => r.kind === 'replaced');
    expect(replaced.map((r) => r.id)).toEqual(expect.arrayContaining([...ids]));
    expect(resourceTally.replaced).toBe(replaced.length);
    const forcing = replaced.flatMap((r) => r.fields.filter((f) => f.forcesReplacement));
    expect(replaced.filter((r) => !r.fields.some((f) => f.forcesReplacement))).toEqual([]);
    const own = forcing.filter((f) => f.follows.length === 0).map((f) => f.field);
    expect([...new Set(own)].sort()).toEqual(why);
  });

  it.each(replacing)('prints it for %s', async (_what, folder, before, after) => {
    const cwd = path.join(root, folder);
    const args = ['diff', `${before}.yaml`, `${after}.yaml`];
    const text = await runCaptured(args, { cwd });
    const markdown = await runCaptured([...args, '--format', 'markdown', '--all'], { cwd });
    // Digests differ with whatever else a plan holds.
    const masked = (output: string) => output.replace(/sha256:[0-9a-f]{12}\b/g, 'sha256:…');
    const made = { txt: masked(text.stdout), md: masked(markdown.stdout) };
    for (const [kind, output] of Object.entries(made)) {
      const file = path.join(cwd, `${before}-${after}.${kind}`);
      if (update) writeFileSync(file, output);
      expect(output).toBe(readFileSync(file, 'utf8'));
      // What is replaced comes first.
      const lines = output.split('\n').filter((line) => /^ *(-\/\+|[-+~!]) aws_/.test(line));
      const last = lines.map((line) => line.includes('-/+')).lastIndexOf(true);
      expect(lines.slice(0, last + 1).filter((line) => !/-\/\+ .* replaced$/.test(line))).toEqual([]);
      expect(last).toBeGreaterThan(5);
    }
    expect(made.txt.split('\n')[0]).toMatch(/^Cloud resources {2}(\d+ \w+, )*\d+ replaced/);
  });

  it('calls another region another one: created here, destroyed there', async () => {
    for (const after of ['b', 'e']) {
      const { resources } = await diff('rename', 'a', after);
      const vpcs = resources.filter((r) => r.id.startsWith('aws_vpc ')).map((r) => r.kind);
      expect(vpcs.sort()).toEqual(['added', 'removed']);
    }
  });

  it('shows another route table as routes that come, and nothing replaced', async () => {
    const { resourceTally } = await diff('given-vpc', 'a', 'c');
    expect(resourceTally).toMatchObject({ created: 1, replaced: 0, destroyed: 0 });
  });

  it('shows a VPC that is made instead of yours', async () => {
    const { resources } = await diff('given-vpc', 'a', 'novpc');
    const kind = (id: string) => resources.find((r) => r.id === id)?.kind;
    expect(kind('aws_vpc virginia/vpc')).toBe('added');
    expect(kind('aws_instance virginia/gateway-1/instance')).toBe('replaced');
    expect(kind('aws_route virginia/rtb-0aaaaaaaaaaaaaaaa-to-region-dublin')).toBe('removed');
  });

  it('shows prefixes that come, go and change their region: routes and rules, nothing replaced', async () => {
    const { resources, resourceTally } = await diff('prefixes', 'a', 'b');
    const kind = (id: string) => resources.find((r) => r.id === id)?.kind;
    expect(resourceTally.replaced).toBe(0);
    expect(kind('aws_route virginia/private-1-to-prefix-100-97-0-0-16')).toBe('added');
    expect(kind('aws_vpc_security_group_ingress_rule dublin/gateway-1/in-prefix-100-97-0-0-16')).toBe(
      'added',
    );
    expect(kind('aws_vpc_security_group_egress_rule virginia/gateway-1/out-prefix-192-168-20-0-24')).toBe(
      'added',
    );
    // It leads to another region, over the same gateway.
    expect(kind('aws_route dublin/rtb-0123456789abcdef1-to-prefix-192-168-20-0-24')).toBeUndefined();
    expect(kind('aws_route virginia/public-to-prefix-192-168-20-0-24')).toBe('removed');
    const run = await runCaptured(['diff', 'a.yaml', 'b.yaml'], { cwd: path.join(root, 'prefixes') });
    const file = path.join(root, 'prefixes', 'a-b.txt');
    const masked = run.stdout.replace(/sha256:[0-9a-f]{12}\b/g, 'sha256:…');
    if (update) writeFileSync(file, masked);
    expect(masked).toBe(readFileSync(file, 'utf8'));
  });

  it('is empty between equal descriptions', async () => {
    const same = await diff('given-vpc', 'a', 'a');
    expect(same).toMatchObject({ changed: false, resources: [] });
    expect(Object.values(same.resourceTally)).toEqual([0, 0, 0, 0]);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ResourceChange, ResourceTally } from '../../lib/clouds/resource-changes';
import type { PlannedPrevious } from '../../lib/plan';
import { runCaptured, type CapturedRun } from '../golden/captured-io';

const net = (virginia: string, links = '') => `network: net
regions:
  dublin: { place: eu-west-1 }
  virginia: { ${virginia} }
links:
  - { between: [virginia, dublin], bandwidth: 5 Gbps }
${links}`;

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-check-previous-'));
  writeFileSync(path.join(folder, 'net.yaml'), net('place: us-east-1, block: 10.40.0.0/16'));
  await run('plan', 'net.yaml', '--out', 'plan.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): Promise<CapturedRun> {
  return runCaptured(args, { cwd: folder });
}

/** Checks another description without the lock file, as if the lock had been lost. */
async function check(text: string, ...args: string[]): Promise<string> {
  writeFileSync(path.join(folder, 'other.yaml'), text);
  const all = ['check', 'other.yaml', '--lock', 'none.json', '--previous', 'plan.json', ...args];
  const { stdout, code } = await run(...all);
  expect(code).toBe(0);
  return stdout;
}

interface Since {
  readonly moved: PlannedPrevious['moved'] | null;
  readonly resourceTally: ResourceTally;
  readonly resources: readonly ResourceChange[];
}

describe('dwcp check --previous', () => {
  it('says that nothing moves and no resource changes where nothing does', async () => {
    const { stdout } = await run('check', 'net.yaml', '--previous', 'plan.json');
    expect(stdout).toMatch(/nothing moved: no address, port, name, segment, place or key/);
    expect(stdout).toMatch(/no resource is created, changed, replaced or destroyed/);
  });

  it('says that a block moves, and that its VPC and what is in it are replaced', async () => {
    const text = await check(net('place: us-east-1, block: 10.41.0.0/16'), '--all');
    expect(text).toMatch(/region virginia: IPv4 block 10\.40\.0\.0\/16 to 10\.41\.0\.0\/16/);
    expect(text).not.toMatch(/nothing moved/);
    expect(text).toMatch(/Cloud resources {2}7 changed, 31 replaced/);
    expect(text).toMatch(
      /virginia, 28 replaced: aws_vpc \(cidr_block\), 4 aws_subnet \(cidr_block, vpc_id\)/,
    );
    expect(text).toMatch(/dublin, 3 replaced: 3 aws_route \(destination_cidr_block\)/);
  });

  it('says that a place moves, as data too', async () => {
    const json = await check(net('place: us-east-2, block: 10.40.0.0/16'), '--json');
    const { since } = JSON.parse(json) as { since: Since };
    expect(since.moved!.allocations).toEqual([
      { id: 'region virginia', field: 'place', before: 'us-east-1' },
    ]);
    expect(since.resources.filter((r) => r.kind === 'replaced').length).toBe(since.resourceTally.replaced);
    expect(since.resourceTally.replaced).toBeGreaterThan(40);
  });

  it('counts what comes and goes with a region', async () => {
    const text = net('place: us-east-1, block: 10.40.0.0/16', '  - { between: [dublin, tokyo] }\n');
    const stdout = await check(text.replace('links:', '  tokyo: { place: ap-northeast-1 }\nlinks:'));
    expect(stdout).toMatch(/Cloud resources {2}\d+ created, \d+ changed\n {2}none is replaced or destroyed/);
  });
});

describe('dwcp plan --previous', () => {
  it('names in report and Markdown what is replaced and destroyed, and writes what moved into the plan', async () => {
    writeFileSync(path.join(folder, 'net.yaml'), net('place: us-east-2, block: 10.40.0.0/16'));
    const plan = ['plan', 'net.yaml', '--previous', 'plan.json'];
    const { stdout } = await run(...plan, '--out', 'next.json');
    expect(stdout).toMatch(/region virginia: place us-east-1 to us-east-2/);
    expect(stdout).toMatch(/Cloud resources {2}\d+ changed, \d+ replaced/);
    const markdown = await run(...plan, '--format', 'markdown');
    expect(markdown.stdout).toMatch(
      /## Cloud resources\n\n\d+ changed, \d+ replaced\n\n- virginia, \d+ replaced: aws_vpc \(region\)/,
    );
    expect(readFileSync(path.join(folder, 'next.json'), 'utf8')).toContain('"before": "us-east-1"');
    const verified = await run('verify', 'next.json', '--previous', 'plan.json');
    expect([verified.code, verified.stderr]).toEqual([0, '']);
  });
});

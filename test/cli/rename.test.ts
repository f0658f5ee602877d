import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ResourceChange } from '../../lib/clouds/resource-changes';
import { diffSections, type Change, type PlanDocument } from '../../lib/plan';
import { runCaptured, type CapturedRun } from '../golden/captured-io';

/** The case of a region that is renamed, with more that names it. */
const net = `network: net
regions:
  dublin: { place: eu-west-1 }
  use1: { place: us-east-1 }
  tokyo: { place: ap-northeast-1 }
links:
  - { between: [use1, dublin], bandwidth: 5 Gbps }
  - { between: [use1, tokyo], bandwidth: 5 Gbps }
  - { between: [dublin, tokyo], bandwidth: 1 Gbps }
policies:
  calls: { from: [use1], to: [dublin], classes: [realtime], maxHops: 1 }
demands:
  - { from: use1, to: dublin, bandwidth: 1 Gbps, class: bulk }
  - { id: copies, from: tokyo, to: use1, bandwidth: 1 Gbps, class: bulk }
reservations:
  film: { from: use1, to: tokyo, bandwidth: 100 Mbps }
`;
const renamedRegion = net
  .replaceAll('use1', 'virginia')
  .replace('{ place: us-east-1 }', '{ place: us-east-1, was: use1 }');
const renamedLink = net.replace(
  '{ between: [use1, dublin]',
  '{ id: first-cable, was: link-use1-dublin, between: [use1, dublin]',
);
const renamedNetwork = net.replace('network: net', 'network: wide\nwas: net');

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'dwcp-rename-'));
  write('net.yaml', net);
  const { code } = await run('plan', 'net.yaml', '--out', 'plan.json');
  expect(code).toBe(0);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(path.join(folder, name), text);
}

function run(...args: string[]): Promise<CapturedRun> {
  return runCaptured(args, { cwd: folder });
}

type Diff = Record<(typeof diffSections)[number], readonly Change[]> & {
  readonly resources: readonly ResourceChange[];
};

const renames: readonly (readonly [string, string])[] = [
  ['a region', renamedRegion],
  ['a link', renamedLink],
  ['the network', renamedNetwork],
];

describe.each(renames)('renaming %s with was', (what, text) => {
  it('is one thing whose id changes: nothing of it moves, no resource is created, replaced or destroyed', async () => {
    write('net.yaml', text);
    const { stdout } = await run('diff', 'plan.json', 'net.yaml', '--json');
    const diff = JSON.parse(stdout) as Diff;
    expect([...new Set(diff.resources.map((r) => r.kind))]).toEqual(['changed']);
    const all = diffSections.flatMap((section) => diff[section].map((change) => ({ section, ...change })));
    expect(all.filter((change) => change.kind !== 'changed')).toEqual([]);
    expect(diff.addresses).toEqual([]);
    expect(diff.keys).toEqual([]);
    expect(diff.routes.flatMap((r) => r.fields.filter((f) => f.field === 'primary'))).toEqual([]);
    const id = diff.regions.concat(diff.links).flatMap((c) => c.fields.filter((f) => f.field === 'id'));
    const was = { 'a region': 'use1', 'a link': 'link-use1-dublin', 'the network': undefined }[what];
    if (was !== undefined) expect(id.map((f) => f.before)).toContain(was);
  });

  it('moves nothing when it is planned again, which the verifier confirms; and may then be left out', async () => {
    write('net.yaml', text);
    const first = await run('plan', 'net.yaml', '--previous', 'plan.json', '--out', 'next.json');
    expect(first.stdout).toMatch(/Moved.*\n.*nothing moved: no address, port, name/);
    expect(first.stdout).toMatch(/Cloud resources {2}\d+ changed\n {2}none is replaced or destroyed/);
    const plan = JSON.parse(readFileSync(path.join(folder, 'next.json'), 'utf8')) as PlanDocument;
    expect(plan.previous!.moved).toEqual({ allocations: [], routes: [], demands: [], reservations: [] });
    expect(plan.previous!.kept.reservations).toEqual(['film']);
    const verified = await run('verify', 'next.json', '--previous', 'plan.json');
    expect([verified.code, verified.stderr]).toEqual([0, '']);

    write('net.yaml', text.replace(/, was: use1|, was: link-use1-dublin|\nwas: net/, ''));
    const { stdout, code } = await run('diff', 'next.json', 'net.yaml', '--json');
    const diff = JSON.parse(stdout) as Diff;
    expect(diff.resources.filter((r) => r.kind !== 'changed')).toEqual([]);
    expect([code, diff.addresses, diff.regions, diff.links, diff.tunnels]).toEqual([code, [], [], [], []]);
  });
});

describe('a previous plan of before a renaming', () => {
  it('is refused by the verifier where it says that something moved, or hides it', async () => {
    write('net.yaml', renamedRegion.replace('us-east-1', 'us-east-2'));
    await run('plan', 'net.yaml', '--previous', 'plan.json', '--out', 'next.json');
    const verified = await run('verify', 'next.json', '--previous', 'plan.json');
    expect([verified.code, verified.stderr]).toEqual([0, '']);
    const plan = JSON.parse(readFileSync(path.join(folder, 'next.json'), 'utf8')) as PlanDocument;
    expect(plan.previous!.moved.allocations).toEqual([
      { id: 'region virginia', field: 'place', before: 'us-east-1' },
    ]);
    const { previous } = plan;
    const hidden = { ...plan, previous: { ...previous, moved: { ...previous!.moved, allocations: [] } } };
    write('hidden.json', JSON.stringify(hidden));
    const refused = await run('verify', 'hidden.json', '--previous', 'plan.json');
    expect(refused.stderr).toMatch(
      /previous\.moved\.allocations\.region virginia place us-east-1.*it moved, too/,
    );
  });
});

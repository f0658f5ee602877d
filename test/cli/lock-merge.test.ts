import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PlanDocument } from '../../lib/plan';
import { runCaptured } from '../golden/captured-io';
import { seeded, type Seeded } from '../support/random-seeded';

/**
 * Two branches of one network, merged by real Git, with the merge driver of the README and without it. `main`
 * is what is deployed: nothing that its last plan allocated may move, whichever way round the merge goes.
 */
const root = path.join(__dirname, '..', '..');
const driver = `node -r ${root}/test/support/register-swc.js ${root}/lib/cli/main.ts lock merge --deployed main %O %A %B %P`;
const seed = 6;

let cwd: string;
beforeEach(() => (cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'dwcp-merge-')))));
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function git(...args: string[]): { readonly code: number; readonly text: string } {
  const run = spawnSync(
    'git',
    ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'core.autocrlf=false', ...args],
    {
      cwd,
      encoding: 'utf8',
    },
  );
  return { code: run.status ?? 1, text: run.stdout + run.stderr };
}

function mustGit(...args: string[]): void {
  const { code, text } = git(...args);
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${text}`);
}

/** A description, of which people resolve what Git cannot. */
interface Sketch {
  readonly regions: Readonly<Record<string, string>>;
  readonly links: readonly (readonly [string, string])[];
}

function yaml({ regions, links }: Sketch): string {
  const ids = Object.keys(regions).sort();
  return [
    'network: net',
    'regions:',
    ...ids.map((id) => `  ${id}: { ${regions[id]} }`),
    'links:',
    ...links.map((ends) => `  - { between: [${ends.join(', ')}], bandwidth: 1 Gbps }`),
    '',
  ].join('\n');
}

async function commitPlan(sketch: Sketch, message: string): Promise<PlanDocument> {
  writeFileSync(path.join(cwd, 'net.yaml'), yaml(sketch));
  const plan = await planned();
  mustGit('add', '-A');
  mustGit('commit', '-qm', message);
  return plan;
}

async function planned(): Promise<PlanDocument> {
  const { code, stdout, stderr } = await runCaptured(['plan', 'net.yaml', '--json'], { cwd });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as PlanDocument;
}

/** What is allocated, by identity. */
function allocated({ regions, gateways, tunnels }: PlanDocument): ReadonlyMap<string, string> {
  return new Map([
    ...regions.map((r) => [`region ${r.identity}`, `${r.ipv4Block} ${r.ipv6Block}`] as const),
    ...gateways.map((g) => [`gateway ${g.identity}`, `${g.ipv4} ${g.locator}`] as const),
    ...tunnels.map(({ identity, ends }) => {
      const values = ends.map((e) => [e.interfaceName, e.listenPort, e.ipv4, e.ipv6, e.segment].join(' '));
      return [`tunnel ${identity}`, values.sort().join()] as const;
    }),
  ]);
}

const places = [
  'af-south-1',
  'eu-central-2',
  'ap-southeast-1',
  'sa-east-1',
  'ap-south-1',
  'eu-west-3',
  'us-west-2',
];
const names = ['capetown', 'zurich', 'singapore', 'saopaulo', 'mumbai', 'paris', 'oregon'];

const start: Sketch = {
  regions: { dublin: 'place: eu-west-1', ohio: 'place: us-east-2', use1: 'place: us-east-1' },
  links: [
    ['use1', 'dublin'],
    ['use1', 'ohio'],
  ],
};

function withRegions(sketch: Sketch, numbers: readonly number[]): Sketch {
  const added = numbers.map((i): [string, string] => [names[i], `place: ${places[i]}`]);
  return {
    regions: { ...sketch.regions, ...Object.fromEntries(added) },
    links: [...sketch.links, ...numbers.map((i) => ['dublin', names[i]] as const)],
  };
}

/** What happens on main beside new regions. */
const onMain: Readonly<Record<string, (sketch: Sketch) => Sketch>> = {
  'new regions alone': (sketch) => sketch,
  'a region renamed': ({ regions: { use1, ...rest }, links }) => ({
    regions: { ...rest, virginia: `${use1}, was: use1` },
    links: links.map((ends) => ends.map((e) => (e === 'use1' ? 'virginia' : e)) as [string, string]),
  }),
  'a region removed': ({ regions: { ohio: _, ...rest }, links }) => ({
    regions: rest,
    links: links.filter((ends) => !ends.includes('ohio')),
  }),
  'a second gateway': ({ regions, links }) => ({
    regions: { ...regions, dublin: `${regions.dublin}, gateways: { count: 2 }` },
    links,
  }),
};

async function twoBranches(random: Seeded, change: (sketch: Sketch) => Sketch) {
  mustGit('init', '-q', '-b', 'main');
  writeFileSync(path.join(cwd, '.gitattributes'), '*.lock.json merge=dwcp-lock\n');
  await commitPlan(start, 'start');
  mustGit('checkout', '-qb', 'feature');
  const all = names.map((_, i) => i).sort(() => random.next() - 0.5);
  let sketch = start;
  const theirs = random.whole(1, 3);
  // Each of them planned and committed: the branch may count further than main.
  for (const i of all.slice(0, theirs)) await commitPlan((sketch = withRegions(sketch, [i])), `feature ${i}`);
  mustGit('checkout', '-q', 'main');
  const main = withRegions(change(start), all.slice(theirs, theirs + random.whole(1, 2)));
  const deployed = await commitPlan(main, 'main');
  return { deployed, merged: withRegions(main, all.slice(0, theirs)) };
}

function lost(before: PlanDocument, after: PlanDocument): string[] {
  const now = allocated(after);
  return [...allocated(before)].flatMap(([id, value]) =>
    now.get(id) === value ? [] : [`${id}: ${value} became ${now.get(id)}`],
  );
}

const merges = Array.from({ length: 20 }, (_, i) => {
  const change = Object.keys(onMain)[i % 4];
  return [i, change, i % 2 === 0 ? 'feature into main' : 'main into feature'] as const;
});

describe(`merging two branches by Git (seed ${seed})`, () => {
  it.each(merges)(
    '%i, %s, %s: moves nothing that was deployed',
    async (i, change, direction) => {
      const { deployed, merged: wanted } = await twoBranches(seeded(seed + i), onMain[change]);
      const [into, from] = direction === 'feature into main' ? ['main', 'feature'] : ['feature', 'main'];
      mustGit('checkout', '-q', into);
      const resolve = () => writeFileSync(path.join(cwd, 'net.yaml'), yaml(wanted));

      // Without the driver Git leaves markers, which are refused with what to do.
      expect(git('merge', '--no-edit', '-q', from).code).not.toBe(0);
      resolve();
      const refused = await runCaptured(['check', 'net.yaml'], { cwd });
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('error[merge-conflict] net.lock.json has a merge-conflict marker');
      expect(refused.stderr).toContain('git checkout --merge net.lock.json');

      mustGit('config', 'merge.dwcp-lock.driver', driver);
      // As the error says, or from the start.
      if (i % 5 === 0) mustGit('checkout', '--merge', 'net.lock.json');
      else {
        mustGit('merge', '--abort');
        git('merge', '--no-edit', '-q', from);
        expect(git('diff', '--name-only', '--diff-filter=U').text).not.toContain('net.lock.json');
        resolve();
      }
      mustGit('add', '-A');
      mustGit('commit', '-q', '--allow-empty', '-m', 'merged');
      const merged = await planned();
      expect(lost(deployed, merged)).toEqual([]);
      expect(merged.generation).toBeGreaterThan(deployed.generation);
      const regions = Object.keys(names).length;
      expect(merged.regions.length).toBeLessThanOrEqual(3 + regions);
      const again = await planned();
      expect(again.digest).toBe(merged.digest);
    },
    120_000,
  );
});

describe('dwcp lock merge', () => {
  const cases = path.join(root, 'test', 'cases', 'plan', '03-two-branches');
  const put = (name: string, text: string) => writeFileSync(path.join(cwd, name), text);
  const from = (name: string) => readFileSync(path.join(cases, name), 'utf8');
  const run = (...args: string[]) => runCaptured(['lock', 'merge', ...args], { cwd });

  beforeEach(() => {
    put('net.yaml', from('merged.yaml'));
    put('A', from('a.lock.json'));
    put('B', from('b.lock.json'));
    put('O', '');
  });

  it.each([
    ['ours', 'capetown', 'zurich'],
    ['theirs', 'zurich', 'capetown'],
  ])(
    'keeps %s where both sides are new and clash, and says who is allocated anew',
    async (keep, stays, moves) => {
      const { code, stderr } = await run('--keep', keep, 'O', 'A', 'B', 'net.lock.json');
      expect([code, stderr]).toEqual([0, expect.stringContaining(`allocates anew what was new in`)]);
      expect(stderr).toContain(`${moves}, ${moves}/1`);
      put('net.lock.json', readFileSync(path.join(cwd, 'A'), 'utf8'));
      const plan = await planned();
      const block = (id: string) => plan.regions.find((r) => r.id === id)!.ipv4Block;
      expect([block(stays), block(moves)]).toEqual(['10.3.0.0/16', '10.4.0.0/16']);
      expect(plan.generation).toBe(3);
    },
  );

  it('takes an empty base, a missing one, and one side that is the base', async () => {
    for (const base of ['O', '/dev/null', 'gone']) {
      put('A', from('a.lock.json'));
      expect((await run(base, 'A', 'B')).code).toBe(base === '/dev/null' ? 1 : 0);
    }
    put('A', from('a.lock.json'));
    put('O', from('a.lock.json'));
    expect((await run('O', 'A', 'A')).stderr).toBe('');
    expect(JSON.parse(readFileSync(path.join(cwd, 'A'), 'utf8'))).toMatchObject({ plan: { generation: 2 } });
  });

  it('leaves what it cannot merge as it is, and fails', async () => {
    const marked = from('b.lock.json').replace('  "plan"', '<<<<<<< ours\n  "plan"');
    const doubled = from('b.lock.json').replace('  "plan"', '  "plan": null,\n  "plan"');
    const foreign = from('b.lock.json').replace('"network": "net"', '"network": "other"');
    for (const [text, code] of [
      [marked, 'merge-conflict'],
      [doubled, 'lock-doubled-key'],
      [foreign, 'lock-foreign'],
      ['', 'lock-unreadable'],
    ]) {
      put('B', text);
      const { code: exit, stderr } = await run('O', 'A', 'B', 'net.lock.json');
      expect([exit, stderr]).toEqual([1, expect.stringContaining(`error[${code}]`)]);
      expect(readFileSync(path.join(cwd, 'A'), 'utf8')).toBe(from('a.lock.json'));
    }
  });
});

it('Git is there', () => {
  expect(execFileSync('git', ['--version'], { encoding: 'utf8' })).toMatch(/^git version/);
});

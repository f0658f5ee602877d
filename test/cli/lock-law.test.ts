import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PlanDocument } from '../../lib/plan';
import { runCaptured, type CapturedRun } from '../golden/captured-io';

/** The cases of test/cases/plan in which something that runs was renumbered without a word. */
const cases = path.join(__dirname, '..', 'cases', 'plan');

let cwd: string;
beforeEach(() => (cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'dwcp-law-')))));
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (...args: string[]): Promise<CapturedRun> => runCaptured(args, { cwd });
const take = (folder: string, from: string, to: string) =>
  cpSync(path.join(cases, folder, from), path.join(cwd, to));
const edit = (change: (text: string) => string) => {
  const file = path.join(cwd, 'net.yaml');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};

async function planned(): Promise<PlanDocument> {
  const { code, stdout, stderr } = await run('plan', 'net.yaml', '--json');
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as PlanDocument;
}

const blocks = ({ regions }: PlanDocument) => Object.fromEntries(regions.map((r) => [r.id, r.ipv4Block]));

describe('04, a new region whose block overlaps an allocated one', () => {
  beforeEach(() => {
    take('04-overlap-given-block', 'net2.yaml', 'net.yaml');
    take('04-overlap-given-block', 'lock.before', 'net.lock.json');
  });

  it('is an error of check and of plan, and the lock stays as it is', async () => {
    const before = readFileSync(path.join(cwd, 'net.lock.json'), 'utf8');
    for (const command of ['check', 'plan']) {
      const { code, stderr } = await run(command, 'net.yaml');
      expect([code, stderr]).toEqual([1, expect.stringContaining('error[block-taken] regions.office.block')]);
      expect(stderr).toContain("10.0.0.0/16, which is allocated to region 'dublin'");
      expect(stderr).toContain("'renumber: [dublin]'");
    }
    expect(readFileSync(path.join(cwd, 'net.lock.json'), 'utf8')).toBe(before);
  });

  it('moves the running one on purpose, once', async () => {
    edit((text) => `renumber: [dublin]\n${text}`);
    const first = await planned();
    expect(blocks(first)).toEqual({ dublin: '10.2.0.0/16', office: '10.0.4.0/24', virginia: '10.1.0.0/16' });
    expect((await planned()).digest).toBe(first.digest);
    // It is carried out: what is in the way now is an error again.
    edit((text) => text.replace('10.0.4.0/24', '10.2.4.0/24'));
    const { code, stderr } = await run('check', 'net.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain("take 'dublin' out of 'renumber', where it was carried out");
    edit((text) => text.replace('10.2.4.0/24', '10.0.4.0/24').replace('renumber: [dublin]\n', ''));
    expect(blocks(await planned())).toEqual(blocks(first));
  });
});

describe('17, blocks and pools', () => {
  it('keeps a block that is given no more, and refuses to move a pool from under what was allocated', async () => {
    take('17-ops', 'b1.yaml', 'net.yaml');
    const first = await planned();
    take('17-ops', 'b2.yaml', 'net.yaml');
    expect(blocks(await planned())).toEqual(blocks(first));
    take('17-ops', 'b3.yaml', 'net.yaml');
    const { code, stderr } = await run('check', 'net.yaml');
    expect([code, stderr]).toEqual([1, expect.stringContaining('error[pool-moved] addressing.regions')]);
    expect(stderr).toContain("outside which 'tokyo' has 10.0.0.0/16");
    edit((text) => `renumber: [addressing.regions]\n${text}`);
    expect(blocks(await planned())).toEqual({ ...blocks(first), tokyo: '10.64.0.0/16' });
  });

  it.each(['regions: 10.0.0.0/9', 'links: 100.64.0.0/15', 'gateways: 100.66.0.0/15'])(
    'lets a pool grow or shrink where no value changes: %s',
    async (pool) => {
      take('17-ops', 'net.yaml', 'net.yaml');
      const text = pool.startsWith('links') ? `${pool}, gateways: 198.18.0.0/16` : pool;
      const start = pool.startsWith('gateways') ? 'gateways: 100.66.0.0/16' : 'gateways: 198.18.0.0/16';
      edit(
        (yaml) => `addressing: { ${pool.startsWith('regions') ? 'links: 100.64.0.0/16' : start} }\n${yaml}`,
      );
      const first = await planned();
      edit((yaml) => yaml.replace(/addressing: .*/, `addressing: { ${text} }`));
      const after = await planned();
      expect([after.regions, after.gateways, after.tunnels]).toEqual([
        first.regions,
        first.gateways,
        first.tunnels,
      ]);
    },
  );

  it('with the line ends of Windows, the lock file is the same', async () => {
    take('17-ops', 'net.yaml', 'net.yaml');
    await planned();
    const file = path.join(cwd, 'ops.lock.json');
    const text = readFileSync(file, 'utf8').replaceAll('\n', '\r\n');
    writeFileSync(file, text);
    const { code, stderr } = await run('plan', 'net.yaml', '--frozen-lock', '--json');
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('would change')]);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

describe('03, a lock that was merged by hand', () => {
  it('is refused with both sides of each clash', async () => {
    take('03-two-branches', 'merged.yaml', 'net.yaml');
    take('03-two-branches', 'merged.lock.json', 'net.lock.json');
    const { code, stderr } = await run('check', 'net.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain("10.3.0.0/16 to 'capetown' and 10.3.0.0/16 to 'zurich'");
    expect(stderr).toContain('dwcp lock merge');
  });
});

describe('07, renaming', () => {
  it('a region keeps blocks, addresses, ports, names, segments and keys', async () => {
    take('07-rename', 'a.yaml', 'net.yaml');
    const secret = path.join(cwd, 'secret');
    writeFileSync(secret, 'fixture: correct horse battery');
    await planned();
    expect((await run('keys', 'init', 'net.yaml', '--passphrase-file', 'secret')).stderr).toBe('');
    const before = await planned();
    take('07-rename', 'b.yaml', 'net.yaml');
    edit((text) => text.replace('virginia: {', 'virginia: { was: use1,'));
    const after = await planned();
    const byIdentity = (list: readonly { readonly identity: string }[]) =>
      [...list].sort((x, y) => (x.identity < y.identity ? -1 : 1));
    const nameless = (plan: PlanDocument) =>
      [plan.regions, plan.gateways, plan.tunnels].map((list) => {
        const text = JSON.stringify(byIdentity(list)).replaceAll('virginia', 'use1');
        return text;
      });
    expect(nameless(after)).toEqual(nameless(before));
    expect(after.regions.find((r) => r.id === 'virginia')!.identity).toBe('use1');
    expect(after.gateways.every((g) => g.publicKey !== null)).toBe(true);
    const made = await run('keys', 'init', 'net.yaml', '--passphrase-file', 'secret');
    expect([made.code, made.stdout]).toEqual([
      0,
      expect.stringContaining('made 0 key pairs and 0 preshared'),
    ]);
    // What was carried out need not be said again.
    edit((text) => text.replace(' was: use1,', ''));
    expect((await planned()).digest).toBe(after.digest);
  }, 60_000);

  it('a network takes over the lock and key files of its name before', async () => {
    take('07-rename', 'a.yaml', 'net.yaml');
    writeFileSync(path.join(cwd, 'secret'), 'fixture: correct horse battery');
    expect((await run('keys', 'init', 'net.yaml', '--passphrase-file', 'secret')).code).toBe(0);
    const before = await planned();
    take('07-rename', 'n.yaml', 'net.yaml');
    edit((text) => text.replace('network: net2', 'network: net2\nwas: net'));
    const after = await planned();
    expect(after.identity).toBe('net');
    expect([after.pools, after.regions, after.gateways, after.tunnels]).toEqual([
      before.pools,
      before.regions,
      before.gateways,
      before.tunnels,
    ]);
    const read = (name: string) => readFileSync(path.join(cwd, name), 'utf8');
    expect(read('net2.keys.json')).toBe(read('net.keys.json'));
    expect(read('net2.lock.json')).toContain('"identity": "net"');
    rmSync(path.join(cwd, 'net.lock.json'));
    rmSync(path.join(cwd, 'net.keys.json'));
    edit((text) => text.replace('was: net\n', ''));
    expect((await planned()).digest).toBe(after.digest);
    const made = await run('keys', 'init', 'net.yaml', '--passphrase-file', 'secret');
    expect([made.code, made.stdout]).toEqual([
      0,
      expect.stringContaining('made 0 key pairs and 0 preshared'),
    ]);
  }, 60_000);
});

import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { frameworks } from '../../lib/cli/init-templates';
import { runCaptured } from '../golden/captured-io';

let root: string;
beforeEach(() => (root = mkdtempSync(path.join(tmpdir(), 'dwcp-init-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const run = (args: string, env: Record<string, string> = {}) =>
  runCaptured(args.split(' '), { cwd: root, env });
const files = (folder: string) =>
  readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(path.join(root, folder), path.join(entry.parentPath, entry.name)))
    .sort();
const text = (...names: string[]) => readFileSync(path.join(root, ...names), 'utf8');

const made = [
  '.gitattributes',
  '.github/workflows/network.yml',
  '.gitignore',
  'backbone.lock.json',
  'cdktf.json',
  'main.js',
  'network.js',
  'network.test.js',
  'network.yaml',
  'package.json',
];

describe('dwcp init', () => {
  it('makes a project that checks with its lock as it is', async () => {
    const { code, stdout, stderr } = await run('init backbone');
    expect([code, stderr]).toEqual([0, '']);
    expect(files('backbone')).toEqual(made);
    for (const name of made) expect(stdout).toContain(`wrote backbone/${name}\n`);
    expect(stdout).toContain('npx dwcp keys init network.yaml\n');
    const check = await runCaptured(['check', 'network.yaml', '--frozen-lock', '--json'], {
      cwd: path.join(root, 'backbone'),
    });
    expect([check.code, (JSON.parse(check.stdout) as { ok: boolean }).ok]).toEqual([0, true]);
  });

  it('has no line of the app but what a network needs', async () => {
    await run('init backbone');
    expect(text('backbone', 'network.js').trimEnd().split('\n').length).toBeLessThanOrEqual(10);
  });

  it('makes the keys where a secret is at hand, and says so where it is too weak', async () => {
    const strong = { DWCP_PASSPHRASE: 'a fixture, never a secret' };
    const first = await run('init backbone', strong);
    expect([first.code, first.stdout.includes('keys init')]).toEqual([0, false]);
    expect(files('backbone')).toEqual([...made, 'backbone.keys.json'].sort());
    const weak = await run('init other', { DWCP_PASSPHRASE: 'weak' });
    expect([weak.code, weak.stdout.includes('keys init')]).toEqual([1, true]);
    expect(weak.stderr).toContain('fewer than 12 characters');
    expect(files('other')).not.toContain('other.keys.json');
  });

  it.each(made)('writes nothing where %s is there already', async (name) => {
    const file = path.join(root, 'backbone', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, 'mine\n');
    const { code, stderr } = await run('init backbone');
    expect([code, stderr]).toEqual([1, expect.stringContaining(`error[file-exists] backbone/${name} `)]);
    expect([files('backbone'), text('backbone', name)]).toEqual([[name], 'mine\n']);
  });

  it('takes back what it wrote where a folder cannot be made', async () => {
    mkdirSync(path.join(root, 'backbone'));
    writeFileSync(path.join(root, 'backbone', '.github'), 'mine\n');
    const { code, stderr } = await run('init backbone');
    expect([code, stderr]).toEqual([1, expect.stringContaining('error[file-unwritable]')]);
    expect(files('backbone')).toEqual(['.github']);
  });

  it.each([
    ['My Network!', 'my-network'],
    ['2026-wan', 'wan'],
    ['a-very-long-name-of-a-folder', 'a-very-long-name-of'],
    ['12', 'net'],
  ])('names the network of the folder %s %s', async (folder, network) => {
    expect((await runCaptured(['init', folder], { cwd: root })).code).toBe(0);
    expect(text(folder, 'network.yaml')).toContain(`\nnetwork: ${network}\n`);
  });

  it('refuses what is no name of a network, and writes nothing', async () => {
    const { code, stderr } = await run('init backbone --network Not_One');
    expect([code, stderr]).toEqual([1, expect.stringContaining('error[bad-id] network:')]);
    expect(readdirSync(root)).toEqual([]);
  });

  it('wants of the frameworks what this package wants', () => {
    const { peerDependencies } = JSON.parse(
      readFileSync(path.join(__dirname, '..', '..', 'package.json'), 'utf8'),
    ) as { peerDependencies: Record<string, string> };
    for (const { name, provider, versions } of Object.values(frameworks)) {
      expect(versions[name]).toBe(peerDependencies[name]);
      expect(versions[provider]).toBe(peerDependencies[provider]);
    }
  });
});

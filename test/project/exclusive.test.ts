import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { takeExclusive } from '../../lib/project/exclusive';
import { runCaptured } from '../golden/captured-io';

const yaml = `network: demo
regions:
  dublin: { place: eu-west-1 }
  virginia: { place: us-east-1 }
links:
  - between: [dublin, virginia]
`;

let cwd: string;
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'dwcp-alone-')));
  writeFileSync(path.join(cwd, 'net.yaml'), yaml);
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = (...args: string[]) => runCaptured(args, { cwd });
const busy = () => path.join(cwd, '.demo.lock.json.busy');
const start = (pid: number) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
};

describe('two processes with one lock file', () => {
  it('the later one stops, says who writes, and changes nothing', async () => {
    const held = takeExclusive(path.join(cwd, 'demo.lock.json'), 'demo.lock.json');
    const { code, stderr } = await run('plan', 'net.yaml');
    expect(code).toBe(1);
    expect(stderr).toContain(`error[file-busy] demo.lock.json is being written by process ${process.pid}`);
    expect(stderr).toContain('remove .demo.lock.json.busy');
    expect(existsSync(path.join(cwd, 'demo.lock.json'))).toBe(false);
    // Checking writes nothing, and so does planning against a frozen lock.
    expect((await run('check', 'net.yaml')).code).toBe(0);
    if (held.ok) held.release();
    expect((await run('plan', 'net.yaml')).code).toBe(0);
    expect(readdirSync(cwd).sort()).toEqual(['demo.lock.json', 'net.yaml']);
  });

  it.each([
    ['a process that is gone', () => `${spawnSync('true').pid} 1 ${hostname()}\n`],
    ['a process whose number another one has', () => `${process.pid} 1 ${hostname()}\n`],
  ])('takes over from %s', async (_, text) => {
    writeFileSync(busy(), text());
    expect((await run('plan', 'net.yaml')).code).toBe(0);
    expect(readdirSync(cwd).sort()).toEqual(['demo.lock.json', 'net.yaml']);
  });

  it.each([
    ['on another host', () => `${spawnSync('true').pid} 1 elsewhere\n`],
    ['that lives', () => `1 ${start(1)} ${hostname()}\n`],
    ['that is about to write its name', () => ''],
  ])('does not take over from a process %s', async (_, text) => {
    const written = text();
    writeFileSync(busy(), written);
    const { code, stderr } = await run('plan', 'net.yaml');
    expect([code, stderr]).toEqual([1, expect.stringContaining('error[file-busy]')]);
    expect(readFileSync(busy(), 'utf8')).toBe(written);
  });
});

describe('dwcp plan --out', () => {
  it('overwrites a plan and an empty file, and nothing else', async () => {
    expect((await run('plan', 'net.yaml', '--out', 'plan.json')).code).toBe(0);
    expect((await run('plan', 'net.yaml', '--out', 'plan.json')).code).toBe(0);
    writeFileSync(path.join(cwd, 'empty'), '');
    expect((await run('plan', 'net.yaml', '--out', 'empty')).code).toBe(0);
    writeFileSync(path.join(cwd, 'notes.txt'), 'mine');
    symlinkSync('plan.json', path.join(cwd, 'link.json'));
    const before = Object.fromEntries(
      readdirSync(cwd).map((f) => [f, readFileSync(path.join(cwd, f), 'utf8')]),
    );
    for (const out of [
      'net.yaml',
      'notes.txt',
      'link.json',
      'demo.lock.json',
      'other.keys.json',
      './net.yaml',
    ]) {
      const { code, stderr } = await run('plan', 'net.yaml', '--out', out);
      expect([out, code, stderr]).toEqual([out, 1, expect.stringContaining('error[out-refused]')]);
    }
    const { code } = await run('plan', 'net.yaml', '--previous', 'plan.json', '--out', 'plan.json');
    expect(code).toBe(1);
    const after = Object.fromEntries(
      readdirSync(cwd).map((f) => [f, readFileSync(path.join(cwd, f), 'utf8')]),
    );
    expect(after).toEqual(before);
  });
});

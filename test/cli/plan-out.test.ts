import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PlanDocument } from '../../lib/plan';
import { runCaptured } from '../golden/captured-io';

const net = (more: string) => `network: net
regions:
  virginia: { place: us-east-1 }
  dublin: { place: eu-west-1 }
links:
  - { between: [virginia, dublin], bandwidth: 1 Gbps }
${more}`;
const broken = 'objectives: { backed: { minBackups: 1 } }\n';

let cwd: string;
beforeEach(() => (cwd = mkdtempSync(path.join(tmpdir(), 'dwcp-out-'))));
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(path.join(cwd, name), text);
const run = (line: string) => runCaptured(line.split(' '), { cwd });

describe('a plan that breaks an objective', () => {
  it.each(['text', 'json', 'markdown'])(
    'is written by --out for review, beside %s, and ends with 1',
    async (format) => {
      write('net.yaml', net(broken));
      const { code, stdout, stderr } = await run(`plan net.yaml --out plan.json --format ${format}`);
      expect([code, stdout === '']).toEqual([1, format === 'json']);
      expect(stderr).toContain('error[objective-broken] objectives.backed');
      expect(stderr).toContain('wrote plan.json for review alone');
      const plan = JSON.parse(readFileSync(path.join(cwd, 'plan.json'), 'utf8')) as PlanDocument;
      expect(plan.objectives.map((o) => o.verdict)).toEqual(['broken']);
      expect(existsSync(path.join(cwd, 'net.lock.json'))).toBe(false);
      // It can be read and compared, and is refused where it would be deployed.
      expect((await run('explain plan.json virginia dublin')).code).toBe(0);
      expect((await run('verify plan.json')).stderr).toContain('objective-broken');
    },
  );

  it('is not written where it has another fault, or warnings count as errors', async () => {
    const demand = 'demands: [{ from: virginia, to: dublin, class: critical, bandwidth: 2 Gbps }]\n';
    write('net.yaml', net(broken + demand));
    expect((await run('plan net.yaml --out plan.json')).code).toBe(1);
    write('net.yaml', net(broken));
    expect((await run('plan net.yaml --out plan.json --strict')).code).toBe(1);
    expect(existsSync(path.join(cwd, 'plan.json'))).toBe(false);
  });
});

describe('one run tells', () => {
  const codesOf = (text: string) => [...text.matchAll(/^error\[([a-z-]+)\]/gm)].map((m) => m[1]);

  it('of a refused --out and of a fault of the description', async () => {
    write('net.yaml', net('').replace('eu-west-1', 'eu-west-99'));
    const { code, stderr } = await run('plan net.yaml --out net.yaml');
    expect([code, codesOf(stderr)]).toEqual([1, ['out-refused', 'unknown-place']]);
  });

  it('of both regions that explain does not know', async () => {
    write('net.yaml', net(''));
    const { code, stderr } = await run('explain net.yaml virgina dubln');
    expect([code, codesOf(stderr)]).toEqual([1, ['unknown-region', 'unknown-region']]);
  });

  it('of every file that verify cannot read', async () => {
    write('plan.json', '{');
    write('net.yaml', net('').replace('eu-west-1', 'eu-west-99'));
    const { code, stderr } = await run(
      'verify plan.json --description net.yaml --lock gone.lock.json --previous gone.json',
    );
    expect([code, codesOf(stderr).sort()]).toEqual([
      1,
      ['file-unreadable', 'file-unreadable', 'not-a-plan', 'unknown-place'],
    ]);
  });
});

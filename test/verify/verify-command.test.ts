import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { CliIo } from '../../lib/cli/io';
import { verifyCommand } from '../../lib/cli/verify-command';
import { encodePlan } from '../../lib/plan/digest';
import { descriptions, planOf } from './plans';

const plan = planOf(descriptions().find(([name]) => name === 'ring')![1]);
let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'dwcp-verify-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true });
});

function run(text: string, options: { json?: boolean } = {}) {
  writeFileSync(path.join(cwd, 'plan.json'), text);
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const io: CliIo = { stdout, stderr, stdin, env: {}, cwd, isTty: false };
  const code = verifyCommand(io, 'plan.json', options);
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

describe('dwcp verify', () => {
  it('says in one line that a plan is accepted', () => {
    const { code, out, err } = run(encodePlan(plan));
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^plan\.json: accepted; \d+ paths, \d+ routes, 1 demand, 0 reservations checked\n$/);
  });

  it('tells a wrong digest together with what else is wrong', () => {
    const { code, err } = run(encodePlan(plan).replace('"mtu": 1420', '"mtu": 1400'));
    expect(code).toBe(1);
    expect(err).toMatch(/error\[digest\]/);
    expect(err).toMatch(/error\[(tunnel|path-figure)\]/);
  });

  it('gives the diagnostics as JSON', () => {
    const { code, out } = run('{}', { json: true });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false, diagnostics: [{ code: 'not-a-plan' }] });
  });

  it('refuses what is no JSON', () => {
    expect(run('network: ring').err).toMatch(/error\[not-a-plan\] plan\.json is no JSON/);
  });
});

import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import type { CliIo } from '../../lib/cli/io';
import { verifyCommand } from '../../lib/cli/verify-command';
import type { PlanDocument } from '../../lib/plan';
import { encodePlan, planDigest } from '../../lib/plan/digest';
import { runCaptured } from '../golden/captured-io';
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

describe('dwcp verify with what a plan was made from', () => {
  const examples = path.join(__dirname, '..', '..', 'stacks', 'examples');
  const files = ['six-regions.yaml', 'six-regions.lock.json', 'six-regions.keys.json'];
  const beside = ['--description', files[0], '--lock', files[1], '--keys', files[2]];
  let made: PlanDocument;

  beforeEach(async () => {
    for (const file of files) copyFileSync(path.join(examples, file), path.join(cwd, file));
    expect((await runCaptured(['plan', files[0], '--out', 'plan.json'], { cwd })).code).toBe(0);
    made = JSON.parse(readFileSync(path.join(cwd, 'plan.json'), 'utf8')) as PlanDocument;
  });

  /** Verifies a changed plan whose digest is its own again. */
  function lie(changed: PlanDocument, args: readonly string[] = beside) {
    writeFileSync(path.join(cwd, 'plan.json'), encodePlan({ ...changed, digest: planDigest(changed) }));
    return runCaptured(['verify', 'plan.json', ...args], { cwd });
  }

  it('accepts the plan, and says against what', async () => {
    const { code, stdout, stderr } = await lie(made);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/checked against six-regions\.yaml, six-regions\.lock\.json, six-regions\.keys/);
  });

  it('says what the plan has and what the description says, with its line, all of it', async () => {
    const { code, stderr } = await lie({
      ...made,
      tags: { owner: 'somebody' },
      regions: made.regions.map((r) => (r.id === 'dublin' ? { ...r, place: 'eu-west-2' } : r)),
      reservations: made.reservations.map((r) =>
        r.window ? { ...r, window: { ...r.window, timeZone: 'UTC' } } : r,
      ),
    });
    expect(code).toBe(1);
    const told = stderr
      .split('\n')
      .filter((line) => /^error\[description|^ {2}at six-regions\.yaml/.test(line))
      .join('\n');
    expect(told).toBe(
      `error[description-differs] regions.dublin.place: the plan has "eu-west-2", the description says "eu-west-1"
  at six-regions.yaml:8:13
error[description-differs] reservations.nightly-backup.window.timeZone: the plan has "UTC", the description says "Europe/Dublin"
  at six-regions.yaml:101:7
error[description-differs] tags.owner: the plan has "somebody", the description says "network"
  at six-regions.yaml:4:3`,
    );
  });

  it('says how many differences more there are than it shows', async () => {
    const links = made.links.map((l) => ({
      ...l,
      srlgs: [],
      mtu: 1300,
      directions: l.directions.map((d) => ({ ...d, latencyMs: d.latencyMs + 1, bandwidthMbps: 1 })),
    }));
    const { stderr } = await lie({ ...made, links }, beside.slice(0, 2));
    expect(stderr.match(/^error\[description-differs\] links/gm)).toHaveLength(50);
    expect(stderr).toMatch(/^error\[description-differs\] \d+ more differences$/m);
  });

  it('says what the lock and key files give, with their lines', async () => {
    const [one, two] = made.gateways;
    const gateways = made.gateways.map((g) =>
      g === one ? { ...g, publicKey: two.publicKey } : g === two ? { ...g, publicKey: one.publicKey } : g,
    );
    const generation = made.generation + 1;
    const swapped = await lie({ ...made, gateways, generation }, beside.slice(2));
    expect(swapped.code).toBe(1);
    expect(swapped.stderr).toContain(`the plan has ${generation}, the lock file gives ${made.generation}`);
    expect(swapped.stderr).toMatch(/gateways\.capetown\/1\.publicKey: .*\(that is the key of 'dublin\/1'\)/);
    expect(swapped.stderr).toMatch(/\n {2}at six-regions\.keys\.json:5:7/);
    expect((await lie({ ...made, gateways }, [])).code).toBe(0);
  });

  it('refuses what it cannot read beside the plan', async () => {
    const missing = await lie(made, ['--lock', 'no.lock.json']);
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining('no.lock.json does not exist'),
    ]);
    writeFileSync(path.join(cwd, 'bad.yaml'), 'network: six-regions\nregions: {}\n');
    const bad = await lie(made, ['--description', 'bad.yaml']);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(/^error\[[a-z-]+\].*\n {2}at bad\.yaml:2:1/);
  });
});

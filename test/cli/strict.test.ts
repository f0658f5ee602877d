import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCaptured, type CapturedRun } from '../golden/captured-io';

/** Reservations of the trial on real networks. */
const trial = path.join(__dirname, '..', 'cases', 'plan', '15-reservations');
const found = ({ stderr }: CapturedRun) =>
  [...stderr.matchAll(/^(error|warning)\[([a-z0-9-]+)\] ([a-z.-]*)/gm)].map(
    ([, severity, code, at]) => `${severity} ${code} ${at}`,
  );

/** Two regions, 5 Gbps between them, keys that a strict run asks for, and a lock file. */
const ends = `network: resv
regions:
  dublin: { place: eu-west-1 }
  virginia: { place: us-east-1 }
links:
  - { between: [virginia, dublin], bandwidth: 5 Gbps }
`;
const three = 'from: dublin, to: virginia, bandwidth: 3 Gbps';
const displaced = `${ends}reservations:
  a: { ${three}, setupPriority: 5, holdingPriority: 5 }
  b: { ${three}, setupPriority: 4 }
`;
const elastic = `${ends}demands:
  - { from: dublin, to: virginia, bandwidth: 8 Gbps, class: bulk }
`;

describe('--strict', () => {
  let cwd: string;
  const run = (...args: string[]) =>
    runCaptured(args, { cwd, env: { DWCP_PASSPHRASE: 'six words that nobody else knows' } });
  const write = (text: string) => writeFileSync(path.join(cwd, 'net.yaml'), text);

  beforeAll(async () => {
    cwd = mkdtempSync(path.join(tmpdir(), 'dwcp-strict-'));
    write(ends);
    const keys = await run('keys', 'init', 'net.yaml');
    expect([keys.code, readdirSync(cwd)]).toEqual([0, expect.arrayContaining(['resv.keys.json'])]);
  });
  afterAll(() => rmSync(cwd, { recursive: true }));

  it.each<readonly [string, number, readonly string[]]>([
    ['net', 0, ['reservation-refused reservations.b', 'reservation-refused reservations.d']],
    ['over', 0, ['reservation-refused reservations.weekend']],
    ['over2', 0, ['reservation-refused reservations.weekend']],
    // RFC 3209 section 4.7.1: a session that holds more weakly than it sets up would displace itself.
    ['prio', 1, ['priority-order reservations.a.holding']],
  ])('%s.yaml of the trial is fine without it at most, and never with it', async (name, code, expected) => {
    write(readFileSync(path.join(trial, `${name}.yaml`), 'utf8'));
    const at = (severity: string) => expected.map((text) => `${severity} ${text}`);
    const keyless = (result: CapturedRun) => found(result).filter((line) => !line.includes(' keys-'));
    const [plain, strict] = [await run('check', 'net.yaml'), await run('check', 'net.yaml', '--strict')];
    expect([plain.code, keyless(plain)]).toEqual([code, at(code === 0 ? 'warning' : 'error')]);
    expect([strict.code, strict.stdout, keyless(strict)]).toEqual([1, '', at('error')]);
  });

  it('changes nothing where all is carried and nothing is warned of', async () => {
    write(ends);
    for (const command of ['check', 'failures', 'plan']) {
      const [plain, strict] = [await run(command, 'net.yaml'), await run(command, 'net.yaml', '--strict')];
      expect([strict.code, strict.stdout]).toEqual([0, plain.stdout]);
    }
    await run('plan', 'net.yaml', '--strict', '--out', 'plan.json');
    expect(await run('verify', 'plan.json', '--strict')).toMatchObject({ code: 0, stderr: '' });
    const diff = await run('diff', 'plan.json', 'net.yaml', '--strict');
    expect(diff).toMatchObject({ code: 0, stderr: expect.not.stringContaining('error[') });
    rmSync(path.join(cwd, 'plan.json'));
  });

  it.each([
    ['a weaker reservation', displaced, 'reservation-refused reservations.a', /next: 1 Gbps in this window/],
    [
      'a demand of an elastic class that is carried in part',
      elastic,
      'demand-not-carried demands.demand-dublin-virginia-bulk',
      /5 Gbps of 8 Gbps/,
    ],
  ])('%s fails every command that plans or reads a plan', async (_, text, expected, words) => {
    write(text);
    const before = readdirSync(cwd);
    const planned = await run('plan', 'net.yaml', '--json');
    expect(planned.code).toBe(0);
    writeFileSync(path.join(cwd, 'whole.json'), planned.stdout);
    for (const args of [
      ['check', 'net.yaml'],
      ['plan', 'net.yaml'],
      ['plan', 'whole.json'],
      ['explain', 'net.yaml', 'dublin', 'virginia'],
      ['failures', 'net.yaml'],
      ['failures', 'whole.json'],
      ['verify', 'whole.json'],
      ['diff', 'whole.json', 'net.yaml'],
    ]) {
      const [plain, strict] = [await run(...args), await run(...args, '--strict')];
      expect([args[0], plain.code, strict.code]).toEqual([args[0], 0, 1]);
      expect([args[0], found(strict)]).toEqual([args[0], [`error ${expected}`]]);
      expect(strict.stderr).toMatch(words);
    }
    const out = await run('plan', 'net.yaml', '--strict', '--out', 'strict.json');
    expect([out.code, readdirSync(cwd).includes('strict.json')]).toEqual([1, false]);
    rmSync(path.join(cwd, 'whole.json'));
    expect(readdirSync(cwd)).toEqual(before);
  });

  it('fails where a reservation that was admitted is displaced by a stronger one', async () => {
    write(displaced.replace(/ {2}b: .*\n/, ''));
    await run('plan', 'net.yaml', '--out', 'before.json');
    write(displaced);
    const args = ['check', 'net.yaml', '--previous', 'before.json'];
    const [plain, strict] = [await run(...args), await run(...args, '--strict')];
    expect([plain.code, found(plain)]).toEqual([0, ['warning reservation-refused reservations.a']]);
    expect([strict.code, found(strict)]).toEqual([1, ['error reservation-refused reservations.a']]);
    expect(strict.stderr).toContain('reservation b took its place');
    rmSync(path.join(cwd, 'before.json'));
  });

  it('keeps no lock file of a plan that it refuses', async () => {
    write(displaced.replace('resv', 'other'));
    expect((await run('plan', 'net.yaml', '--strict')).code).toBe(1);
    expect(readdirSync(cwd)).not.toContain('other.lock.json');
    expect((await run('plan', 'net.yaml')).code).toBe(0);
    expect(readdirSync(cwd)).toContain('other.lock.json');
  });
});

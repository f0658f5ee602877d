import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLab } from '../../lib/lab';
import { skipped } from '../net/skipped';
import { fourRegionsFile } from '../support/four-regions';
import { labGap } from '../support/lab-gap';
import { dwcp, standInAgent, startDwcp, type Finished, type Started } from '../support/lab-process';
import { seeded } from '../support/random-seeded';

// The life of a lab, with an agent that only sets up tunnels: what is made, and that nothing of it is left.

const why = labGap();
const name = `life${process.pid}`;
let directory: string;

beforeAll(() => (directory = path.join(mkdtempSync(path.join(tmpdir(), 'dwcp-life-')), 'labs')));
afterAll(() => rmSync(path.dirname(directory), { recursive: true }));
afterEach(async () => {
  if (existsSync(path.join(directory, name))) await lab('down');
});

const which = () => ['--lab', name, '--directory', directory];
const lab = (command: string, ...args: string[]) => dwcp('lab', command, ...which(), ...args);
const upArgs = (...more: string[]) =>
  ['lab', 'up', fourRegionsFile, '--agent', standInAgent, ...which(), ...more] as const;
/** Makes the lab, and leaves it running. */
async function up(...more: string[]): Promise<Finished> {
  const done = await dwcp(...upArgs('--detach', ...more));
  if (done.code !== 0) throw new Error(done.stderr);
  return done;
}
const namespaces = () =>
  existsSync('/run/netns') ? readdirSync('/run/netns').filter((n) => n.startsWith(`${name}.`)) : [];
/** Programs that have this lab's folder in their command line. */
const programs = () => spawnSync('pgrep', ['-f', `${directory}/`], { encoding: 'utf8' }).stdout.trim();

async function nothingIsLeft(): Promise<void> {
  expect(namespaces()).toEqual([]);
  expect(existsSync(directory)).toBe(false);
  // A process that was killed is gone a moment later.
  for (let i = 0; i < 40 && programs() !== ''; i++) await sleep(50);
  expect(programs()).toBe('');
}

describe('a lab', () => {
  test('carries packets of both families between all regions, and is gone after down', async () => {
    if (why) return skipped(why);
    const made = await up();
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(made.stdout).toMatch(/^lab life\d+ is up after .* s: 4 regions, 5 gateways, 8 tunnels\n/);
    expect(namespaces()).toHaveLength(10);
    // What opens the tunnels is for root alone.
    expect(statSync(path.join(directory, name)).mode & 0o777).toBe(0o700);
    const hosts = openLab(directory, name).layout.regions.flatMap((r) =>
      r.hosts.flatMap((h) => [h.ipv4, h.ipv6]),
    );
    expect(hosts).toHaveLength(10);
    const pings = ['dublin', 'frankfurt', 'london', 'paris'].map((region) =>
      lab('exec', region, '--', 'sh', '-c', pingAll, 'sh', ...hosts),
    );
    for (const { code, stdout } of await Promise.all(pings)) expect([code, stdout]).toEqual([0, '']);
    expect((await lab('down')).stdout).toBe(`lab ${name} is down\n`);
    await nothingIsLeft();
  });

  test('says what is there, fails and heals by name, and refuses a second one of its name', async () => {
    if (why) return skipped(why);
    await up();
    const again = await dwcp(...upArgs('--detach'));
    expect([again.code, again.stderr]).toEqual([
      1,
      `error: lab '${name}' is up already; 'dwcp lab down --lab ${name}' removes it\n`,
    ]);
    expect((await lab('fail', 'link-london-frankfurt')).stdout).toBe('link-london-frankfurt: blackhole\n');
    const to = ['exec', 'frankfurt', '--', 'ping', '-c', '3', '-i', '0.2', '-W', '1', '-q', '10.2.128.10'];
    expect((await lab('exec', ...to.slice(1))).code).toBe(1);
    await lab('fail', 'paris', '--loss', '20', '--delay', '100', '--towards', 'dublin');
    const status = await lab('status');
    expect(status.stdout).toContain(
      'link-london-frankfurt: blackhole\n  paris: 20 % loss, 100 ms more, towards dublin\n',
    );
    expect(status.stdout.match(/process \d+/g)).toHaveLength(5);
    expect((await lab('heal', 'link-london-frankfurt')).code).toBe(0);
    expect((await lab('exec', ...to.slice(1))).code).toBe(0);
    expect((await lab('heal')).code).toBe(0);
    expect((await lab('status')).stdout).toContain('no failure in force');
    const wrong = await lab('fail', 'link-london-frankfort');
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      "error: the network has no link, region or gateway 'link-london-frankfort'; did you mean 'link-london-frankfurt'?\n",
    ]);
    expect((await lab('heal', 'dublin')).stderr).toBe("error: 'dublin' has no failure\n");
  });

  test('runs on a gateway too, gives the exit code of what it runs, and no environment of ours to agents', async () => {
    if (why) return skipped(why);
    process.env.DWCP_PASSPHRASE_TEST = 'not for agents';
    await up();
    const shown = await lab('exec', 'dublin/2', '--', 'wg', 'show', 'interfaces');
    expect(shown.stdout.trim().split(' ').sort()).toHaveLength(3);
    expect((await lab('exec', 'paris', '--', 'sh', '-c', 'exit 7')).code).toBe(7);
    const { gateways } = JSON.parse((await lab('status', '--json')).stdout) as {
      gateways: { agent: number }[];
    };
    const environment = readFileSync(`/proc/${gateways[0].agent}/environ`, 'utf8');
    delete process.env.DWCP_PASSPHRASE_TEST;
    expect(environment).not.toContain('DWCP');
  });

  test('of plain forwarding has no delay to add, and says so', async () => {
    if (why) return skipped(why);
    expect((await up('--no-delay')).stdout).toContain('no delay: the kernel forwards');
    const refused = await lab('fail', 'paris', '--delay', '10');
    expect(refused.stderr).toBe('error: this lab was made with --no-delay: it cannot delay packets\n');
    expect((await lab('status')).stdout).toContain('no failure in force');
    await lab('fail', 'link-paris-dublin');
    const ping = ['ping', '-c', '2', '-i', '0.2', '-W', '1', '-q', '10.3.128.10'];
    expect((await lab('exec', 'dublin', '--', ...ping)).code).toBe(1);
  });
});

describe('nothing is left of a lab', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('in the foreground after %s', async (signal) => {
    if (why) return skipped(why);
    const running = startDwcp(...upArgs());
    expect(await running.prints('Ctrl-C takes it down')).toBe(true);
    running.child.kill(signal);
    expect(await running.finished).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('is down') as string,
    });
    await nothingIsLeft();
  });

  test('when it is stopped half made, at any moment', async () => {
    if (why) return skipped(why);
    const random = seeded(4);
    process.stderr.write('seed 4\n');
    for (let i = 0; i < 3; i++) {
      const running = startDwcp(...upArgs('--detach'));
      await somethingIsMade(running);
      await sleep(random.whole(0, 1500));
      running.child.kill('SIGINT');
      const { code } = await running.finished;
      // It may have been complete by then.
      if (code === 0) await lab('down');
      await nothingIsLeft();
    }
  });

  test('after kill -9 and down', async () => {
    if (why) return skipped(why);
    const random = seeded(9);
    process.stderr.write('seed 9\n');
    for (let i = 0; i < 2; i++) {
      const running = startDwcp(...upArgs());
      await somethingIsMade(running);
      await sleep(random.whole(0, 1500));
      running.child.kill('SIGKILL');
      await running.finished;
      const again = await dwcp(...upArgs('--detach'));
      expect(again.stderr).toMatch(
        /^error: lab 'life\d+' (was left behind half made|is up already); 'dwcp lab down/m,
      );
      expect((await lab('down')).code).toBe(0);
      await nothingIsLeft();
    }
  });

  test('of a foreground lab that another terminal takes down', async () => {
    if (why) return skipped(why);
    const running = startDwcp(...upArgs());
    expect(await running.prints('Ctrl-C takes it down')).toBe(true);
    expect((await lab('down')).code).toBe(0);
    expect((await running.finished).code).toBe(0);
    await nothingIsLeft();
  });

  test('when an agent does not start', async () => {
    if (why) return skipped(why);
    const args = upArgs('--detach').map((a) => (a === standInAgent ? '/nonexistent/agent.js' : a));
    const { code, stderr } = await dwcp(...args);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/error: the agent of \S+ ended; the end of /)]);
    await nothingIsLeft();
  });

  test('and a namespace that no lab made is neither used nor removed', async () => {
    if (why) return skipped(why);
    const foreign = `${name}.paris.1`;
    spawnSync('ip', ['netns', 'add', foreign]);
    const { code, stderr } = await dwcp(...upArgs('--detach'));
    const left = namespaces();
    spawnSync('ip', ['netns', 'delete', foreign]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`there is a namespace '${foreign}' already`)]);
    expect(left).toEqual([foreign]);
    expect((await lab('down')).stderr).toBe(`error: there is no lab '${name}'; none is up\n`);
  });
});

async function somethingIsMade(running: Started): Promise<void> {
  for (let i = 0; i < 400 && namespaces().length === 0; i++) await sleep(25);
  expect([namespaces().length > 0, running.child.exitCode]).toEqual([true, null]);
}

/** Prints the addresses that do not answer within 15 s: the first handshake may take some. */
const pingAll = `for a in "$@"; do
  ( for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do ping -c 1 -W 1 -q $a >/dev/null && exit; done; echo $a ) &
done; wait`;

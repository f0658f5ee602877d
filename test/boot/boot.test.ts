import { readFileSync } from 'node:fs';
import type { EventView, StateView } from '../../lib/agent/client';
import { addressAt, parsePrefix } from '../../lib/net';
import { skipped } from '../net/skipped';
import { builtAgent } from '../support/built-agent';
import { startCloud, type Cloud } from './cloud';
import { Deployment, gateways, type Deployed, type Place } from './deployment';
import { Machine, sh } from './machine';
import { endPings, startPing } from './ping';
import { bootGap, prepareBoot } from './prepare';

// Two gateways boot a Debian as AWS would boot it: systemd, cloud-init with the real user data, the timer's
// program, bundles from S3, secrets from Secrets Manager (both by moto), the agent by its unit. What is not
// as in AWS: the kernel is this machine's (hence wireguard-go where it has no WireGuard), interfaces have
// their addresses before the boot, packages are on the image already, credentials come from the environment,
// and the timer waits an hour after its first run, so that the tests choose when it runs again.

const gap = bootGap();
const cloudNs = `dwcp-cloud${process.pid}`;
const cloudAddress = '44.0.2.254';
const places = Object.keys(gateways) as Place[];
const machines = new Map<Place, Machine>();
let cloud: Cloud | undefined;
let deployment: Deployment;
let foreign: Deployment;
/** What dublin runs. */
let current: Deployed;
let agent: string;

const dublin = () => machines.get('dublin')!;

/** What stands for the image's and AWS's side. */
function machineFiles(url: string): Record<string, string> {
  const units = '/etc/systemd/system';
  const image = 'datasource_list: [NoCloud]\nnetwork: { config: disabled }\nssh_genkeytypes: []\n';
  const keys = 'AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_MAX_ATTEMPTS=1';
  // The tests run the program more often than systemd's start limit, five times in ten seconds, lets anyone.
  const service = `[Unit]\nStartLimitIntervalSec=0\n[Service]\nEnvironment=AWS_ENDPOINT_URL=${url} ${keys}\n`;
  // Of the host's kernel, consoles and mirrors: no business of a guest's.
  const masked = ['systemd-sysctl.service', 'systemd-modules-load.service', 'console-getty.service'];
  return {
    '/etc/cloud/cloud.cfg.d/99-boot.cfg': image,
    [`${units}/dwcp-fetch.service.d/test.conf`]: service,
    [`${units}/dwcp-fetch.timer.d/test.conf`]: '[Timer]\nOnBootSec=\nOnBootSec=1\nOnUnitInactiveSec=1h\n',
    ...Object.fromEntries([...masked, 'apt-daily.timer'].map((name) => [`${units}/${name}`, ''])),
  };
}

/** A host's address in a region's VPC, and its router's. */
function vpcOf(of: Place): { router: string; host: string } {
  const block = parsePrefix(current.state(of).ipv4Block);
  const [router, host] = [addressAt(block, 51201), addressAt(block, 51202)];
  return { router, host };
}

const agentCli = (of: Place, ...args: string[]) =>
  machines.get(of)!.run('node', '/opt/dwcp/current/dwcp-agent.cjs', ...args);
function state(of: Place): StateView | undefined {
  const { code, stdout } = agentCli(of, 'status', '--json');
  return code === 0 ? (JSON.parse(stdout) as { state: StateView }).state : undefined;
}
const upWith = (of: Place, generation: number) =>
  machines.get(of)!.until(`generation ${generation} runs`, () => state(of)?.generation === generation);

/** The timer's program, as the timer starts it: its exit code, and what it said. */
function fetch(): { readonly ok: boolean; readonly said: string } {
  // A run after a boot may have seen the bucket as it was before.
  dublin().sh('while [ $(systemctl show -P ActiveState dwcp-fetch) = activating ]; do sleep 0.1; done');
  const ok = dublin().run('systemctl', 'start', 'dwcp-fetch.service').code === 0;
  const which = dublin().output('systemctl', 'show', '-P', 'InvocationID', 'dwcp-fetch.service').trim();
  dublin().output('journalctl', '--sync');
  const said = dublin().output('journalctl', '-o', 'cat', `_SYSTEMD_INVOCATION_ID=${which}`);
  return { ok, said };
}

/**
 * Most packets that may be lost, of one in 20 ms: a gateway calls its one path down where other work on two
 * cores holds an answer up for 60 ms. A tunnel that is made anew loses more: its handshake takes a second.
 */
const fewPackets = 25;
/** While an agent starts anew it answers no probe, and its peer takes the path for down. */
const packetsOfRestart = 150;

/** Packets between hosts of the two regions; those lost of 10. */
const ping = () => startPing(dublin().hostNs, vpcOf('virginia').host, 10).lost();

/** What must not change when nothing is to be done: interfaces, processes, files, with their numbers. */
const standing = () =>
  dublin().sh(`ip -o link | cut -d: -f1,2; systemctl show -P MainPID dwcp-agent
    find /opt/dwcp/* /etc/systemd/system/dwcp-agent.service -printf '%p %i %T@ %l\\n' | sort
    find /etc/dwcp /etc/systemd/system /usr/local/sbin -type f -exec sha256sum {} + | sort`);
const interfaces = () => dublin().sh('ip -o link | cut -d: -f1,2');
const agentProcess = () => dublin().output('systemctl', 'show', '-P', 'MainPID', 'dwcp-agent').trim();
const installed = () => dublin().output('readlink', '/opt/dwcp/current').trim();

beforeAll(async () => {
  if (gap) return;
  const parts = prepareBoot();
  const built = builtAgent();
  agent = readFileSync(built.file, 'utf8');
  built.remove();
  [deployment, foreign] = await Promise.all(['boot', 'other'].map((name) => Deployment.create(name, agent)));
  current = deployment.plan('1 Gbps', null);
  sh('ip netns add "$1"; ip -n "$1" link set lo up; ip -n "$1" link add br0 type bridge', cloudNs);
  sh('ip -n "$1" link set br0 up; ip -n "$1" addr add "$2" dev br0', cloudNs, `${cloudAddress}/24`);
  cloud = await startCloud(parts.python, cloudNs, cloudAddress);
  for (const of of places) {
    const { region, secret } = deployment.bootstrap(of);
    await deployment.upload(cloud, of, current.bundle(of));
    await cloud.secret(region, secret, deployment.secret(of));
    const machine = new Machine({
      name: `${of.slice(0, 3)}${process.pid % 1_000_000}`,
      root: parts.root,
      userData: deployment.userData(of),
      files: machineFiles(cloud.url),
      underlay: { ns: cloudNs, bridge: 'br0' },
      address: `${gateways[of]}/24`,
      vpc: vpcOf(of),
    });
    machines.set(of, machine);
    await machine.boot();
  }
  for (const of of places) await upWith(of, 1);
}, 600_000);

afterEach(endPings);
afterAll(() => {
  for (const machine of machines.values()) machine.close();
  cloud?.close();
  if (!gap) sh('ip netns delete "$1"', cloudNs);
});

/** A test that runs where gateways can be booted. */
function onDebian(name: string, run: (cloud: Cloud) => Promise<void>): void {
  const tried = () => (gap ? Promise.resolve(skipped(gap)) : run(cloud!));
  test(name, tried, 120_000);
}

/** The gateway's part of its plan is there, looked at with the tools alone. */
function expectAsPlanned(of: Place): void {
  const plan = current.state(of);
  const machine = machines.get(of)!;
  const addresses = JSON.parse(machine.output('ip', '-j', 'address', 'show')) as {
    ifname: string;
    addr_info: { local: string; prefixlen: number }[];
  }[];
  const on = (name: string) =>
    addresses
      .find(({ ifname }) => ifname === name)
      ?.addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  for (const tunnel of plan.tunnels) {
    expect(on(tunnel.interfaceName)).toEqual(
      expect.arrayContaining([`${tunnel.ipv4}/31`, `${tunnel.ipv6}/127`]),
    );
    const key = machine.output('wg', 'show', tunnel.interfaceName, 'public-key').trim();
    expect(key).toBe(plan.publicKey);
  }
  expect(addresses.flatMap(({ addr_info }) => addr_info.map(({ local }) => local))).toEqual(
    expect.arrayContaining([plan.ipv4, plan.ipv6]),
  );
  const routes = machine.output('ip', 'route', 'show', 'table', 'all');
  for (const route of plan.routes) {
    for (const prefix of route.ipv4Prefixes) {
      const tables = routes.match(new RegExp(`^${prefix} nhid .* proto 177`, 'gm'));
      expect(tables).toHaveLength(plan.classes.length);
    }
  }
}

onDebian('user data and units are valid to the tools of the image', async () => {
  const check = 'cloud-init schema --config-file /var/lib/cloud/seed/nocloud/user-data';
  expect(dublin().sh(check)).toContain('Valid');
  const units = ['dwcp-fetch.service', 'dwcp-fetch.timer', 'dwcp-agent.service'];
  const verified = dublin().run('systemd-analyze', 'verify', '--man=no', ...units);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
  await Promise.resolve();
});

onDebian('gateways boot to their plan, and forward', async () => {
  for (const of of places) {
    expectAsPlanned(of);
    const machine = machines.get(of)!;
    const status = JSON.parse(machine.output('cloud-init', 'status', '--format', 'json')) as object;
    expect(status).toMatchObject({ status: 'done', errors: [], recoverable_errors: {} });
    expect(machine.output('systemctl', 'list-units', '--failed', '--plain', '--no-legend')).toBe('');
  }
  await dublin().until('the tunnel carries', () => state('dublin')?.ready === true);
  expect(await ping()).toBe(0);
});

onDebian('user data run again, and the program, change nothing', async () => {
  const before = standing();
  for (const module of ['write_files', 'runcmd', 'scripts_user']) {
    dublin().output('cloud-init', 'single', '--name', module, '--frequency', 'always');
  }
  expect(fetch()).toEqual({ ok: true, said: expect.not.stringContaining('installed') as string });
  expect(standing()).toBe(before);
  await Promise.resolve();
});

onDebian('a new plan is taken whole, and no interface is made anew', async (cloud) => {
  const [before, process] = [interfaces(), agentProcess()];
  const { lastEvent } = state('dublin')!;
  const traffic = startPing(dublin().hostNs, vpcOf('virginia').host);
  current = deployment.plan('2 Gbps', current.lock);
  await deployment.upload(cloud, 'dublin', current.bundle('dublin'));
  const { ok, said } = fetch();
  expect([ok, said]).toEqual([true, expect.stringContaining('installed generation 2\n')]);
  expect(state('dublin')).toMatchObject({ generation: 2, planDigest: current.plan.digest });
  expect(await traffic.lost()).toBeLessThan(fewPackets);
  expect([interfaces(), agentProcess()]).toEqual([before, process]);
  const { stdout } = dublin().run(
    'timeout',
    '1',
    ...['node', '/opt/dwcp/current/dwcp-agent.cjs', 'events', '--json', '--after', String(lastEvent)],
  );
  const kinds = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as EventView).kind);
  // A busy machine may delay a probe by enough for a path's health to be noted; nothing may be switched.
  expect(kinds.filter((kind) => kind !== 'health')).toEqual(['plan']);
});

onDebian('a new agent starts in place of the old one, and forwarding stays as it was', async (cloud) => {
  const [before, process] = [interfaces(), agentProcess()];
  const traffic = startPing(dublin().hostNs, vpcOf('virginia').host);
  agent = `${agent}\n// Another program.\n`;
  deployment = deployment.withAgent(agent);
  current = deployment.plan('2 Gbps', current.lock);
  await deployment.upload(cloud, 'dublin', current.bundle('dublin'));
  expect(fetch().ok).toBe(true);
  expect(await traffic.lost()).toBeLessThan(packetsOfRestart);
  expect(interfaces()).toBe(before);
  expect(agentProcess()).not.toBe(process);
});

describe('what is refused leaves the gateway as it was, and says why', () => {
  const old = () => deployment.plan('3 Gbps', null).bundle('dublin');
  const cases: [string, (next: Deployed) => { bytes: Uint8Array; sha256: string }, RegExp][] = [
    ['a flipped byte', (next) => flipped(next.bundle('dublin')), /bundle\.tar: FAILED/],
    ['an older plan', old, /refused \(older\): the plan has generation 1; generation 2 is applied/],
    ["another network's bundle", () => foreign.plan('1 Gbps', null).bundle('dublin'), /refused \(foreign\)/],
    ['a bundle cut short', (next) => cut(next.bundle('dublin')), /bundle\.tar: FAILED/],
    ['a digest that is none', (next) => ({ ...next.bundle('dublin'), sha256: '../..' }), /holds no digest/],
  ];
  for (const [what, made, why] of cases) {
    onDebian(what, async (cloud) => {
      const before = [installed(), interfaces(), agentProcess()];
      const traffic = startPing(dublin().hostNs, vpcOf('virginia').host);
      await deployment.upload(cloud, 'dublin', made(deployment.plan('3 Gbps', current.lock)));
      expect(fetch()).toEqual({ ok: false, said: expect.stringMatching(why) as string });
      expect([installed(), interfaces(), agentProcess()]).toEqual(before);
      expect(state('dublin')?.generation).toBe(current.plan.generation);
      expect(await traffic.lost()).toBeLessThan(fewPackets);
    });
  }

  for (const [what, made] of cases.slice(1, 3)) {
    onDebian(`${what}, even when the gateway boots with it in its bucket`, async (cloud) => {
      await deployment.upload(cloud, 'dublin', made(deployment.plan('3 Gbps', current.lock)));
      await dublin().reboot();
      await upWith('dublin', current.plan.generation);
      expect(installed()).toBe(`releases/${current.bundle('dublin').sha256}`);
      expectAsPlanned('dublin');
    });
  }

  onDebian('a download that breaks off', async (cloud) => {
    await upWith('dublin', current.plan.generation);
    await deployment.upload(cloud, 'dublin', deployment.plan('3 Gbps', current.lock).bundle('dublin'));
    await cloud.limit(100_000);
    expect(fetch()).toEqual({ ok: false, said: expect.stringMatching(/download failed/) as string });
    expect(state('dublin')?.generation).toBe(current.plan.generation);
  });

  onDebian('S3 that does not answer', async (cloud) => {
    await cloud.limit(0);
    const { ok, said } = fetch();
    expect([ok, said]).toEqual([false, expect.stringMatching(/Connection|connect/)]);
    await dublin().until('packets pass', () => state('dublin')?.ready === true);
    expect(await ping()).toBe(0);
    await cloud.limit(null);
  });

  onDebian('a secret that is not there: the next run takes the plan', async (cloud) => {
    const { region, secret } = deployment.bootstrap('dublin');
    await cloud.secret(region, secret, null);
    const { ok, said } = fetch();
    expect([ok, said]).toEqual([false, expect.stringContaining('ResourceNotFoundException')]);
    expect(state('dublin')?.generation).toBe(current.plan.generation);
    await cloud.secret(region, secret, deployment.secret('dublin'));
    current = deployment.plan('3 Gbps', current.lock);
    expect(fetch().ok).toBe(true);
    expect(state('dublin')?.generation).toBe(current.plan.generation);
  });

  onDebian('a full disk: the next run with room takes the plan', async (cloud) => {
    const before = installed();
    const next = deployment.plan('4 Gbps', current.lock);
    await deployment.upload(cloud, 'dublin', next.bundle('dublin'));
    // As large as what is there, and half a megabyte.
    dublin().sh(`cp -a /opt/dwcp /opt/kept; kb=$(du -sk /opt/dwcp | cut -f1)
      mount -t tmpfs -o "size=$((kb + 512))k" tmpfs /opt/dwcp; cp -a /opt/kept/. /opt/dwcp/`);
    const { ok, said } = fetch();
    expect([ok, said]).toEqual([false, expect.stringContaining('No space left on device')]);
    expect([installed(), state('dublin')?.generation]).toEqual([before, current.plan.generation]);
    dublin().sh('mount -o remount,size=64m /opt/dwcp');
    current = next;
    expect(fetch().ok).toBe(true);
    expect(state('dublin')?.generation).toBe(current.plan.generation);
    dublin().sh(`rm -r /opt/kept; cp -a /opt/dwcp /opt/kept; umount /opt/dwcp
      rm -r /opt/dwcp; mv /opt/kept /opt/dwcp`);
  });
});

onDebian(
  'the program killed at any point: the gateway runs on, and the next run takes the plan',
  async (cloud) => {
    const next = deployment.plan('5 Gbps', current.lock);
    const points = ['aws', 'tar', 'mv', 'node', 'systemctl'];
    const release = `releases/${next.bundle('dublin').sha256}`;
    dublin().sh(`mkdir /opt/kill; cat >/opt/kill/aws <<'EOF'
${killAt}EOF
    chmod 755 /opt/kill/aws; cd /opt/kill; for name in ${points.slice(1).join(' ')}; do ln -s aws $name; done
    mkdir -p /run/systemd/system/dwcp-fetch.service.d; cd /run/systemd/system/dwcp-fetch.service.d
    printf '[Service]\\nEnvironment=PATH=/opt/kill:/usr/sbin:/usr/bin\\n' >kill.conf; systemctl daemon-reload`);
    await deployment.upload(cloud, 'dublin', next.bundle('dublin'));
    const traffic = startPing(dublin().hostNs, vpcOf('virginia').host);
    for (const point of points) {
      dublin().sh(`echo ${point} >/run/kill-at`);
      expect([point, fetch().ok]).toEqual([point, false]);
      expect(dublin().output('systemctl', 'show', '-P', 'Result', 'dwcp-fetch')).toBe('signal\n');
      // What a boot would run is whole: the plan before, and after the switch the new one.
      dublin().output('node', '/opt/dwcp/current/dwcp-agent.cjs', '--help');
      expect(installed() === release).toBe(point === 'systemctl');
      expect(state('dublin')?.generation).toBe(current.plan.generation);
    }
    dublin().sh(
      'rm -r /run/kill-at /opt/kill /run/systemd/system/dwcp-fetch.service.d; systemctl daemon-reload',
    );
    expect(await traffic.lost()).toBeLessThan(fewPackets);
    current = next;
    expect(fetch().ok).toBe(true);
    expect(state('dublin')?.generation).toBe(current.plan.generation);
    const left = dublin().sh('ls -A /opt/dwcp /opt/dwcp/releases /run/dwcp/secrets');
    const sha256 = current.bundle('dublin').sha256;
    expect(left.split('\n').filter(Boolean)).toEqual([
      ...['/opt/dwcp:', 'current', 'endpoints.json', 'releases'],
      ...['/opt/dwcp/releases:', sha256, '/run/dwcp/secrets:', sha256],
    ]);
  },
);

onDebian('a boot while AWS does not answer waits for it', async (cloud) => {
  await cloud.limit(0);
  await dublin().reboot();
  await dublin().until('a run fails', () => dublin().run('systemctl', 'is-failed', 'dwcp-fetch').code === 0);
  expect(dublin().run('systemctl', 'is-active', 'dwcp-agent').stdout).toBe('inactive\n');
  await cloud.limit(null);
  expect(fetch().ok).toBe(true);
  await upWith('dublin', current.plan.generation);
});

onDebian('another instance has the same addresses and keys', async () => {
  dublin().replaceInstance();
  await dublin().boot();
  await upWith('dublin', current.plan.generation);
  expectAsPlanned('dublin');
  await dublin().until('the tunnel carries', () => state('dublin')?.ready === true);
  expect(await ping()).toBe(0);
});

/** In the place of the program's tools: ends the program where it calls the one that is named. */
const killAt = `#!/bin/bash
tool=/usr/bin/$(basename "$0")
end() { /usr/bin/systemctl kill -s KILL dwcp-fetch; sleep 10; }
case "$(cat /run/kill-at) $(basename "$0") $*" in
  'aws aws '*/bundle.tar*) timeout 0.9 $tool "$@"; end ;;
  'tar tar '*) $tool "$@"; end ;;
  'mv mv '*/tree* | 'node node '* | 'systemctl systemctl enable'*) end ;;
esac
exec $tool "$@"
`;

/** One bit of the archive, in its middle. */
function flipped({ bytes, sha256 }: { bytes: Uint8Array; sha256: string }) {
  const other = Uint8Array.from(bytes);
  other[other.length >> 1] ^= 1;
  return { bytes: other, sha256 };
}

function cut({ bytes, sha256 }: { bytes: Uint8Array; sha256: string }) {
  return { bytes: bytes.subarray(0, bytes.length - 1024), sha256 };
}

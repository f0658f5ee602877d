import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EventView } from '../../lib/agent/client';
import { withBootedPair, places, type BootedPair } from './booted-pair';
import type { Place } from './deployment';
import { sh } from './machine';

const onPair = withBootedPair('boot');
let pair: BootedPair;
/** A test on the booted pair. */
function onDebian(name: string, run: () => Promise<void>): void {
  onPair(name, (booted) => {
    pair = booted;
    return run();
  });
}

const dublin = () => pair.dublin;

/**
 * Most packets that may be lost, of one in 20 ms: a gateway calls its one path down where other work on two
 * cores holds an answer up for 60 ms. A tunnel that is made anew loses more: its handshake takes a second.
 */
const fewPackets = 25;
/** While an agent starts anew it answers no probe, and its peer takes the path for down. */
const packetsOfRestart = 150;

/** What must not change when nothing is to be done: interfaces, processes, files, with their numbers. */
const standing = () =>
  dublin().sh(`ip -o link | cut -d: -f1,2; systemctl show -P MainPID dwcp-agent
    find /opt/dwcp/* /etc/systemd/system/dwcp-agent.service -printf '%p %i %T@ %l\\n' | sort
    find /etc/dwcp /etc/systemd/system /usr/local/sbin -type f -exec sha256sum {} + | sort`);
const interfaces = () => dublin().sh('ip -o link | cut -d: -f1,2');
const agentProcess = () => dublin().output('systemctl', 'show', '-P', 'MainPID', 'dwcp-agent').trim();
const installed = () => dublin().output('readlink', '/opt/dwcp/current').trim();

/** The gateway's part of its plan is there, looked at with the tools alone. */
function expectAsPlanned(of: Place): void {
  const plan = pair.current.state(of);
  const machine = pair.machine(of);
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
  const names = ['packages.service', 'fetch.service', 'fetch.timer', 'agent.service', 'host.service'];
  const units = names.map((name) => `dwcp-${name}`);
  const verified = dublin().run('systemd-analyze', 'verify', '--man=no', ...units);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
  await Promise.resolve();
});

onDebian('gateways boot to their plan, and forward', async () => {
  for (const of of places) {
    expectAsPlanned(of);
    const machine = pair.machine(of);
    const status = JSON.parse(machine.output('cloud-init', 'status', '--format', 'json')) as object;
    expect(status).toMatchObject({ status: 'done', errors: [], recoverable_errors: {} });
    expect(machine.output('systemctl', 'list-units', '--failed', '--plain', '--no-legend')).toBe('');
    // systemd-networkd is told what is ours, by a unit that may write there.
    const told = machine.sh(
      'cat /etc/systemd/networkd.conf.d/50-dwcp.conf /etc/systemd/network/05-dwcp.network',
    );
    expect(told).toMatch(/ManageForeignNextHops=no\n[^]*Name=dwcp0 dwcp1 wg-[^]*Unmanaged=yes\n/);
  }
  await pair.carries();
});

onDebian('user data run again, and the program, change nothing', async () => {
  pair.settle();
  const before = standing();
  for (const module of ['write_files', 'runcmd', 'scripts_user']) {
    dublin().output('cloud-init', 'single', '--name', module, '--frequency', 'always');
  }
  expect(pair.fetch()).toEqual({ ok: true, said: expect.not.stringContaining('installed') as string });
  expect(standing()).toBe(before);
  await Promise.resolve();
});

onDebian('a new plan is taken whole, and no interface is made anew', async () => {
  const [before, process] = [interfaces(), agentProcess()];
  const { lastEvent } = pair.state('dublin')!;
  const traffic = pair.traffic();
  pair.current = pair.deployment.plan('2 Gbps', pair.current.lock);
  await pair.deployment.upload(pair.cloud, 'dublin', pair.current);
  const { ok, said } = pair.fetch();
  expect([ok, said]).toEqual([true, expect.stringContaining('installed generation 2\n')]);
  expect(pair.state('dublin')).toMatchObject({ generation: 2, planDigest: pair.current.plan.digest });
  expect(await traffic.lost()).toBeLessThan(fewPackets);
  expect([interfaces(), agentProcess()]).toEqual([before, process]);
  const { stdout } = dublin().run(
    'timeout',
    '3',
    ...['dwcp-agent', 'events', '--json', '--after', String(lastEvent)],
  );
  const kinds = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as EventView).kind);
  // A busy machine may delay a probe by enough for a path's health to be noted; nothing may be switched.
  expect(kinds.filter((kind) => kind !== 'health')).toEqual(['plan']);
});

onDebian('a new agent starts in place of the old one, and forwarding stays as it was', async () => {
  const [before, process] = [interfaces(), agentProcess()];
  const traffic = pair.traffic();
  pair.deployment = pair.deployment.withAgent(`${pair.agent}\n// Another program.\n`);
  pair.current = pair.deployment.plan('2 Gbps', pair.current.lock);
  await pair.deployment.upload(pair.cloud, 'dublin', pair.current);
  expect(pair.fetch().ok).toBe(true);
  expect(await traffic.lost()).toBeLessThan(packetsOfRestart);
  expect(interfaces()).toBe(before);
  expect(agentProcess()).not.toBe(process);
});

describe('what fails leaves the gateway as it was, and says why', () => {
  onDebian('a download that breaks off', async () => {
    await pair.upWith('dublin', pair.current.plan.generation);
    await pair.deployment.upload(pair.cloud, 'dublin', pair.deployment.plan('3 Gbps', pair.current.lock));
    await pair.cloud.limit(100_000);
    const why = /Connection broken.*\nfailed: the bundle cannot be had/;
    expect(pair.fetch()).toEqual({ ok: false, said: expect.stringMatching(why) as string });
    expect(pair.state('dublin')?.generation).toBe(pair.current.plan.generation);
  });

  onDebian('S3 that does not answer', async () => {
    await pair.cloud.limit(0);
    const { ok, said } = pair.fetch();
    expect([ok, said]).toEqual([false, expect.stringMatching(/Connection|connect/)]);
    await pair.carries();
    await pair.cloud.limit(null);
  });

  onDebian('a secret that is not there: the next run takes the plan', async () => {
    const { region, secret } = pair.deployment.bootstrap('dublin');
    await pair.cloud.secret(region, secret, null);
    dublin().sh('rm /run/dwcp/unseal');
    const { ok, said } = pair.fetch();
    expect([ok, said]).toEqual([false, expect.stringContaining('ResourceNotFoundException')]);
    expect(said).toMatch(/failed: the secret store has no secret \d+$/m);
    expect(pair.state('dublin')?.generation).toBe(pair.current.plan.generation);
    await pair.cloud.secret(region, secret, pair.deployment.secret('dublin'));
    pair.current = pair.deployment.plan('3 Gbps', pair.current.lock);
    expect(pair.fetch().ok).toBe(true);
    expect(pair.state('dublin')?.generation).toBe(pair.current.plan.generation);
  });

  onDebian('a full disk: the next run with room takes the plan', async () => {
    const before = installed();
    const next = pair.deployment.plan('4 Gbps', pair.current.lock);
    await pair.deployment.upload(pair.cloud, 'dublin', next);
    // As large as what is there, and half a megabyte.
    dublin().sh(`cp -a /opt/dwcp /opt/kept; kb=$(du -sk /opt/dwcp | cut -f1)
      mount -t tmpfs -o "size=$((kb + 512))k" tmpfs /opt/dwcp; cp -a /opt/kept/. /opt/dwcp/`);
    const { ok, said } = pair.fetch();
    expect([ok, said]).toEqual([false, expect.stringContaining('No space left on device')]);
    expect([installed(), pair.state('dublin')?.generation]).toEqual([before, pair.current.plan.generation]);
    dublin().sh('mount -o remount,size=64m /opt/dwcp');
    pair.current = next;
    expect(pair.fetch().ok).toBe(true);
    expect(pair.state('dublin')?.generation).toBe(pair.current.plan.generation);
    dublin().sh(`rm -r /opt/kept; cp -a /opt/dwcp /opt/kept; umount /opt/dwcp
      rm -r /opt/dwcp; mv /opt/kept /opt/dwcp`);
  });
});

onDebian(
  'the program killed at any point: the gateway runs on, and the next run takes the plan',
  async () => {
    const next = pair.deployment.plan('5 Gbps', pair.current.lock);
    const points = ['aws', 'tar', 'mv', 'node', 'systemctl'];
    const release = `releases/${next.bundle('dublin').sha256}`;
    dublin().sh(`mkdir /opt/kill; cat >/opt/kill/aws <<'EOF'
${killAt}EOF
    chmod 755 /opt/kill/aws; cd /opt/kill; for name in ${points.slice(1).join(' ')}; do ln -s aws $name; done
    mkdir -p /run/systemd/system/dwcp-fetch.service.d; cd /run/systemd/system/dwcp-fetch.service.d
    printf '[Service]\\nEnvironment=PATH=/opt/kill:/usr/sbin:/usr/bin\\n' >kill.conf; systemctl daemon-reload`);
    await pair.deployment.upload(pair.cloud, 'dublin', next);
    const traffic = pair.traffic();
    for (const point of points) {
      dublin().sh(`echo ${point} >/run/kill-at`);
      expect([point, pair.fetch().ok]).toEqual([point, false]);
      expect(dublin().output('systemctl', 'show', '-P', 'Result', 'dwcp-fetch')).toBe('signal\n');
      // What a boot would run is whole: the plan before, and after the switch the new one.
      dublin().output('node', '/opt/dwcp/current/dwcp-agent.cjs', '--help');
      expect(installed() === release).toBe(point === 'systemctl');
      expect(pair.state('dublin')?.generation).toBe(pair.current.plan.generation);
    }
    dublin().sh(
      'rm -r /run/kill-at /opt/kill /run/systemd/system/dwcp-fetch.service.d; systemctl daemon-reload',
    );
    expect(await traffic.lost()).toBeLessThan(fewPackets);
    pair.current = next;
    expect(pair.fetch().ok).toBe(true);
    expect(pair.state('dublin')?.generation).toBe(pair.current.plan.generation);
    const left = dublin().sh('ls -A /opt/dwcp /opt/dwcp/releases; ls /run/dwcp | grep -E "next|new"; true');
    const sha256 = pair.current.bundle('dublin').sha256;
    expect(left.split('\n').filter(Boolean)).toEqual([
      ...['/opt/dwcp:', 'current', 'endpoints.json', 'releases'],
      ...['/opt/dwcp/releases:', sha256],
    ]);
  },
);

onDebian('a boot while AWS does not answer waits for it', async () => {
  await pair.cloud.limit(0);
  await dublin().reboot();
  await dublin().until('a run fails', () => dublin().run('systemctl', 'is-failed', 'dwcp-fetch').code === 0);
  expect(dublin().run('systemctl', 'is-active', 'dwcp-agent').stdout).toBe('inactive\n');
  await pair.cloud.limit(null);
  expect(pair.fetch().ok).toBe(true);
  await pair.upWith('dublin', pair.current.plan.generation);
});

onDebian('another instance has the same addresses and keys', async () => {
  dublin().replaceInstance();
  await dublin().boot();
  await pair.upWith('dublin', pair.current.plan.generation);
  expectAsPlanned('dublin');
  await pair.carries();
});

onDebian('the SSM agent of a plan is installed if it is that package, and the journal is sent', async () => {
  const { region, bucket } = pair.deployment.bootstrap('dublin');
  const group = `/dwcp/boot/dublin/gateways`;
  await pair.cloud.logGroup(region, group);
  const packed = packageText();
  await pair.cloud.put(bucket, 'ssm.deb', packed);
  await pair.cloud.publish(bucket, 'ssm.deb');
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const take = async (digest: string) => {
    const agent = `{ version: 1.2.3.4, sha256: { arm64: ${digest}, amd64: ${digest} }, url: '${pair.cloud.url}/${bucket}/ssm.deb' }`;
    const operations = `operations: { api: false, logs: {}, ssmAgent: ${agent} }\n`;
    pair.current = pair.deployment.plan('6 Gbps', pair.current.lock, operations);
    await pair.deployment.upload(pair.cloud, 'dublin', pair.current);
    expect(pair.fetch().ok).toBe(true);
    expect(pair.state('dublin')?.generation).toBe(pair.current.plan.generation);
  };
  const failed = () => dublin().run('systemctl', 'is-failed', 'dwcp-ssm.service').stdout.trim();
  await take(sha256(Buffer.from('another')));
  const units = ['dwcp-ssm.service', 'dwcp-logs.service'];
  const verified = dublin().run('systemd-analyze', 'verify', '--man=no', ...units);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
  await dublin().until('another package is refused', () => failed() === 'failed');
  const doctor = () => dublin().run('dwcp-agent', 'doctor').stdout;
  expect(doctor()).toMatch(/ssm.*has SHA-256/s);
  expect(dublin().run('test', '-e', '/opt/ssm-agent').code).toBe(1);
  await pair.carries();
  await take(sha256(packed));
  const active = () => dublin().run('systemctl', 'is-active', 'amazon-ssm-agent.service').stdout.trim();
  await dublin().until('the SSM agent runs', () => active() === 'active');
  expect(doctor()).toMatch(/ssm.*the SSM agent runs/);
  await dublin().reboot();
  await pair.upWith('dublin', pair.current.plan.generation);
  expect(active()).toBe('active');
  // What the unit before said of the wrong package is there, and what the agent says after the boot.
  const texts = async () => (await pair.cloud.logs(region, group, 'gateway-1')).join('\n');
  let sent = '';
  for (
    const end = Date.now() + 30_000;
    Date.now() < end && !/applied generation/.test(sent);
    sent = await texts()
  );
  expect(sent).toMatch(/"unit":"dwcp-ssm.service".*has SHA-256/);
  expect(sent).toMatch(/"unit":"dwcp-agent.service".*applied generation/);
  await dublin().until('the journal is as it should be', () => /logs.*the journal goes to/.test(doctor()));
});

/** The bytes of a package as AWS's is: a program with its unit. */
function packageText(): Buffer {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-deb-'));
  const lines = [
    'Package: amazon-ssm-agent',
    'Version: 1.2.3.4',
    'Architecture: all',
    'Maintainer: a@example.com',
  ];
  const files = {
    'DEBIAN/control': `${lines.join('\n')}\nDescription: stands for the SSM agent\n`,
    'opt/ssm-agent': '#!/bin/sh\nexec sleep infinity\n',
    'lib/systemd/system/amazon-ssm-agent.service':
      '[Service]\nExecStart=/opt/ssm-agent\n[Install]\nWantedBy=multi-user.target\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.join(folder, 'tree', path.dirname(name)), { recursive: true });
    writeFileSync(path.join(folder, 'tree', name), text, { mode: name.startsWith('opt') ? 0o755 : 0o644 });
  }
  sh(
    'chmod 755 "$1/tree"; dpkg-deb --build --root-owner-group "$1/tree" "$1/package.deb" >/dev/null',
    folder,
  );
  const bytes = readFileSync(path.join(folder, 'package.deb'));
  rmSync(folder, { recursive: true });
  return bytes;
}

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

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gatewayFiles, gatewayState, wireguardConfig } from '../../lib/gateway';
import { unsealText, openAsGateway, sealedPartOf, type GatewayKeys } from '../../lib/net/keys';
import { linePlan, parallelPlan, type PlannedFixture } from './plan-fixture';
import { skipped } from '../net/skipped';

/** Why WireGuard cannot be tried on this machine; undefined: it can. */
function gap(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  if (spawnSync('wg', ['--version']).status !== 0) return 'wireguard-tools are not installed';
  if (spawnSync('ip', ['netns', 'list']).status !== 0) return 'no network namespaces';
  return undefined;
}

const run = `wg${process.pid}`;
const cleanups: (() => void)[] = [];

function sh(command: string, input?: string): string {
  const done = spawnSync('sh', ['-c', command], { encoding: 'utf8', input });
  if (done.status !== 0) throw new Error(`${command}: ${done.stderr}`);
  return done.stdout;
}

function namespace(name: string): string {
  sh(`ip netns add ${name} && ip -n ${name} link set lo up`);
  cleanups.push(() => sh(`ip netns delete ${name}`));
  return name;
}

/** A WireGuard interface in the namespace: the kernel's where there is one, else wireguard-go's. */
async function wireguardInterface(ns: string, name: string): Promise<'kernel' | 'wireguard-go' | undefined> {
  if (spawnSync('ip', ['-n', ns, 'link', 'add', name, 'type', 'wireguard']).status === 0) return 'kernel';
  const daemon = spawn('ip', ['netns', 'exec', ns, 'wireguard-go', '-f', name], { stdio: 'ignore' });
  const ended = new Promise((resolve) => daemon.once('close', resolve).once('error', resolve));
  cleanups.push(() => daemon.kill());
  for (let i = 0; i < 50; i++) {
    if (spawnSync('wg', ['show', name]).status === 0) return 'wireguard-go';
    if (
      (await Promise.race([ended, new Promise((resolve) => setTimeout(() => resolve('later'), 100))])) !==
      'later'
    )
      break;
  }
  return undefined;
}

function keysOf({ keys }: PlannedFixture, id: string): GatewayKeys {
  const own = openAsGateway(sealedPartOf(keys.file, id), unsealText(keys, id));
  if (!own.ok) throw new Error(own.problem.message);
  return own.value;
}

describe('wg', () => {
  const why = gap();
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'wg-'))));
  afterEach(() => {
    for (const cleanup of cleanups.splice(0).reverse()) cleanup();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(name: string, text: string): string {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  }

  /** As the agent loads a tunnel: the configuration, then the keys, which wg setconf clears. */
  function load(ns: string, name: string, config: string, own: GatewayKeys, tunnelId: string): void {
    const peer = /PublicKey = (\S+)/.exec(config)![1];
    const wg = `ip netns exec ${ns} wg`;
    sh(`${wg} setconf ${name} ${file('conf', config)}`);
    const psk = own.presharedKeys.get(tunnelId)!;
    sh(
      `${wg} set ${name} private-key ${file('key', own.privateKey)} peer ${peer} preshared-key ${file('psk', psk)}`,
    );
  }

  test('accepts every generated configuration, and with the opened keys shows the planned public key', async () => {
    if (why) return skipped(why);
    const ns = namespace(`${run}c`);
    const kind = await wireguardInterface(ns, `${run}c`);
    if (!kind) return skipped('neither a WireGuard kernel module nor wireguard-go');
    process.stderr.write(`WireGuard by ${kind}\n`);
    let configs = 0;
    for (const fixture of [await linePlan(), await parallelPlan()]) {
      for (const { id, publicKey } of fixture.plan.gateways) {
        const files = gatewayFiles(fixture.plan, id, sealedPartOf(fixture.keys.file, id));
        for (const tunnel of gatewayState(fixture.plan, id).tunnels) {
          const config = files.get(`wireguard/${tunnel.interfaceName}.conf`)!;
          load(ns, `${run}c`, config, keysOf(fixture, id), tunnel.id);
          const [own, peer] = sh(`ip netns exec ${ns} wg show ${run}c dump`)
            .trim()
            .split('\n')
            .map((l) => l.split('\t'));
          expect(own.slice(1, 3)).toEqual([publicKey, String(tunnel.listenPort)]);
          expect(peer[0]).toBe(tunnel.peer.publicKey);
          expect(peer[1]).toBe(keysOf(fixture, id).presharedKeys.get(tunnel.id));
          expect(peer[3]).toBe('0.0.0.0/0,::/0');
          configs++;
        }
      }
    }
    expect(configs).toBe(2 * 6 + 2 * 6);
  });

  test('setconf clears the keys that were loaded, so they are loaded after it', async () => {
    if (why) return skipped(why);
    const ns = namespace(`${run}s`);
    if (!(await wireguardInterface(ns, `${run}s`))) return skipped('no WireGuard');
    const fixture = await linePlan();
    const config = wireguardConfig(fixture.plan, 'a/1', 'wg-b');
    load(ns, `${run}s`, config, keysOf(fixture, 'a/1'), 'tunnel-a-b');
    sh(`ip netns exec ${ns} wg setconf ${run}s ${file('conf', config)}`);
    expect(sh(`ip netns exec ${ns} wg show ${run}s private-key`).trim()).toBe('(none)');
    expect(sh(`ip netns exec ${ns} wg show ${run}s preshared-keys`)).toContain('(none)');
  });

  test('carries packets of both families between two gateways with the keys each opened itself', async () => {
    if (why) return skipped(why);
    const fixture = await linePlan();
    const ids = ['a/1', 'b/1'] as const;
    const outer = new Map([
      ['a/1', '192.0.2.1'],
      ['b/1', '192.0.2.2'],
    ]);
    const spaces = ids.map((_, i) => namespace(`${run}${i}`));
    sh(`ip -n ${spaces[0]} link add veth0 type veth peer name veth0 netns ${spaces[1]}`);
    for (const [i, id] of ids.entries()) {
      const [ns, name] = [spaces[i], `${run}${i}`];
      sh(`ip -n ${ns} addr add ${outer.get(id)}/24 dev veth0 && ip -n ${ns} link set veth0 up`);
      if (!(await wireguardInterface(ns, name))) return skipped('no WireGuard');
      const tunnel = gatewayState(fixture.plan, id).tunnels.find((t) => t.id === 'tunnel-a-b')!;
      const config = wireguardConfig(fixture.plan, id, tunnel.interfaceName, outer);
      load(ns, name, config, keysOf(fixture, id), tunnel.id);
      sh(
        `ip -n ${ns} addr add ${tunnel.ipv4}/31 dev ${name} && ip -n ${ns} addr add ${tunnel.ipv6}/127 dev ${name} nodad`,
      );
      sh(`ip -n ${ns} link set ${name} mtu ${tunnel.mtu} up`);
    }
    const { peer } = gatewayState(fixture.plan, 'a/1').tunnels[0];
    await answer(spaces[1]);
    for (const address of [peer.ipv4, peer.ipv6]) expect(reaches(spaces[0], address, 8)).toBe(true);
    // One end with another preshared key: the handshake must fail.
    const other = Buffer.alloc(32, 7).toString('base64');
    sh(
      `ip netns exec ${spaces[1]} wg set ${run}1 peer ${fixture.keys.file.gateways['a/1'].publicKey} remove`,
    );
    const config = wireguardConfig(fixture.plan, 'b/1', 'wg-a', outer);
    const wrong = { ...keysOf(fixture, 'b/1'), presharedKeys: new Map([['tunnel-a-b', other]]) };
    load(spaces[1], `${run}1`, config, wrong, 'tunnel-a-b');
    expect(reaches(spaces[0], peer.ipv4, 2)).toBe(false);
  });
});

const echo = `const s = require('dgram').createSocket('udp6');
s.on('message', (m, from) => s.send(m, from.port, from.address));
s.bind(7, () => process.stdout.write('ready'));`;
const ask = `const [address, seconds] = process.argv.slice(1);
const s = require('dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
s.on('message', () => process.exit(0));
setInterval(() => s.send('hello', 7, address), 200);
setTimeout(() => process.exit(1), seconds * 1000);`;

/** Answers UDP packets of both families in the namespace until the test ends. */
async function answer(ns: string): Promise<void> {
  const server = spawn('ip', ['netns', 'exec', ns, process.execPath, '-e', echo], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  cleanups.push(() => server.kill());
  await new Promise((resolve) => server.stdout.once('data', resolve));
}

/** Does a UDP packet to this address come back within the time? */
function reaches(ns: string, address: string, seconds: number): boolean {
  const args = ['netns', 'exec', ns, process.execPath, '-e', ask, address, String(seconds)];
  return spawnSync('ip', args).status === 0;
}

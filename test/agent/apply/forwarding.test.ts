import { spawnSync, type ChildProcess } from 'node:child_process';
import {
  apply,
  switchSelections,
  takeDown,
  type HostSettings,
  type SelectedPaths,
} from '../../../lib/agent/apply';
import type { GatewayState, PinnedPath } from '../../../lib/gateway';
import {
  buildGateways,
  inside,
  namespaceGap,
  startInside,
  type GatewayNetwork,
} from '../../support/gateway-namespaces';
import { plannedGateways } from '../../support/gateway-plan';
import { ready, startEcho, startStream } from '../../support/udp-stream';
import { skipped } from '../../net/skipped';
import { triangleNetwork } from '../../support/small-networks';

const why = namespaceGap() ?? (spawnSync('tcpdump', ['--version']).status === 0 ? undefined : 'no tcpdump');
const classes = ['critical', 'realtime', 'interactive', 'bulk', 'best-effort'] as const;
const tos = { critical: 40 << 2, 'best-effort': 0 } as const;

describe('forwarding between three gateways', () => {
  let net: GatewayNetwork;
  let a: GatewayState;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    if (why) return;
    net = buildGateways(await plannedGateways(triangleNetwork), `fw${process.pid}`);
    a = net.gateway('a/1').state;
    for (const id of ['a/1', 'b/1', 'c/1']) await set(id);
    for (const region of ['b', 'c']) children.push(await startEcho(net.workload(region).ns));
  }, 120000);
  afterEach(async () => {
    if (!why) for (const id of ['a/1', 'b/1', 'c/1']) await set(id);
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    if (!why) await net.close();
  });

  async function set(id: string, change: Partial<HostSettings> = {}): Promise<void> {
    const { host, wanted } = net.gateway(id);
    const report = await apply(host, wanted(change));
    expect(report.failures.map((f) => `${f.line}: ${f.message}`)).toEqual([]);
  }
  /** Everything from a to a region over one path. */
  const over = (to: string, path: PinnedPath): SelectedPaths[] =>
    classes.map((qos) => ({ to, class: qos, members: [{ path: path.id, weight: 1 }] }));
  const pathsTo = (to: string) => a.paths.filter((p) => p.farGateway === `${to}/1`);
  const twoHops = () => pathsTo('c').find((p) => p.hops === 2)!;

  /** Does it answer within 2 s? Twice: the first packet may wait for a handshake. */
  function reaches(from: string, address: string, words = ''): boolean {
    const ask = `ping -c 1 -W 2 ${words} ${address} || ping -c 1 -W 2 ${words} ${address}`;
    return spawnSync('ip', ['netns', 'exec', net.workload(from).ns, 'sh', '-c', ask]).status === 0;
  }
  /** Packets that left by each tunnel of a gateway during some work. */
  function leaving(id: string, work: () => void): Record<string, number> {
    const { ns, state } = net.gateway(id);
    const count = (name: string) => Number(inside(ns, `cat /sys/class/net/${name}/statistics/tx_packets`));
    const before = state.tunnels.map((t) => count(t.interfaceName));
    work();
    const gained = state.tunnels.map((t, i) => [t.id, count(t.interfaceName) - before[i]] as const);
    return Object.fromEntries(gained);
  }
  const ping = (address: string, words: string) =>
    inside(net.workload('a').ns, `ping -q -i 0.05 -W 2 ${words} ${address}`);
  /** What tcpdump prints of the packets that some work sends through an interface. */
  async function capture(ns: string, device: string, filter: string, work: () => void): Promise<string> {
    const words = ['-n', '-v', '-l', '--immediate-mode', '-i', device, filter];
    const dump = startInside(ns, ['tcpdump', ...words]);
    let text = '';
    dump.stdout!.on('data', (piece: Buffer) => (text += piece.toString()));
    await new Promise<void>((resolve) =>
      dump.stderr!.on('data', (piece: Buffer) => piece.toString().includes('listening') && resolve()),
    );
    const closed = new Promise((resolve) => dump.once('close', resolve));
    work();
    await new Promise((resolve) => setTimeout(resolve, 500));
    dump.kill('SIGINT');
    await closed;
    return text;
  }

  test('every pair of regions reaches each other in both families', () => {
    if (why) return skipped(why);
    for (const from of ['a', 'b', 'c']) {
      for (const to of ['a', 'b', 'c'].filter((region) => region !== from)) {
        const { ipv4, ipv6 } = net.workload(to);
        for (const address of [ipv4, ipv6])
          expect([from, to, reaches(from, address)]).toEqual([from, to, true]);
      }
    }
  });

  test('a path of two hops is pinned by its segments, which the transit gateway follows', async () => {
    if (why) return skipped(why);
    const path = twoHops();
    await set('a/1', { selections: over('c', path) });
    const { ipv4, ipv6 } = net.workload('c');
    const { ns } = net.gateway('a/1');
    for (const [address, segments] of [
      [ipv4, path.segmentsIpv4],
      [ipv6, path.segmentsIpv6],
    ] as const) {
      expect(segments).toHaveLength(2);
      const text = await capture(ns, path.interfaceName, 'ip6', () => ping(address, '-c 3'));
      // Reduced: the first segment is the destination alone, the header lists the last.
      expect(text).toContain(`> ${segments[0]}: RT6 (len=2, type=4, segleft=1`);
      expect(text).toContain(segments[1]);
      const moved = leaving('b/1', () => ping(address, '-c 10'));
      expect(moved['tunnel-b-c']).toBeGreaterThanOrEqual(10);
    }
  }, 60000);

  test('each of two parallel links carries what is pinned to it, also as the first of two hops', async () => {
    if (why) return skipped(why);
    const firsts = [...pathsTo('b'), ...pathsTo('c')].filter((p) => p.links[0].startsWith('link-a-b'));
    expect(new Set(firsts.map((p) => p.tunnel)).size).toBe(2);
    expect(firsts.filter((p) => p.hops === 2).length).toBeGreaterThanOrEqual(2);
    for (const path of firsts) {
      const to = path.farGateway.split('/')[0];
      await set('a/1', { selections: over(to, path) });
      for (const address of [net.workload(to).ipv4, net.workload(to).ipv6]) {
        const moved = leaving('a/1', () => ping(address, '-c 20'));
        const most = Object.entries(moved).filter(([, packets]) => packets >= 20);
        expect([path.id, most.map(([tunnel]) => tunnel)]).toEqual([path.id, [path.tunnel]]);
      }
    }
  }, 120000);

  test('classes take different paths by their code points, and the outer packet carries the code point', async () => {
    if (why) return skipped(why);
    const direct = pathsTo('c').find((p) => p.hops === 1)!;
    const long = twoHops();
    const members = (path: PinnedPath) => [{ path: path.id, weight: 1 }];
    await set('a/1', {
      selections: [
        { to: 'c', class: 'critical', members: members(long) },
        { to: 'c', class: 'best-effort', members: members(direct) },
      ],
    });
    for (const address of [net.workload('c').ipv4, net.workload('c').ipv6]) {
      for (const [qos, path] of [
        ['critical', long],
        ['best-effort', direct],
      ] as const) {
        const moved = leaving('a/1', () => ping(address, `-c 20 -Q ${tos[qos]}`));
        expect([qos, moved[path.tunnel] >= 20]).toEqual([qos, true]);
        const other = path === long ? direct : long;
        expect([qos, moved[other.tunnel] < 10]).toEqual([qos, true]);
      }
      // What the gateway itself sends is routed again once it is marked. (End.DX6 gives it no answer.)
      const { ns } = net.gateway('a/1');
      const own = inside(
        ns,
        `ip -o addr show dev lan scope global | grep -F '${address.includes(':') ? 'inet6' : 'inet '}'`,
      );
      const [source] = own.trim().split(/\s+/)[3].split('/');
      const moved = leaving('a/1', () => {
        inside(ns, `ping -q -i 0.05 -W 1 -c 20 -I ${source} -Q ${tos.critical} ${address} || true`);
      });
      expect(moved[long.tunnel]).toBeGreaterThanOrEqual(20);
      const text = await capture(ns, long.interfaceName, 'ip6', () =>
        ping(address, `-c 3 -Q ${tos.critical}`),
      );
      expect(text).toMatch(new RegExp(`class 0xa0.* > ${long.segmentsIpv6[0]}: RT6`));
    }
  }, 60000);

  test('packets too long for the path are answered with its MTU, or fragmented where they may be', async () => {
    if (why) return skipped(why);
    const long = twoHops();
    await set('a/1', { selections: over('c', long) });
    const { ns } = net.workload('a');
    const { ipv4, ipv6 } = net.workload('c');
    const ask = (words: string) =>
      spawnSync('ip', ['netns', 'exec', ns, 'sh', '-c', `ping -c 3 -i 0.2 -W 2 ${words} 2>&1`], {
        encoding: 'utf8',
      });
    expect(long.mtu).toBe(1356);
    expect(ask(`-M do -s ${long.mtu - 28} ${ipv4}`).status).toBe(0);
    expect(ask(`-M do -s ${long.mtu - 48} ${ipv6}`).status).toBe(0);
    expect(ask(`-M do -s 1400 ${ipv4}`).stdout).toContain('mtu=1356');
    expect(ask(`-M do -s 1400 ${ipv6}`).stdout).toContain('mtu: 1356');
    inside(ns, 'ip route flush cache; ip -6 route flush cache');
    expect(ask(`-M dont -s 3000 ${ipv4}`).status).toBe(0);
  }, 60000);

  test('TCP is told the largest segment of the path, both ways', async () => {
    if (why) return skipped(why);
    await set('a/1', { selections: over('c', twoHops()) });
    const { ns, ipv4, ipv6 } = net.workload('c');
    const listen = (family: 4 | 6) =>
      `require('net').createServer((s) => s.end('hello')).listen(${7100 + family}, '${family === 4 ? '0.0.0.0' : '::'}', () => process.stdout.write('ready'))`;
    const connect = (port: number, address: string) =>
      `require('net').connect(${port}, '${address}').on('data', () => process.exit(0)).on('error', () => process.exit(1))`;
    for (const [family, address, size] of [
      [4, ipv4, 1316],
      [6, ipv6, 1296],
    ] as const) {
      const server = startInside(ns, [process.execPath, '-e', listen(family)]);
      children.push(server);
      await ready(server);
      for (const from of [net.workload('a').ns, ns]) {
        const text = await capture(from, 'eth0', 'tcp or ip6 proto 6', () => {
          const words = ['netns', 'exec', net.workload('a').ns, process.execPath, '-e'];
          expect(spawnSync('ip', [...words, connect(7100 + family, address)]).status).toBe(0);
        });
        // The one that this side hears: from the other side, through the gateways.
        expect(text).toContain(`mss ${size}`);
      }
    }
  }, 60000);

  test('nobody behind a gateway may address segments', async () => {
    if (why) return skipped(why);
    const { ns } = net.workload('a');
    const [segment] = twoHops().segmentsIpv6;
    const { ipv6 } = net.workload('c');
    const own = net.gateway('a/1').state.segmentDx6;
    for (const hostile of [own, segment]) {
      const count = leaving('a/1', () => {
        inside(ns, `ip -6 route add ${ipv6}/128 encap seg6 mode encap.red segs ${hostile} dev eth0`);
        try {
          spawnSync('ip', ['netns', 'exec', ns, 'ping', '-q', '-c', '20', '-i', '0.05', '-W', '1', ipv6]);
        } finally {
          inside(ns, `ip -6 route del ${ipv6}/128`);
        }
      });
      expect(Object.values(count).every((packets) => packets < 15)).toBe(true);
    }
  }, 60000);

  test('without a path the destination is unreachable at once, unless a routing daemon has a route', async () => {
    if (why) return skipped(why);
    const { host, ns, wanted, state } = net.gateway('a/1');
    const { ipv4, ipv6 } = net.workload('b');
    const none = classes.map((qos): SelectedPaths => ({ to: 'b', class: qos, members: [] }));
    const before = wanted();
    await set('a/1');
    const { wanted: gone } = await switchSelections(host, before, none);
    for (const address of [ipv4, ipv6]) {
      const { stdout } = spawnSync(
        'ip',
        ['netns', 'exec', net.workload('a').ns, 'ping', '-c', '1', '-W', '3', address],
        { encoding: 'utf8' },
      );
      expect(stdout).toMatch(
        /Destination Host Unreachable|Destination unreachable: (No route|Address unreachable)/,
      );
    }
    const route = state.routes.find((r) => r.to === 'b')!;
    const tunnel = state.tunnels.find((t) => t.peer.region === 'b')!;
    const daemon = [
      `${route.ipv4Prefixes[0]} via ${tunnel.peer.ipv4} dev ${tunnel.interfaceName} proto ospf metric 20`,
      `${route.ipv6Prefixes[0]} via ${tunnel.peer.ipv6} dev ${tunnel.interfaceName} proto ospf metric 20`,
    ];
    for (const words of daemon) inside(ns, `ip route add ${words}`);
    for (const address of [ipv4, ipv6]) expect(reaches('a', address)).toBe(true);
    expect(await apply(host, gone)).toMatchObject({ commands: 0 });
    for (const words of daemon) inside(ns, `ip route del ${words}`);
  }, 60000);

  test.each(['ipv4', 'ipv6'] as const)(
    'a stream of 1 ms (%s) loses nothing while the same state, switches, a window, and weights are applied',
    async (family) => {
      if (why) return skipped(why);
      const { host, wanted } = net.gateway('a/1');
      const paths = pathsTo('b');
      await set('a/1', { selections: over('b', paths[0]) });
      const far = net.workload('b');
      const stream = startStream(net.workload('a').ns, far.ns, far[family], 1);
      await new Promise((resolve) => setTimeout(resolve, 500));
      let now = wanted({ selections: over('b', paths[0]) });
      for (let round = 0; round < 2 * paths.length; round++) {
        const path = paths[(round + 1) % paths.length];
        const { wanted: next, failures } = await switchSelections(host, now, over('b', path));
        expect(failures).toEqual([]);
        now = next;
        expect(await apply(host, now)).toMatchObject({ commands: 0 });
      }
      await set('a/1', { selections: over('b', paths[0]), openReservations: ['held'] });
      const both = paths.slice(0, 2).map((path, i) => ({ path: path.id, weight: i + 1 }));
      await set('a/1', { selections: classes.map((qos) => ({ to: 'b', class: qos, members: both })) });
      const { sent, received, overflowed } = await stream.stop();
      const lost = sent - received;
      process.stderr.write(`stream of 1 ms: ${sent} sent, ${lost} lost, ${overflowed} in full buffers\n`);
      expect(sent).toBeGreaterThan(1000);
      expect(lost).toBe(overflowed);
    },
    120000,
  );

  test('taken down and set up again it works as before', async () => {
    if (why) return skipped(why);
    expect(await takeDown(net.gateway('b/1').host)).toMatchObject({ failures: [] });
    expect(reaches('a', net.workload('b').ipv4)).toBe(false);
    await set('b/1');
    expect(reaches('a', net.workload('b').ipv4)).toBe(true);
  }, 60000);
});

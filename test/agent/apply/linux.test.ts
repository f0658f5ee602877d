import { getPriority, setPriority } from 'node:os';
import {
  apply,
  takeDown,
  type CommandFailure,
  type Host,
  type HostCommand,
  type HostSettings,
} from '../../../lib/agent/apply';
import { wantedHost, type WantedHost } from '../../../lib/agent/apply/wanted/wanted-host';
import { emptySpace, inside, namespaceGap, sh, type HostSpace } from '../../support/gateway-namespaces';
import { plannedGateways, type PlannedGateways } from '../../support/gateway-plan';
import { skipped } from '../../net/skipped';
import { triangleNetwork } from '../../support/small-networks';

const why = namespaceGap();

/** What ip, nft, tc and the settings show, without counters and what changes by itself. */
function snapshot(ns: string): string {
  const parts = [
    'ip -o link | cut -d: -f2-',
    'ip -o addr | grep -v "scope link" | cut -d" " -f2-',
    'ip -4 route show table all',
    'ip -6 route show table all | grep -v "fe80\\|^multicast\\|^anycast"',
    'ip rule; ip -6 rule; ip nexthop',
    'tc qdisc show',
    'nft list ruleset',
    'cd /proc/sys/net && grep -H "" ipv4/ip_forward ipv6/conf/all/forwarding ipv6/conf/all/seg6_enabled',
    'cd /proc/sys/net && grep -H "" ipv4/conf/all/rp_filter ipv4/nexthop_compat_mode ipv[46]/fib_multipath_hash_policy',
  ];
  // nft lists a set of one range without its braces when it is read back; the kernel says where a nexthop
  // leads with the route or only with the nexthop, as nexthop_compat_mode has it.
  const plain = (text: string) =>
    text
      .replace(/ pref medium| direct_packets_stat \d+/g, '')
      .replace(/\{ ([^,{}]*) \}/g, '$1')
      .replace(/( nhid \d+) via \S+ dev \S+/g, '$1');
  return parts.map((part) => plain(inside(ns, part))).join('\n---\n');
}

/** A host that stops at a command, as if the kernel refused it; everything before has run. */
function failingAt(host: Host, n: number): Host & { readonly steps: () => number } {
  let steps = 0;
  return {
    ...host,
    steps: () => steps,
    async run(commands: readonly HostCommand[]): Promise<readonly CommandFailure[]> {
      const left = n - steps;
      steps += commands.length;
      if (left > commands.length || left <= 0) return host.run(commands);
      const failures = await host.run(commands.slice(0, left - 1));
      if (failures.length > 0) return failures;
      return [{ command: commands[left - 1], line: 'made to fail', message: 'made to fail' }];
    },
  };
}

describe('applying on Linux', () => {
  let planned: PlannedGateways;
  let space: HostSpace;
  let count = 0;
  const wanted = (change: Partial<HostSettings> = {}): WantedHost =>
    wantedHost(planned.state('a/1'), {
      endpoints: new Map([['b/1', '192.0.2.2']]),
      keys: planned.keys('a/1'),
      selections: [],
      openReservations: [],
      ...change,
    });
  const done = async (host: Host, to: WantedHost) => {
    const report = await apply(host, to);
    expect(report.failures.map((f) => `${f.line}: ${f.message}`)).toEqual([]);
    return report.commands;
  };
  beforeAll(async () => (planned = await plannedGateways(triangleNetwork)));
  beforeEach(() => {
    if (!why) space = emptySpace(`la${process.pid}-${count++}`);
  });
  afterEach(async () => {
    if (!why) await space.close();
  });

  test('run again, and by another agent after a restart, runs nothing', async () => {
    if (why) return skipped(why);
    const { tunnels, missing } = await space.host.capabilities();
    process.stderr.write(`WireGuard by ${tunnels.wireguard}\n`);
    expect(missing).toEqual([]);
    const open = wanted({ openReservations: ['held'] });
    expect(await done(space.host, open)).toBeGreaterThan(100);
    expect(await done(space.host, open)).toBe(0);
    expect(await done(space.again(), open)).toBe(0);
    // One process at a time sees the same.
    expect(await space.host.observe({ pace: 'unhurried' })).toEqual(await space.host.observe());
    // Keys that are not at hand are not missed, and those that are there stay.
    expect(await done(space.host, wanted({ openReservations: ['held'], keys: null }))).toBe(0);
  });

  test('takes down to what was there before, and never touches what others made', async () => {
    if (why) return skipped(why);
    const { ns, host } = space;
    const [prefix] = planned.state('a/1').routes.find((r) => r.to === 'c')!.ipv4Prefixes;
    const foreign = [
      'ip link add eth0 type veth peer name eth1; ip link set eth0 up; ip link set eth1 up',
      'ip addr add 192.0.2.1/24 dev eth0; ip link add wg-home type bridge',
      `ip route add ${prefix} via 192.0.2.9 metric 20 proto static; ip route add default via 192.0.2.9`,
      'ip nexthop add id 5 via 192.0.2.9 dev eth0; ip route add 198.51.100.0/24 nhid 5 table 18000',
      'ip rule add fwmark 0x5 lookup 18000 priority 18000; ip -6 rule add fwmark 0x5 lookup 99',
      'tc qdisc add dev eth0 root handle 1: htb default 1',
      'nft add table inet filter; nft add chain inet filter input',
      'echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter',
    ];
    for (const command of foreign) inside(ns, command);
    const before = snapshot(ns);
    await done(host, wanted({ openReservations: ['held'] }));
    const lines = new Set(snapshot(ns).split('\n'));
    const settings = /forwarding|ip_forward|seg6_enabled|rp_filter|hash_policy|compat_mode/;
    for (const line of before.split('\n').filter((l) => !settings.test(l))) expect(lines).toContain(line);
    expect(await takeDown(host)).toMatchObject({ failures: [] });
    expect(snapshot(ns)).toBe(before);
    expect(await takeDown(host)).toMatchObject({ commands: 0, failures: [] });
    expect(sh(`ip netns pids ${ns} | xargs -r -n1 ps -o comm= -p || true`)).not.toContain('wireguard-go');
  });

  test('takes away what an agent made that had other numbers', async () => {
    if (why) return skipped(why);
    const { ns, host } = space;
    await done(host, wanted());
    const before = snapshot(ns);
    inside(ns, 'ip rule add fwmark 0x2/0x1012 lookup 17702 priority 17712 protocol 177');
    inside(ns, 'ip -6 rule add fwmark 0x2/0x1012 lookup 17702 priority 17712 protocol 177');
    inside(ns, 'ip route add unreachable 10.9.0.0/16 table 17702 metric 177 proto 177');
    inside(ns, 'ip -6 route add fd12::/64 dev dwcp0 table 17706 metric 177 proto 177');
    expect(snapshot(ns)).not.toBe(before);
    expect(await done(space.again(), wanted())).toBe(4);
    expect(snapshot(ns)).toBe(before);
  });

  test.each([
    [-7, 0],
    [3, 3],
  ])('a tunnel of an agent of niceness %i has %i', async (own, theirs) => {
    if (why) return skipped(why);
    const { ns, host } = space;
    if ((await host.capabilities()).tunnels.wireguard === 'kernel')
      return skipped('the kernel has WireGuard');
    const before = getPriority();
    setPriority(own);
    try {
      await done(host, wanted());
    } finally {
      setPriority(before);
    }
    const shown = sh(`ip netns pids ${ns} | xargs ps -o ni=,comm= -p | grep wireguard-go | sort | uniq`);
    expect(shown.trim().split(/\s+/)).toEqual([String(theirs), 'wireguard-go']);
  });

  test('says whose name is taken, and goes back to nothing', async () => {
    if (why) return skipped(why);
    const { ns, host } = space;
    const name = planned.state('a/1').tunnels[1].interfaceName;
    inside(ns, `ip link add ${name} type bridge`);
    const before = snapshot(ns);
    const report = await apply(host, wanted());
    expect(report.failures.map((f) => `${f.line}: ${f.message}`)).toEqual([
      `add tunnel ${name}: an interface ${name} that is not ours is there`,
    ]);
    expect(report.rolledBack).toBe(true);
    expect(snapshot(ns)).toBe(before);
  });

  test('stopped by a command in the middle it goes back, and converges at the next', async () => {
    if (why) return skipped(why);
    const { ns, host } = space;
    await done(host, wanted());
    const state = planned.state('a/1');
    // Another plan for the same gateway: other bandwidth and MTU, fewer routes, no parallel tunnel.
    const changed: WantedHost = wantedHost(
      {
        ...state,
        tunnels: state.tunnels.map((t) => ({ ...t, bandwidthMbps: 20, mtu: 1380 })),
        routes: state.routes.filter((r) => r.to === 'c'),
        paths: state.paths.map((p) => ({ ...p, mtu: p.mtu - 40 })),
      },
      { ...wanted().settings, openReservations: ['held'] },
    );
    const before = snapshot(ns);
    const probe = failingAt(host, Infinity);
    expect((await apply(probe, changed)).failures).toEqual([]);
    await done(host, wanted());
    expect(snapshot(ns)).toBe(before);
    for (let n = 1; n <= probe.steps(); n += Math.ceil(probe.steps() / 8)) {
      const report = await apply(failingAt(host, n), changed);
      expect(report.failures.map((f) => f.message)).toEqual(['made to fail']);
      expect(report).toMatchObject({ rolledBack: true });
      expect(snapshot(ns)).toBe(before);
      expect(await done(host, wanted())).toBe(0);
    }
    expect(await done(host, changed)).toBe(probe.steps());
    expect(await done(host, changed)).toBe(0);
  }, 240000);

  test('puts back what others removed', async () => {
    if (why) return skipped(why);
    const { ns, host } = space;
    await done(host, wanted());
    const before = snapshot(ns);
    const [prefix] = planned.state('a/1').routes[0].ipv4Prefixes;
    const [first, second] = planned.state('a/1').tunnels.map((t) => t.interfaceName);
    const losses = [
      'ip nexthop flush',
      `ip route del ${prefix} table 18000; ip route del unreachable ${prefix}`,
      'nft delete table inet dwcp',
      'nft flush chain inet dwcp enter',
      'nft insert rule inet dwcp prerouting drop',
      `tc qdisc del dev ${first} root`,
      `ip link del ${second}`,
      `ip link set ${first} down`,
      `ip addr flush dev ${first}`,
      'ip link del dwcp0',
      'ip rule flush; ip rule add lookup main priority 32766; ip rule add lookup default priority 32767',
      'echo 0 >/proc/sys/net/ipv4/ip_forward',
    ];
    for (const loss of losses) {
      inside(ns, loss);
      expect([loss, snapshot(ns) === before]).toEqual([loss, false]);
      await done(host, wanted());
      expect([loss, await done(host, wanted())]).toEqual([loss, 0]);
      const sorted = (text: string) => text.split('\n').sort().join('\n');
      expect(sorted(snapshot(ns))).toBe(sorted(before));
    }
  }, 240000);

  test('changes a running tunnel in place, and says no key where processes can be listed', async () => {
    if (why) return skipped(why);
    const { ns, host } = space;
    await done(host, wanted());
    const keys = planned.keys('a/1');
    const [tunnel] = planned.state('a/1').tunnels;
    const index = () => /^\d+/.exec(inside(ns, `ip -o link show ${tunnel.interfaceName}`))![0];
    const was = index();
    const presharedKeys = new Map(keys.presharedKeys).set(tunnel.id, Buffer.alloc(32, 9).toString('base64'));
    const state = planned.state('a/1');
    const changed = wantedHost(
      {
        ...state,
        tunnels: state.tunnels.map((t) => ({ ...t, keepaliveSeconds: 7, listenPort: t.listenPort + 100 })),
      },
      { ...wanted().settings, keys: { ...keys, presharedKeys }, endpoints: new Map([['b/1', '192.0.2.77']]) },
    );
    await done(host, changed);
    expect(await done(host, changed)).toBe(0);
    expect(index()).toBe(was);
    await done(host, wanted());
    await takeDown(host);
    const secrets = [keys.privateKey, ...keys.presharedKeys.values(), ...presharedKeys.values()];
    const commands = space.commands();
    expect(commands).toMatch(/wg addconf /);
    for (const secret of secrets) expect(commands).not.toContain(secret);
  });

  test('goes on with its helper processes after one of them was killed', async () => {
    if (why) return skipped(why);
    const { ns, host } = space;
    await done(host, wanted());
    for (const id of sh(`ip netns pids ${ns}`).trim().split('\n')) {
      const words = sh(`tr '\\0' ' ' </proc/${id}/cmdline`);
      if (words.startsWith('ip -force')) process.kill(Number(id), 'SIGKILL');
    }
    const [prefix] = planned.state('a/1').routes[0].ipv4Prefixes;
    inside(ns, `ip route del ${prefix} table 18000`);
    const report = await apply(host, wanted());
    if (report.failures.length > 0) expect(report.failures[0].message).toMatch(/ended/);
    await done(host, wanted());
    expect(await done(host, wanted())).toBe(0);
  });
});

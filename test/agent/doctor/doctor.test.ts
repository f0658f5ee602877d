import { spawn, spawnSync } from 'node:child_process';
import { runProcess, type ProcessResult } from '../../../lib/agent/apply/linux/run-process';
import {
  doctorText,
  examine,
  judge,
  worst,
  type Check,
  type GatewayFacts,
  type HostFacts,
} from '../../../lib/agent/doctor';
import { lookAtHost } from '../../../lib/agent/doctor/host-facts';
import { gatewayState, type GatewayState } from '../../../lib/gateway';
import { linePlan } from '../../gateway/plan-fixture';
import { skipped } from '../../net/skipped';
import { inside, namespaceGap } from '../../support/gateway-namespaces';

const why = namespaceGap();
const ns = `doc${process.pid}`;
let gateway: GatewayState;
let facts: HostFacts;

const of = (change: Partial<GatewayFacts> = {}): GatewayFacts => ({
  gateway,
  running: 'self',
  trouble: '',
  fetched: null,
  fetchAgeMs: null,
  nowUtcMs: 0,
  ssmFault: null,
  journal: null,
  ...change,
});
const named = (checks: readonly Check[], name: string) => checks.find((check) => check.name === name)!;
const looking = { run: runProcess, folders: ['/tmp'], etc: '/nonexistent' };

beforeAll(async () => {
  gateway = gatewayState((await linePlan()).plan, 'b/1');
  const sysctls = ['net/ipv4/ip_forward', 'net/ipv6/conf/all/disable_ipv6'];
  const answers = (): Promise<ProcessResult> => Promise.resolve({ code: 0, stdout: '', stderr: '' });
  // Read from nothing: a host on which there is nothing.
  facts = await lookAtHost({ ...looking, run: answers, trial: false, prefix: ['true'], sysctls });
  if (why) return;
  spawnSync('ip', ['netns', 'add', ns]);
  const tunnels = gateway.tunnels.flatMap(({ interfaceName: name }, i) => [
    `ip link add ${name} type veth peer name p${i}`,
    `ip link set ${name} alias 'dwcp tunnel'`,
  ]);
  const settings = ['ipv4/ip_forward', 'ipv6/conf/all/forwarding', 'ipv6/conf/all/seg6_enabled'].concat(
    'ipv4/fib_multipath_hash_policy',
    'ipv6/fib_multipath_hash_policy',
  );
  const lines = [
    'ip link set lo up',
    ...tunnels,
    'ip link add eth0 type veth peer name far0',
    'ip address add 192.0.2.1/24 dev eth0',
    'ip link set eth0 up',
    'ip route add default via 192.0.2.2',
    ...settings.map((name) => `echo 1 >/proc/sys/net/${name}`),
    'echo 0 >/proc/sys/net/ipv4/nexthop_compat_mode',
    'echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter',
    'ip rule add priority 18000 fwmark 0x10/0x1012 lookup 18000 protocol 177',
  ];
  inside(ns, lines.join(' && '));
});
afterAll(() => {
  if (!why) spawnSync('ip', ['netns', 'delete', ns]);
});

/** What others do, in lines of sh, and how it is taken back. */
interface Clash {
  readonly what: string;
  readonly make: string;
  readonly undo: string;
  readonly check: string;
  readonly state: Check['state'];
  readonly says: RegExp;
}

const table = (hook: string, policy: string, ...rules: string[]) =>
  `nft 'add table inet other { chain c { type filter hook ${hook} priority 0; policy ${policy}; ${rules.map((rule) => `${rule};`).join(' ')} }; }'`;
const noTable = 'nft delete table inet other';

const clashes: readonly Clash[] = [
  {
    what: 'a route in our table',
    make: 'ip route add 203.0.113.0/24 dev lo table 18016',
    undo: 'ip route flush table 18016',
    check: 'tables',
    state: 'fail',
    says: /203\.0\.113\.0\/24 in 18016/,
  },
  {
    what: 'a rule at our priority',
    make: 'ip rule add priority 18000 from 198.51.100.0/24 lookup 100',
    undo: 'ip rule delete priority 18000 from 198.51.100.0/24',
    check: 'priorities',
    state: 'fail',
    says: /18000 lookup 100/,
  },
  {
    what: 'an earlier VPN that takes everything',
    make: 'ip route add default dev lo table 100; ip rule add priority 100 lookup 100',
    undo: 'ip rule delete priority 100; ip route flush table 100',
    check: 'earlier-rules',
    state: 'fail',
    says: /100 lookup 100 has default/,
  },
  {
    what: 'the same without its default route',
    make: 'ip route add default dev lo table 100; ip rule add priority 100 lookup 100 suppress_prefixlength 0',
    undo: 'ip rule delete priority 100; ip route flush table 100',
    check: 'earlier-rules',
    state: 'ok',
    says: /no rule before ours/,
  },
  {
    what: 'a rule for some marks, as Tailscale has it',
    make: 'ip route add default dev lo table 52; ip rule add priority 5210 fwmark 0x80000/0xff0000 lookup 52',
    undo: 'ip rule delete priority 5210; ip route flush table 52',
    check: 'earlier-rules',
    state: 'warn',
    says: /5210 fwmark 0x80000 lookup 52 has default/,
  },
  {
    what: 'a nexthop with an id of ours',
    make: 'ip nexthop add id 268435461 blackhole proto 3',
    undo: 'ip nexthop delete id 268435461',
    check: 'nexthops',
    state: 'warn',
    says: /268435461/,
  },
  {
    what: 'a rule that sets the whole mark',
    make: table('prerouting', 'accept', 'meta mark set 0x000000ff'),
    undo: noTable,
    check: 'marks',
    state: 'warn',
    says: /meta mark set 0x000000ff/,
  },
  {
    what: 'a rule that keeps our bits',
    make: table('prerouting', 'accept', 'meta mark set meta mark & 0xbfffffff | 0x40000000'),
    undo: noTable,
    check: 'marks',
    state: 'ok',
    says: /nobody else/,
  },
  {
    what: 'a rule that turns a bit of others, as kube-proxy has it',
    make: table('postrouting', 'accept', 'meta mark set meta mark ^ 0x40000000'),
    undo: noTable,
    check: 'marks',
    state: 'ok',
    says: /nobody else/,
  },
  {
    what: 'an interface with the name of a tunnel',
    make: "ip link set wg-a alias 'of somebody else'",
    undo: "ip link set wg-a alias 'dwcp tunnel'",
    check: 'interfaces',
    state: 'fail',
    says: /wg-a/,
  },
  {
    what: 'an interface of a tunnel that is gone',
    make: 'ip link delete wg-a',
    undo: "ip link add wg-a type veth peer name p0; ip link set wg-a alias 'dwcp tunnel'",
    check: 'interfaces',
    state: 'warn',
    says: /not there: wg-a/,
  },
  {
    what: 'a forward policy of drop',
    make: table('forward', 'drop'),
    undo: noTable,
    check: 'forwarding',
    state: 'fail',
    says: /inet other c/,
  },
  {
    what: 'one that lets our tunnels pass',
    make: table('forward', 'drop', 'iifname "wg-*" accept', 'oifname "wg-*" accept'),
    undo: noTable,
    check: 'forwarding',
    state: 'ok',
    says: /no chain of others/,
  },
  {
    what: 'a chain that rejects what is left, as firewalld has it',
    make: table('forward', 'accept', 'tcp dport 22 accept', 'reject'),
    undo: noTable,
    check: 'forwarding',
    state: 'fail',
    says: /inet other c/,
  },
  {
    what: 'invalid connections dropped',
    make: table('forward', 'accept', 'ct state invalid drop'),
    undo: noTable,
    check: 'connections',
    state: 'warn',
    says: /inet other c drops/,
  },
  {
    what: 'invalid connections dropped, where ours are not tracked',
    make: `${table('forward', 'accept', 'ct state invalid drop')}
nft -f - <<'END'
table inet dwcp {
  chain forward {
    type filter hook forward priority -150;
    iifname "wg-a" notrack
  }
}
END`,
    undo: `${noTable}; nft delete table inet dwcp`,
    check: 'connections',
    state: 'ok',
    says: /not dropped/,
  },
  {
    what: 'packets dropped whose way back is another',
    make: table('prerouting', 'accept', 'meta nfproto ipv6 fib saddr . mark . iif oif missing drop'),
    undo: noTable,
    check: 'way-back',
    state: 'warn',
    says: /inet other c drops packets whose way back/,
  },
  {
    what: 'one direction dropped, behind chains that are jumped to',
    make: `nft -f - <<'END'
table inet other {
  chain zones { iifname "wg-*" goto trusted; iifname "eth0" goto public; }
  chain trusted { counter accept; }
  chain public { tcp dport 22 accept; }
  chain c {
    type filter hook forward priority 10;
    ct state { established, related } accept
    jump zones
    reject with icmpx admin-prohibited
  }
}
END`,
    undo: noTable,
    check: 'forwarding',
    state: 'fail',
    says: /^packets from the region to wg-a(, .*)? are dropped by inet other c$/,
  },
  {
    what: 'an input policy of drop without the ports of tunnels',
    make: table('input', 'drop', 'tcp dport 22 accept'),
    undo: noTable,
    check: 'input',
    state: 'warn',
    says: /inet other c/,
  },
  {
    what: 'one that opens them',
    make: table('input', 'drop', 'udp dport { 862, 51820-51999 } accept'),
    undo: noTable,
    check: 'input',
    state: 'ok',
    says: /no chain of others/,
  },
  {
    what: 'a setting undone',
    make: 'echo 0 >/proc/sys/net/ipv4/ip_forward',
    undo: 'echo 1 >/proc/sys/net/ipv4/ip_forward',
    check: 'sysctls',
    state: 'fail',
    says: /net\/ipv4\/ip_forward is 0, not 1/,
  },
  {
    what: 'IPv6 switched off',
    make: 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6',
    undo: 'echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6',
    check: 'ipv6',
    state: 'fail',
    says: /off for all/,
  },
  {
    what: 'an underlay that is too small',
    make: 'ip link set eth0 mtu 1400',
    undo: 'ip link set eth0 mtu 1500',
    check: 'underlay',
    state: 'fail',
    says: /eth0 carries 1400 bytes, tunnels need 1480/,
  },
];

describe('doctor on a host', () => {
  const look = () => examine(of(), { ...looking, prefix: ['ip', 'netns', 'exec', ns] });
  /** Beyond what a namespace of this machine may lack. */
  const ofNetwork = (checks: readonly Check[]) =>
    checks.filter(({ name }) => !['kernel', 'clock', 'disk', 'networkd'].includes(name));

  test('has nothing to say of one that is as it should be', async () => {
    if (why) return skipped(why);
    expect(ofNetwork(await look()).filter(({ state }) => state !== 'ok')).toEqual([]);
  });

  test.each(clashes.map((clash) => [clash.what, clash] as const))('finds %s', async (_, clash) => {
    if (why) return skipped(why);
    inside(ns, clash.make);
    const checks = ofNetwork(await look());
    inside(ns, clash.undo);
    const found = named(checks, clash.check);
    expect(found).toMatchObject({ state: clash.state, says: expect.stringMatching(clash.says) as string });
    expect(found.next === '').toBe(clash.state === 'ok');
    // Nothing else is wrong for it.
    expect(checks.filter(({ name, state }) => name !== clash.check && state !== 'ok')).toEqual([]);
  });

  test('finds a program that has the port of a tunnel, and names it', async () => {
    if (why) return skipped(why);
    const { listenPort } = gateway.tunnels[0];
    const code = `import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("", ${listenPort})); print("bound", flush=True); input()`;
    const child = spawn('ip', ['netns', 'exec', ns, 'python3', '-c', code]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const found = named(await look(), 'ports');
    child.kill();
    expect(found).toMatchObject({
      state: 'fail',
      says: expect.stringMatching(`UDP ${listenPort} by python3`) as string,
    });
  });
});

describe('doctor judges', () => {
  const judged = (host: Partial<HostFacts>, change: Partial<GatewayFacts> = {}) =>
    judge({ ...facts, ...host }, of(change));

  test('a networkd by what it is told, and by what it manages', () => {
    const running = { units: ['systemd-networkd'], systemd: 257 };
    const links = [{ ifname: 'wg-a', mtu: 1420, ifalias: 'dwcp tunnel' }];
    const settings = (...names: string[]) => new Map(names.map((name) => [`ManageForeign${name}`, 'no']));
    const states = (change: Partial<HostFacts>) => {
      const { state, says } = named(judged({ ...running, links, ...change }), 'networkd');
      return `${state}: ${says}`;
    };
    expect(states({})).toMatch(/^warn: .* ManageForeignRoutes, .* is not 'no'/);
    const two = settings('Routes', 'RoutingPolicyRules');
    expect(states({ networkdSettings: two })).toMatch(/^warn: .* ManageForeignNextHops is not 'no'/);
    expect(states({ networkdSettings: two, systemd: 252 })).toBe(
      'ok: systemd-networkd 252 leaves ours alone',
    );
    const all = settings('Routes', 'RoutingPolicyRules', 'NextHops');
    expect(states({ networkdSettings: all })).toBe('ok: systemd-networkd 257 leaves ours alone');
    const networkd = new Map([['wg-a', 'configured']]);
    expect(states({ networkdSettings: all, networkd })).toMatch(/^warn: .*manages interfaces of ours: wg-a/);
  });

  test('a VRF of the user as none of its business, and one with a table or an interface of ours as a clash', () => {
    const vrf = (tableId: number, ...more: HostFacts['links'] & object) => {
      const info = { info_kind: 'vrf', info_data: { table: tableId } };
      const links = [{ ifname: 'blue', mtu: 1500, linkinfo: info }, ...more];
      const routes = [{ dst: 'default', table: '10', type: '7' }];
      const { state, says } = named(judged({ links, routes }), 'vrfs');
      return `${state}: ${says}`;
    };
    expect(vrf(10)).toBe('ok: left alone: blue (table 10)');
    expect(vrf(11)).toBe('warn: no last resort, so that our rules are asked next: blue');
    expect(vrf(18016)).toMatch(/^fail: VRFs have tables of ours: blue/);
    const taken = { ifname: 'wg-a', mtu: 1420, ifalias: 'dwcp tunnel', master: 'blue' };
    expect(vrf(10, taken)).toMatch(/^fail: interfaces of ours are in a VRF: wg-a in blue/);
    const rules = [{ priority: 1000, src: 'all', l3mdev: null, protocol: '2' }];
    expect(named(judged({ rules, routes: [] }), 'earlier-rules').state).toBe('ok');
  });

  test('a kernel by what it lacks', () => {
    const kernel = (...missing: string[]) =>
      named(judged({ capabilities: { tunnels: { wireguard: 'kernel' }, missing } }), 'kernel').state;
    expect([kernel(), kernel('no nexthop objects')]).toEqual(['ok', 'fail']);
  });

  test('disks, clock, fetcher and agent', () => {
    const disk = (freeBytes: number, freeInodes: number | null) =>
      named(judged({ disks: [{ folder: '/d', freeBytes, freeRatio: 0.5, freeInodes }] }), 'disk').state;
    expect([disk(2 ** 30, 1e6), disk(2 ** 30, null), disk(2 ** 25, 1e6), disk(2 ** 30, 0)]).toEqual([
      'ok',
      'ok',
      'warn',
      'fail',
    ]);
    const clock = (synchronised: boolean | null) => named(judged({ synchronised }), 'clock').state;
    expect([clock(true), clock(false), clock(null)]).toEqual(['ok', 'warn', 'warn']);
    const fetched = {
      result: 'installed',
      health: 'good',
      atUtcMs: 1,
      reason: '',
      latestUtcMs: null,
    } as const;
    const fetch = (change: Partial<GatewayFacts>) => named(judged({}, change), 'fetch').state;
    expect(fetch({ fetched, fetchAgeMs: 50_000 })).toBe('ok');
    expect(fetch({ fetched, fetchAgeMs: 3_600_000 })).toBe('warn');
    expect(fetch({ fetched: { ...fetched, result: 'refused' }, fetchAgeMs: 1 })).toBe('warn');
    const agent = (running: GatewayFacts['running']) => named(judged({}, { running }), 'agent').state;
    const { generation } = gateway;
    expect(agent(null)).toBe('warn');
    expect(agent({ ready: true, generation })).toBe('ok');
    expect(agent({ ready: true, generation: generation + 1 })).toBe('warn');
    expect(agent({ ready: false, generation })).toBe('fail');
    const trouble = 'webhooks cannot be read: /etc/hooks.json is no JSON';
    for (const running of ['self', { ready: true, generation }] as const)
      expect(named(judged({}, { running, trouble }), 'agent')).toMatchObject({
        state: 'warn',
        says: trouble,
      });
  });

  test('the SSM agent and the journal, where the plan has something to say of them', () => {
    const base = { api: true, metrics: null, webhooks: [] };
    const pin = { version: '3.3.1.0', sha256: { arm64: '0'.repeat(64) } };
    const ssm = (operations: GatewayState['operations'], units: string[], ssmFault: string | null = null) =>
      named(judged({ units }, { gateway: { ...gateway, operations }, ssmFault }), 'ssm');
    expect(ssm(base, [])).toBeUndefined();
    expect(ssm({ ...base, ssm: true }, ['amazon-ssm-agent']).state).toBe('ok');
    expect(ssm({ ...base, ssm: true }, []).next).toContain('operations.ssmAgent');
    const wrong = ssm({ ...base, ssm: true, ssmAgent: pin }, [], 'it is another package');
    expect([wrong.state, wrong.says]).toEqual(['warn', expect.stringContaining('another package')]);
    const place = { group: '/dwcp/net/a/gateways', stream: 'gateway-1' };
    const journal = { sent: 3, dropped: 0, waiting: 0, sentUtcMs: 0, fault: null };
    const logs = (change: Partial<GatewayFacts['journal']> | null, operations = { ...base, logs: place }) =>
      named(
        judged({}, { gateway: { ...gateway, operations }, journal: change && { ...journal, ...change } }),
        'logs',
      );
    expect(named(judged({}, {}), 'logs')).toBeUndefined();
    expect([logs(null).state, logs({}).state]).toEqual(['warn', 'ok']);
    expect(logs({ fault: 'AccessDenied', waiting: 7 }).says).toContain('7 lines wait: AccessDenied');
    expect(logs({ dropped: 2 }).says).toContain('2 lines of the journal were lost');
  });

  test('in at most 80 columns, coloured for a terminal alone', () => {
    const checks: Check[] = [
      { name: 'short', state: 'ok', says: 'well', next: '' },
      { name: 'a-long-name', state: 'fail', says: `${'word '.repeat(40)}${'x'.repeat(200)}`, next: 'do it' },
    ];
    const plain = doctorText(checks, false);
    expect(Math.max(...plain.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(plain).toMatch(/^ok {4}short {8}well\nfail {2}a-long-name {2}word /);
    expect(plain).toMatch(/\n {19}next: do it\n\n1 ok, 0 warn, 1 fail: traffic is lost or will be$/);
    expect(doctorText(checks, true)).toContain('\u001b[31mfail\u001b[39m');
    expect([worst(checks), worst(checks.slice(0, 1)), worst([])]).toEqual(['fail', 'ok', 'ok']);
  });
});

import {
  adoptedSelections,
  apply,
  classTable,
  identity,
  switchSelections,
  takeDown,
  type HostObject,
  type HostSettings,
  type SelectedPaths,
} from '../../../lib/agent/apply';
import { wantedHost, type WantedHost } from '../../../lib/agent/apply/wanted/wanted-host';
import { pathBook } from '../../../lib/agent/apply/wanted/wanted-paths';
import type { GatewayState } from '../../../lib/gateway';
import type { QosClass } from '../../../lib/model';
import { FakeHost, membersOf } from '../../support/fake-host';
import { plannedGateways, type PlannedGateways } from '../../support/gateway-plan';
import { seeded } from '../../support/random-seeded';
import { grownNetwork, triangleNetwork } from '../../support/small-networks';

const sysctls = {
  'net/ipv4/ip_forward': '0',
  'net/ipv6/conf/all/forwarding': '0',
  'net/ipv6/conf/all/seg6_enabled': '0',
  'net/ipv4/conf/all/rp_filter': '2',
  'net/ipv4/fib_multipath_hash_policy': '0',
  'net/ipv6/fib_multipath_hash_policy': '0',
  'net/ipv4/nexthop_compat_mode': '1',
};

/** What is there and not a setting, as text. */
function things(host: FakeHost): string {
  return host
    .snapshot()
    .split('\n')
    .filter((line) => !line.startsWith('sysctl '))
    .join('\n');
}

function isAsWanted(host: FakeHost, wanted: WantedHost): void {
  const there = [...host.objects.values()].map((o) => `${identity(o)} = ${o.value}`).sort();
  expect(there).toEqual(wanted.objects.map((o) => `${identity(o)} = ${o.value}`).sort());
}

describe('applying, on a host that fails', () => {
  let before: PlannedGateways;
  let after: PlannedGateways;
  beforeAll(async () => {
    before = await plannedGateways(triangleNetwork);
    after = await plannedGateways(grownNetwork);
  });

  const wantedOf = (planned: PlannedGateways, id = 'a/1', change: Partial<HostSettings> = {}) =>
    wantedHost(planned.state(id), {
      endpoints: new Map([['b/1', '192.0.2.2']]),
      keys: planned.keys(id),
      selections: [],
      openReservations: [],
      ...change,
    });
  const hostWith = async (wanted?: WantedHost) => {
    const host = new FakeHost(sysctls);
    if (wanted) expect((await apply(host, wanted)).failures).toEqual([]);
    host.steps = 0;
    return host;
  };

  it('makes everything that is wanted, and run again runs nothing', async () => {
    for (const planned of [before, after]) {
      for (const { id } of planned.plan.gateways) {
        const wanted = wantedOf(planned, id);
        const host = await hostWith(wanted);
        isAsWanted(host, wanted);
        expect(await apply(host, wanted)).toMatchObject({ commands: 0, failures: [] });
      }
    }
  });

  it('takes down to exactly what was there before', async () => {
    const bare = new FakeHost(sysctls).snapshot();
    const host = await hostWith(wantedOf(before));
    await apply(host, wantedOf(after));
    expect(await takeDown(host)).toMatchObject({ failures: [] });
    expect(host.snapshot()).toBe(bare);
    expect(await takeDown(host)).toMatchObject({ commands: 0 });
  });

  it.each(['one command fails', 'the rest of its batch runs on', 'nothing works any more'])(
    'leaves the state of before or the wanted one, and converges at the next: %s at every n',
    async (how) => {
      const steps: [from: WantedHost | undefined, to: WantedHost][] = [
        [undefined, wantedOf(before)],
        [wantedOf(before), wantedOf(after)],
        [wantedOf(after), wantedOf(before)],
      ];
      for (const [from, to] of steps) {
        const count = await hostWith(from);
        await apply(count, to);
        const most = count.steps;
        expect(most).toBeGreaterThan(20);
        for (let n = 1; n <= most; n++) {
          const host = await hostWith(from);
          const was = things(host);
          Object.assign(host, {
            failAt: n,
            dead: how.startsWith('nothing'),
            goesOn: how.startsWith('the rest'),
          });
          const report = await apply(host, to);
          expect(report.failures.length).toBeGreaterThan(0);
          expect(report.failures[0].message).toMatch(/the host (failed|does not answer)/);
          if (report.rolledBack) expect(things(host)).toBe(was);
          if (how.startsWith('one')) expect(report.rolledBack).toBe(true);
          host.failAt = 0;
          expect((await apply(host, to)).failures).toEqual([]);
          isAsWanted(host, to);
        }
      }
    },
  );

  it('converges after any sequence of random failures', async () => {
    const seed = Number(process.env.SEED ?? 20261);
    process.stderr.write(`seed ${seed}\n`);
    const random = seeded(seed);
    const states = [wantedOf(before), wantedOf(after), wantedOf(after, 'a/1', { selections: [] })];
    const host = await hostWith();
    for (let round = 0; round < 300; round++) {
      const wanted = random.pick(states);
      host.steps = 0;
      host.failAt = random.chance(0.7) ? random.whole(1, 200) : 0;
      host.dead = random.chance(0.5);
      host.goesOn = random.chance(0.5);
      if (random.chance(0.1)) await takeDown(host).catch(() => undefined);
      else await apply(host, wanted);
      host.failAt = 0;
      if (random.chance(0.3)) {
        await apply(host, wanted);
        isAsWanted(host, wanted);
      }
    }
  });

  it('says which command failed and why', async () => {
    const host = await hostWith();
    host.failAt = 30;
    const [failure] = (await apply(host, wantedOf(before))).failures;
    expect(failure.line).toMatch(/^add \S+ /);
    expect(failure.command?.object).toBeDefined();
  });

  it('keeps every destination reachable at every step from one plan to the next', async () => {
    const host = await hostWith(wantedOf(before));
    const wanted = wantedOf(after);
    const routed = (objects: Iterable<{ kind: string; key: string; value: string }>) =>
      [...objects]
        .filter((o) => o.kind === 'route' && / table 180(00|08|16|24|32) /.test(o.key))
        .map((o) => o.key);
    const both = routed(host.objects.values()).filter((key) => routed(wanted.objects).includes(key));
    expect(both.length).toBeGreaterThanOrEqual(20);
    let checked = 0;
    host.onChange = () => {
      for (const key of both) {
        const id = /nhid (\d+)/.exec(host.objects.get(`route ${key}`)!.value)![1];
        const group = host.objects.get(`group id ${id}`)!;
        for (const member of membersOf(group.value)) {
          expect(host.objects.has(`nexthop id ${member}`)).toBe(true);
        }
      }
      checked++;
    };
    expect((await apply(host, wanted)).failures).toEqual([]);
    expect(checked).toBeGreaterThan(30);
  });

  it('leaves alone what is not its own', async () => {
    const host = await hostWith(wantedOf(before));
    const names = new Set([...host.objects.keys()]);
    host.onChange = ({ object }) => names.add(identity(object));
    await apply(host, wantedOf(after));
    await takeDown(host);
    const own = [
      /^(sysctl|segment|nexthop|group|route|marking inet dwcp|device dwcp0)/,
      /^deviceSysctl net\/ipv[46]\/conf\/(wg-|dwcp)/,
      /^tunnel wg-/,
      /^address \S+ dev (wg-|dwcp0)/,
      /^(qdisc|class|leaf) dev wg-/,
      /^rule[46] priority 1[78]/,
    ];
    for (const name of names) expect([name, own.some((o) => o.test(name))]).toEqual([name, true]);
  });

  it('gives way when a new tunnel needs the port of one that goes', async () => {
    const state = before.state('a/1');
    const moved = {
      ...state,
      tunnels: state.tunnels.map((t, i) =>
        i === 0 ? { ...t, id: 'tunnel-new', interfaceName: 'wg-new' } : t,
      ),
      paths: [],
      returns: [],
      routes: [],
      reservations: [],
    };
    const there = wantedOf(before);
    const host = await hostWith(there);
    const order: string[] = [];
    host.onChange = ({ verb, object }) => {
      if (object.kind === 'tunnel') order.push(`${verb} ${object.key}`);
    };
    const wanted = wantedHost(moved, there.settings);
    expect((await apply(host, wanted)).failures).toEqual([]);
    expect(order).toEqual([`delete ${state.tunnels[0].interfaceName}`, 'add wg-new']);
    expect(await apply(host, wanted)).toMatchObject({ commands: 0 });
  });
});

/** The same with some classes to b spread over three paths with weights 2, 1 and 1, or over two alike. */
function withSpreads(state: GatewayState): GatewayState {
  const routes = state.routes.map((route) => {
    if (route.to !== 'b') return route;
    const paths = [route.primary!, ...route.backups];
    const weighted = (weights: readonly number[]) => weights.map((weight, i) => ({ path: paths[i], weight }));
    const by = { realtime: weighted([2, 1, 1]), interactive: weighted([11, 11]) };
    const spreads = Object.entries(by).map(([qos, members]) => ({
      class: qos as QosClass,
      mbps: 0,
      members,
    }));
    return { ...route, spreads: spreads.filter((spread) => route.classes.includes(spread.class)) };
  });
  return { ...state, routes };
}

/** Which part of a class leaves by which words, read off the host, by words. */
function sharesOf(host: FakeHost, wanted: WantedHost, { to, class: qos }: SelectedPaths, family: 4 | 6) {
  const route = wanted.gateway.routes.find((r) => r.to === to && r.classes.includes(qos))!;
  const [prefix] = family === 4 ? route.ipv4Prefixes : route.ipv6Prefixes;
  const found = [...host.objects.values()].find(
    (o) => o.kind === 'route' && o.key.startsWith(`${prefix} table ${classTable(qos)} `),
  );
  const shares = new Map<string, number>();
  if (!found) return shares;
  const group = host.objects.get(`group id ${/nhid (\d+)/.exec(found.value)![1]}`)!;
  const words = group.value.slice(6).split('/');
  const members = words
    .map((word) => word.split(','))
    .map(([id, weight = '1']) => [id, Number(weight)] as const);
  const whole = members.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [id, weight] of members) {
    const by = host.objects.get(`nexthop id ${id}`)!.value;
    shares.set(by, (shares.get(by) ?? 0) + weight / whole);
  }
  return shares;
}

describe('switching', () => {
  let planned: PlannedGateways;
  beforeAll(async () => (planned = await plannedGateways(triangleNetwork)));

  const start = async (change: (state: GatewayState) => GatewayState = (state) => state) => {
    const state = change(planned.state('a/1'));
    const settings = { endpoints: new Map(), keys: null, selections: [], openReservations: [] };
    const host = new FakeHost(sysctls);
    const wanted = wantedHost(state, settings);
    await apply(host, wanted);
    host.steps = 0;
    return { host, wanted, route: state.routes.find((r) => r.to === 'b' && r.classes.includes('critical'))! };
  };

  it('is one command for each family, and what it leaves is what applying would', async () => {
    const { host, wanted, route } = await start();
    const choice = { to: 'b', class: 'critical' as const, members: [{ path: route.backups[0], weight: 1 }] };
    const report = await switchSelections(host, wanted, [choice]);
    expect(report.failures).toEqual([]);
    expect(host.steps).toBe(2);
    expect(await apply(host, report.wanted)).toMatchObject({ commands: 0 });
  });

  it('exchanges paths in place, and the group only for shares that its slots cannot make', async () => {
    const { host, wanted, route } = await start(withSpreads);
    const verbs: string[] = [];
    host.onChange = ({ verb, object }) => verbs.push(`${verb} ${object.kind}`);
    const paths = [route.primary!, ...route.backups];
    let now = wanted;
    // Weights of the first paths; 0: not among them.
    const choose = async (qos: QosClass, ...weights: number[]): Promise<string[]> => {
      const members = weights
        .map((weight, i) => ({ path: paths[i], weight }))
        .filter((m) => m.weight > 0)
        .sort((a, b) => b.weight - a.weight);
      const choice: SelectedPaths = { to: 'b', class: qos, members };
      verbs.length = 0;
      const report = await switchSelections(host, now, [choice]);
      now = report.wanted;
      const adopted = adoptedSelections(wanted.gateway, [...host.objects.values()]);
      expect(adopted.find((s) => s.to === 'b' && s.class === qos)).toEqual(choice);
      expect(await apply(host, now)).toMatchObject({ commands: 0 });
      // Both families do the same.
      verbs.sort();
      const half = verbs.filter((_, i) => i % 2 === 0);
      expect(verbs.filter((_, i) => i % 2 === 1)).toEqual(half);
      return half;
    };
    expect(paths.length).toBeGreaterThan(2);
    // A class on its primary has one slot.
    expect(await choose('critical', 0, 1)).toEqual(['change nexthop']);
    expect(await choose('critical', 1)).toEqual(['change nexthop']);
    expect(await choose('critical', 1, 2)).toEqual(['add nexthop', 'change group']);
    expect(await choose('critical', 1)).toEqual(['change group', 'delete nexthop']);
    // One of two alike: its slot alone is exchanged, both ways; what replaces both takes both.
    expect(await choose('interactive', 0, 1)).toEqual(['change nexthop']);
    expect(await choose('interactive', 11, 11)).toEqual(['change nexthop']);
    expect(await choose('interactive', 0, 0, 1)).toEqual(['change nexthop', 'change nexthop']);
    expect(await choose('interactive', 11, 11)).toEqual(['change nexthop', 'change nexthop']);
    // 2, 1, 1: where the greatest is gone, its slot cannot be halved.
    expect(await choose('realtime', 0, 1, 1)).toContain('change group');
    expect(await choose('realtime', 2, 1, 1)).toContain('change group');
    expect(await choose('realtime', 0, 0, 1)).toEqual(['change nexthop', 'change nexthop']);
    expect(await choose('realtime', 2, 1, 1)).toEqual(['change nexthop', 'change nexthop']);
    expect(await choose('realtime', 2, 2)).toEqual(['change nexthop']);
    expect(await choose('realtime', 2, 1)).toContain('change group');
  });

  it('takes over groups of the nexthops of paths, as agents once made them', async () => {
    const { host, wanted, route } = await start(withSpreads);
    const choice = { to: 'b', class: 'critical' as const, members: [{ path: route.backups[0], weight: 1 }] };
    await switchSelections(host, wanted, [choice]);
    const there = [...host.objects.values()];
    const groups = there.filter((o) => o.kind === 'group');
    const slots = new Set(groups.flatMap((o) => membersOf(o.value)));
    const words = (id: string) => host.objects.get(`nexthop id ${id}`)!.value;
    const ids = new Map([...new Set([...slots].map(words))].map((value, i) => [value, `${900 + i}`]));
    const once = [
      ...[...ids].map(([value, id]): HostObject => ({ kind: 'nexthop', key: `id ${id}`, value })),
      ...there.filter((o) => !(o.kind === 'nexthop' && slots.has(o.key.slice(3)))),
    ].map((o) =>
      o.kind === 'group' ? { ...o, value: o.value.replace(/(?<=[ /])\d+/g, (id) => ids.get(words(id))!) } : o,
    );
    const adopted = adoptedSelections(wanted.gateway, once);
    expect(adopted).toContainEqual(choice);
    expect(adopted).toEqual(adoptedSelections(wanted.gateway, there));
    expect(adopted.length).toBeGreaterThan(5);
    const old = new FakeHost({});
    for (const object of once) old.objects.set(identity(object), object);
    const next = wantedHost(wanted.gateway, { ...wanted.settings, selections: adopted });
    expect((await apply(old, next)).failures).toEqual([]);
    expect(things(old)).toBe(things(host));
  });

  it('runs nothing when nothing changes', async () => {
    const { host, wanted, route } = await start();
    const choice = { to: 'b', class: 'critical' as const, members: [{ path: route.primary!, weight: 1 }] };
    expect((await switchSelections(host, wanted, [choice])).failures).toEqual([]);
    expect(host.steps).toBe(0);
  });

  it('takes the routes away with the last path, and gives them back group first', async () => {
    const { host, wanted, route } = await start();
    const key = { to: 'b', class: 'critical' as const };
    const verbs: string[] = [];
    host.onChange = ({ verb, object }) => verbs.push(`${verb} ${object.kind}`);
    const gone = await switchSelections(host, wanted, [{ ...key, members: [] }]);
    const deleted = ['delete route', 'delete group', 'delete nexthop'];
    expect(verbs.splice(0)).toEqual([...deleted, ...deleted]);
    expect(await apply(host, gone.wanted)).toMatchObject({ commands: 0 });
    const back = await switchSelections(host, gone.wanted, [
      { ...key, members: [{ path: route.primary!, weight: 1 }] },
    ]);
    const added = ['add nexthop', 'add group', 'add route'];
    expect(verbs).toEqual([...added, ...added]);
    expect(await apply(host, back.wanted)).toMatchObject({ commands: 0 });
  });

  it('leaves after any sequence of choices what applying the last ones would, in the shares chosen', async () => {
    const seed = Number(process.env.SEED ?? 20262);
    process.stderr.write(`seed ${seed}\n`);
    const random = seeded(seed);
    const { host, wanted: first } = await start(withSpreads);
    let wanted = first;
    const { routes } = first.gateway;
    const words = new Map(
      routes.flatMap((route) =>
        [route.primary!, ...route.backups].flatMap((path) =>
          ([4, 6] as const).map((family): [string, string] => {
            const alone = { to: route.to, class: route.classes[0], members: [{ path, weight: 1 }] };
            const { slots } = pathBook(first.gateway).tryForwarding(route, alone, family)!;
            return [`${path} ${family}`, slots[0].value];
          }),
        ),
      ),
    );
    let moved = 0;
    for (let round = 0; round < 200; round++) {
      const changed = new Map<string, SelectedPaths>();
      for (let i = random.whole(1, 4); i > 0; i--) {
        const route = random.pick(routes);
        const qos = random.pick(route.classes);
        const paths = [route.primary!, ...route.backups].filter(() => random.chance(0.5));
        const members = paths.map((path) => ({ path, weight: random.whole(1, 4) }));
        changed.set(`${qos} ${route.to}`, { to: route.to, class: qos, members });
      }
      const report = await switchSelections(host, wanted, [...changed.values()]);
      expect(report.failures).toEqual([]);
      wanted = report.wanted;
      expect(await apply(host, wanted)).toMatchObject({ commands: 0 });
      for (const choice of changed.values()) {
        const whole = choice.members.reduce((sum, { weight }) => sum + weight, 0);
        for (const family of [4, 6] as const) {
          const shares = sharesOf(host, wanted, choice, family);
          expect(shares.size).toBe(choice.members.length);
          for (const { path, weight } of choice.members) {
            expect(shares.get(words.get(`${path} ${family}`)!)).toBeCloseTo(weight / whole, 12);
            moved++;
          }
        }
      }
    }
    expect(moved).toBeGreaterThan(500);
  });
});

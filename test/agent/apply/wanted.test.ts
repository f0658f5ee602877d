import { inspect } from 'node:util';
import { wantedHost } from '../../../lib/agent/apply/wanted/wanted-host';
import { type HostSettings } from '../../../lib/agent/apply';
import { classTable, pinTable } from '../../../lib/agent/apply/numbers';
import { plannedGateways, type PlannedGateways } from '../../support/gateway-plan';
import { exampleNetwork } from '../../support/example-network';

const open: HostSettings = { endpoints: new Map(), keys: null, selections: [], openReservations: [] };

describe('what a gateway is to hold', () => {
  let planned: PlannedGateways;
  beforeAll(async () => (planned = await plannedGateways(exampleNetwork())));

  const objects = (id: string, change: Partial<HostSettings> = {}) =>
    wantedHost(planned.state(id), { ...open, ...change }).objects;
  const named = (id: string, kind: string, change: Partial<HostSettings> = {}) =>
    objects(id, change).filter((o) => o.kind === kind);

  it('is the same for the same arguments, and every thing of it has its own name', () => {
    for (const { id } of planned.plan.gateways) {
      const all = objects(id);
      expect(objects(id)).toEqual(all);
      expect(new Set(all.map((o) => `${o.kind} ${o.key}`)).size).toBe(all.length);
    }
  });

  it('refers to nothing that is not there', () => {
    for (const { id } of planned.plan.gateways) {
      const all = objects(id);
      const ids = new Set(all.filter((o) => /^(nexthop|group)$/.test(o.kind)).map((o) => o.key.slice(3)));
      const devices = new Set(['dwcp0', ...named(id, 'tunnel').map((o) => o.key)]);
      for (const { kind, key, value } of all) {
        for (const [, device] of `${key} ${value}`.matchAll(/\bdev (\S+)/g))
          expect(devices).toContain(device);
        for (const [, nexthop] of value.matchAll(/\bnhid (\d+)/g)) expect(ids).toContain(nexthop);
        if (kind !== 'group') continue;
        for (const member of value.slice(6).split('/')) expect(ids).toContain(member.split(',')[0]);
      }
    }
  });

  it('lets one gateway of each tunnel begin handshakes when it wants to, the other now and then', () => {
    const paced = planned.plan.gateways.flatMap(({ id }) => {
      const [{ script }] = named(id, 'marking');
      const ports = [...script!.matchAll(/udp sport (\d+) @th,64,32 0x01000000 limit rate over 5\/minute/g)];
      return ports.map(([, port]) => `${id} ${port}`);
    });
    const answering = planned.plan.gateways.flatMap(({ id }) =>
      planned
        .state(id)
        .tunnels.filter((t) => t.peer.gateway < id)
        .map((t) => `${id} ${t.listenPort}`),
    );
    expect(paced).toEqual(answering);
    expect(paced).toHaveLength(planned.plan.tunnels.length);
  });

  it('shows no key when it is printed, logged or encoded', () => {
    const keys = planned.keys('virginia/1');
    const secrets = [keys.privateKey, ...keys.presharedKeys.values()];
    const wanted = wantedHost(planned.state('virginia/1'), { ...open, keys });
    const { objects: all } = wanted;
    expect(all.some((o) => o.tunnel?.privateKey?.reveal() === keys.privateKey)).toBe(true);
    for (const text of [inspect(all, { depth: 9 }), JSON.stringify(all), all.map(String).join('\n')]) {
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
  });

  it('pins each of several tunnels to one gateway by its own table, and no other', () => {
    const { tunnels } = planned.state('virginia/1');
    const rules = named('virginia/1', 'rule6').filter((o) => o.key.startsWith('priority 17990 '));
    const parallel = tunnels.filter((t) => t.parallel);
    expect(parallel).toHaveLength(2);
    expect(rules.map((o) => o.key).sort()).toEqual(
      parallel
        .map((t) => `priority 17990 from ${t.ipv6} to ${t.peer.locator} lookup ${pinTable(t.listenPort)}`)
        .sort(),
    );
    const main = named('virginia/1', 'segment').filter((o) => /\/64 table 254 /.test(o.key));
    expect(main).toHaveLength(tunnels.length - parallel.length);
  });

  it('bounds packets by the least MTU of the paths that their class may take', () => {
    const state = planned.state('dublin/1');
    const mtus = new Map(state.paths.map((path) => [path.id, path.mtu]));
    for (const route of state.routes) {
      const usable = [route.primary!, ...route.backups, ...route.equalCost];
      const spread = route.spreads.flatMap((s) => s.members.map((m) => m.path));
      const most = Math.min(...usable.map((path) => mtus.get(path)!));
      for (const qos of route.classes) {
        const table = classTable(qos);
        const [found] = named('dublin/1', 'route').filter((o) =>
          o.key.startsWith(`${route.ipv4Prefixes[0]} table ${table} `),
        );
        const mtu = Number(/mtu (\d+)/.exec(found.value)![1]);
        expect(mtu).toBeLessThanOrEqual(most);
        if (spread.length === 0 && state.reservations.length === 0) expect(mtu).toBe(most);
      }
    }
  });

  it('takes the routes of a class away when it has no path, and keeps the last resort', () => {
    const key = { to: 'sydney', class: 'critical' } as const;
    const before = named('dublin/1', 'route');
    const after = named('dublin/1', 'route', { selections: [{ ...key, members: [] }] });
    const gone = before.filter((o) => !after.some((other) => other.key === o.key));
    expect(gone.map((o) => o.key.split(' ').slice(1, 3).join(' '))).toEqual(['table 18000', 'table 18000']);
    const { ipv4Prefixes } = planned.state('dublin/1').routes.find((r) => r.to === 'sydney')!;
    const last = `unreachable ${ipv4Prefixes[0]} table 254 metric 4294967295`;
    expect(after.some((o) => o.key === last)).toBe(true);
  });

  it('touches no queue but those of a reservation when its window opens', () => {
    const state = planned.state('dublin/1');
    const [reservation] = state.reservations;
    const closed = objects('dublin/1');
    const opened = objects('dublin/1', { openReservations: [reservation.id] });
    const was = new Map(closed.map((o) => [`${o.kind} ${o.key}`, o.value]));
    const changed = opened.filter((o) => was.get(`${o.kind} ${o.key}`) !== o.value);
    const { interfaceName } = state.paths.find((p) => p.id === reservation.paths[0])!;
    const rate = `rate ${reservation.bandwidthMbps * 1000}Kbit`;
    expect(changed.map((o) => `${o.kind} ${o.key}`)).toEqual([
      `class dev ${interfaceName} parent 1:1 classid 1:101`,
      `leaf dev ${interfaceName} parent 1:101`,
      'marking inet dwcp',
    ]);
    expect(changed[0].value).toContain(rate);
  });

  it('never promises the classes of a link more than half a percent above it', () => {
    for (const { id } of planned.plan.gateways) {
      const state = planned.state(id);
      const all = [...new Set(state.tunnels.flatMap((t) => t.guarantees.map((g) => g.reservation)))];
      const classes = named(id, 'class', { openReservations: all });
      for (const tunnel of state.tunnels) {
        const leaves = classes.filter((o) => o.key.startsWith(`dev ${tunnel.interfaceName} parent 1:1 `));
        const sure = leaves.map((o) => Number(/rate (\d+)Kbit/.exec(o.value)![1]));
        const total = sure.reduce((a, b) => a + b, 0);
        expect(total).toBeLessThanOrEqual(tunnel.bandwidthMbps * 1005 + 1);
      }
    }
  });

  it('refuses a choice of a path that the gateway does not have', () => {
    const members = [{ path: 'dublin>nowhere', weight: 1 }];
    expect(() => objects('dublin/1', { selections: [{ to: 'sydney', class: 'bulk', members }] })).toThrow(
      "'dublin/1' has no path 'dublin>nowhere'",
    );
  });

  it('scales weights that are greater than the kernel takes', () => {
    const state = planned.state('virginia/1');
    const route = state.routes.find((r) => r.to === 'sydney')!;
    const members = [
      { path: route.primary!, weight: 3000 },
      { path: route.backups[0], weight: 1000 },
    ];
    const selections = [{ to: 'sydney', class: route.classes[0], members }];
    const groups = named('virginia/1', 'group', { selections }).filter((o) => o.value.includes('/'));
    expect(groups.map((o) => o.value.match(/,(\d+)/g)!.sort())).toEqual([
      [',256', ',85'],
      [',256', ',85'],
    ]);
  });
});

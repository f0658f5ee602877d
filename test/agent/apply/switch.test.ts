import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { apply, switchSelections, type SelectedPaths } from '../../../lib/agent/apply';
import { wantedHost, type WantedHost } from '../../../lib/agent/apply/wanted/wanted-host';
import type { GatewayState } from '../../../lib/gateway';
import { addressAt, parsePrefix } from '../../../lib/net';
import { emptySpace, inside, namespaceGap, type HostSpace } from '../../support/gateway-namespaces';
import { plannedGateways } from '../../support/gateway-plan';
import { skipped } from '../../net/skipped';
import { triangleNetwork } from '../../support/small-networks';

const why = namespaceGap();
const many = 5000;
const rounds = 300;

/** A gateway whose route to c has so many IPv4 prefixes instead of one. */
function withPrefixes(state: GatewayState, count: number): GatewayState {
  const routes = state.routes.map((route) => {
    if (route.to !== 'c') return route;
    const block = parsePrefix(route.ipv4Prefixes[0]);
    return {
      ...route,
      ipv4Prefixes: Array.from({ length: count }, (_, i) => `${addressAt(block, 4 * i)}/30`),
    };
  });
  return { ...state, routes };
}

function median(times: readonly number[]): number {
  return [...times].sort((x, y) => x - y)[times.length >> 1];
}

describe('switching many prefixes', () => {
  let spaces: readonly HostSpace[] = [];
  afterEach(async () => {
    for (const space of spaces) await space.close();
  });

  test('takes the time of switching one: the prefixes point at a group, and only the group changes', async () => {
    if (why) return skipped(why);
    const planned = await plannedGateways(triangleNetwork);
    const state = planned.state('a/1');
    spaces = [1, many].map((count) => emptySpace(`sw${process.pid}-${count}`));
    const route = state.routes.find((r) => r.to === 'c' && r.classes.includes('critical'))!;
    const paths = [route.primary!, ...route.backups];
    const choice = (i: number): SelectedPaths => ({
      to: 'c',
      class: 'critical',
      members: [{ path: paths[i % 2], weight: 1 }],
    });
    const settings = { endpoints: new Map(), keys: null, selections: [], openReservations: [] };
    const now: WantedHost[] = [];
    for (const [i, count] of [1, many].entries()) {
      const wanted = wantedHost(withPrefixes(state, count), settings);
      const report = await apply(spaces[i].host, wanted);
      expect(report.failures.map((f) => `${f.line}: ${f.message}`)).toEqual([]);
      process.stderr.write(`${report.commands} commands applied in ${Math.round(report.durationMs)} ms\n`);
      now.push(wanted);
    }
    const listed = inside(spaces[1].ns, 'ip -4 route show table 18000 | wc -l');
    expect(Number(listed)).toBeGreaterThanOrEqual(many);
    const times: [number[], number[]] = [[], []];
    // By turns, so that what else the machine does weighs on both alike; the first are to warm up.
    for (let round = 0; round < rounds; round++) {
      for (const i of [0, 1]) {
        const start = performance.now();
        const { wanted, failures } = await switchSelections(spaces[i].host, now[i], [choice(round + 1)]);
        const took = performance.now() - start;
        expect(failures).toEqual([]);
        now[i] = wanted;
        if (round >= 50) times[i].push(took);
      }
    }
    const [one, all] = times.map(median);
    const figures = `1 prefix ${one.toFixed(3)} ms, ${many} prefixes ${all.toFixed(3)} ms`;
    process.stderr.write(`switching, median of ${rounds - 50}: ${figures}\n`);
    expect(all).toBeLessThan(Math.max(1.5 * one, one + 1));
    // It has switched: the routes of the last prefix point at the group, the group at the other path.
    const shown = inside(spaces[1].ns, `ip -4 route show table 18000 | tail -1`);
    const group = /nhid (\d+)/.exec(shown)![1];
    const via = state.paths.find((p) => p.id === paths[rounds % 2])!;
    expect(
      inside(spaces[1].ns, `ip nexthop show id $(ip nexthop show id ${group} | cut -d' ' -f4)`),
    ).toContain(`via ${via.nextHopIpv4} dev ${via.interfaceName}`);
    expect(await apply(spaces[1].host, now[1])).toMatchObject({ commands: 0, failures: [] });
  }, 240000);

  test.each([4, 6] as const)('takes sockets along that have sent before: IPv%i', async (family) => {
    if (why) return skipped(why);
    const state = (await plannedGateways(triangleNetwork)).state('a/1');
    const space = emptySpace(`sw${process.pid}-s${family}`);
    spaces = [space];
    const route = state.routes.find((r) => r.to === 'c' && r.classes.includes('best-effort'))!;
    const settings = { endpoints: new Map(), keys: null, selections: [], openReservations: [] };
    let now = wantedHost(state, settings);
    expect((await apply(space.host, now)).failures).toEqual([]);
    const [prefix] = family === 4 ? route.ipv4Prefixes : route.ipv6Prefixes;
    const to = addressAt(parsePrefix(prefix), 9);
    const send = `exec 3<>/dev/udp/${to}/9; while read word; do echo $word >&3; echo $word; done`;
    const sender = spawn('ip', ['netns', 'exec', space.ns, 'bash', '-c', send]);
    try {
      const sent = createInterface(sender.stdout)[Symbol.asyncIterator]();
      const devices = [route.primary!, route.backups[0]].map(
        (id) => state.paths.find((path) => path.id === id)!.interfaceName,
      );
      expect(new Set(devices).size).toBe(2);
      const passed = () =>
        devices.map((device) => {
          return Number(inside(space.ns, `cat /sys/class/net/${device}/statistics/tx_bytes`));
        });
      for (let round = 0; round < 20; round++) {
        const side = (round + 1) % 2;
        const members = [{ path: [route.primary!, route.backups[0]][side], weight: 1 }];
        const choice: SelectedPaths = { to: 'c', class: 'best-effort', members };
        const before = passed();
        const report = await switchSelections(space.host, now, [choice]);
        now = report.wanted;
        expect(report.failures).toEqual([]);
        sender.stdin.write(`${'x'.repeat(1000)}\n`);
        await sent.next();
        const after = passed();
        // The kernel itself sends a little now and then.
        expect(after.map((bytes, i) => bytes - before[i] > 1000)).toEqual([side === 0, side === 1]);
      }
    } finally {
      sender.kill();
    }
  });

  test('does not wait for an application that is under way', async () => {
    if (why) return skipped(why);
    const planned = await plannedGateways(triangleNetwork);
    const state = withPrefixes(planned.state('a/1'), many);
    const space = emptySpace(`sw${process.pid}-a`);
    spaces = [space];
    const route = state.routes.find((r) => r.to === 'b' && r.classes.includes('critical'))!;
    const settings = { endpoints: new Map(), keys: null, selections: [], openReservations: [] };
    let now = wantedHost(state, settings);
    expect((await apply(space.host, now)).failures).toEqual([]);
    const smaller = { ...state, paths: state.paths.map((path) => ({ ...path, mtu: path.mtu - 20 })) };
    let under = true;
    const applied = apply(space.host, wantedHost(smaller, settings)).finally(() => (under = false));
    const times: number[] = [];
    for (let i = 0; under; i++) {
      const members = [{ path: [route.primary!, ...route.backups][(i + 1) % 2], weight: 1 }];
      const start = performance.now();
      const report = await switchSelections(space.host, now, [{ to: 'b', class: 'critical', members }]);
      times.push(performance.now() - start);
      expect(report.failures).toEqual([]);
      now = report.wanted;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const report = await applied;
    expect(report.failures).toEqual([]);
    expect(report.commands).toBeGreaterThan(5 * many);
    const figures = `${times.length} switches, median ${median(times).toFixed(2)} ms`;
    process.stderr.write(`${figures}, while applying took ${Math.round(report.durationMs)} ms\n`);
    expect(times.length).toBeGreaterThan(5);
    expect(median(times)).toBeLessThan(report.durationMs / 10);
    const last = wantedHost(smaller, { ...settings, selections: now.settings.selections });
    expect((await apply(space.host, last)).failures).toEqual([]);
    expect(await apply(space.host, last)).toMatchObject({ commands: 0 });
  }, 240000);
});

import { inspect } from 'node:util';
import {
  lowerMtus,
  pathTraffic,
  routeTraffic,
  trafficPrefixes,
  trafficSender,
} from '../../../lib/agent/apply';
import { wantedHost } from '../../../lib/agent/apply/wanted/wanted-host';
import { trafficTargets } from '../../../lib/agent/run/traffic-targets';
import { contains, parsePrefix } from '../../../lib/net';
import { exampleNetwork } from '../../support/example-network';
import { plannedGateways, type PlannedGateways } from '../../support/gateway-plan';
import { heldAgainst } from '../../support/held-against';

describe('probes that go the way traffic goes', () => {
  let planned: PlannedGateways;
  beforeAll(async () => (planned = await plannedGateways(exampleNetwork())));
  const states = () => planned.plan.gateways.map(({ id }) => planned.state(id));

  it('have addresses that lead to one gateway alone, and are told apart by their sender', () => {
    const all = states();
    for (const from of all) {
      const addresses = pathTraffic(from);
      expect(new Set([...addresses.values()].map((one) => inspect(one))).size).toBe(from.paths.length);
      for (const path of from.paths) {
        const { ipv4, ipv6 } = addresses.get(path.id)!;
        for (const [family, address] of [
          ['ipv4', ipv4],
          ['ipv6', ipv6],
        ] as const) {
          const takes = all.filter((to) =>
            contains(
              parsePrefix(trafficPrefixes(to)[family]),
              parsePrefix(`${address}/${family === 'ipv4' ? 32 : 128}`),
            ),
          );
          expect([path.id, takes.map(({ gateway }) => gateway)]).toEqual([path.id, [path.farGateway]]);
        }
      }
    }
    expect(new Set(all.map((one) => trafficSender(one).ipv4)).size).toBe(all.length);
  });

  it('try a region at an address in its own blocks that is no host of the plan', () => {
    for (const from of states()) {
      for (const route of from.routes) {
        const { ipv4, ipv6 } = routeTraffic(route);
        expect(contains(parsePrefix(route.ipv4Prefixes[0]), parsePrefix(`${ipv4}/32`))).toBe(true);
        expect(contains(parsePrefix(route.ipv6Prefixes[0]), parsePrefix(`${ipv6}/128`))).toBe(true);
        expect(parsePrefix(`${ipv4}/32`).value).toBe(parsePrefix(route.ipv4Prefixes[0]).value);
      }
    }
  });

  it('try every path in both families, and every class of every region over the gateways that it may lead to', () => {
    for (const from of states()) {
      const selections = new Map(
        from.routes.flatMap((route) =>
          route.classes.flatMap((qos) =>
            route.primary === null
              ? []
              : [
                  [
                    `${route.to} ${qos}`,
                    { to: route.to, class: qos, members: [{ path: route.primary, weight: 1 }] },
                  ] as const,
                ],
          ),
        ),
      );
      const targets = trafficTargets(from, { selections });
      const probed = from.paths.filter((path) => path.probe !== null || path.hops === 1);
      expect(targets.filter(({ kind }) => kind === 'path')).toHaveLength(2 * probed.length);
      expect(targets.filter(({ kind }) => kind === 'flow')).toHaveLength(2 * selections.size);
      for (const { ends, kind, of, used } of targets) {
        expect(ends).toHaveLength(1);
        const primaries = new Set(from.routes.map(({ primary }) => primary));
        expect(used).toBe(kind === 'flow' || primaries.has(of));
      }
    }
  });

  it('are led by routes of their own to every path, in the kernel', () => {
    for (const { gateway } of states()) {
      const state = planned.state(gateway);
      const { objects } = wantedHost(state, {
        endpoints: new Map(),
        keys: null,
        selections: [],
        openReservations: [],
      });
      const routes = new Set(objects.filter(({ kind }) => kind === 'route').map(({ key }) => key));
      for (const { ipv4, ipv6 } of pathTraffic(state).values()) {
        expect(routes).toContain(`${ipv4}/32 table 17992 metric 177`);
        expect(routes).toContain(`${ipv6}/128 table 17992 metric 177`);
      }
    }
  });
});

describe('an MTU that is lowered', () => {
  it('is that of routes, clamps and what is too long, by family, and no more than planned', async () => {
    const planned = await plannedGateways(exampleNetwork());
    const state = planned.state(planned.plan.gateways[0].id);
    const path = state.paths.find(({ id }) => state.routes.some(({ primary }) => primary === id))!;
    const route = state.routes.find(({ primary }) => primary === path.id)!;
    const settings = {
      endpoints: new Map<string, string>(),
      keys: null,
      selections: [],
      openReservations: [],
    };
    const of = (bytes: number) =>
      wantedHost(state, { ...settings, pathMtus: new Map([[path.id, bytes]]) }).objects;
    const mtuOf = (bytes: number, prefix: string) => {
      const found = of(bytes).find(
        (o) => o.kind === 'route' && o.key.startsWith(`${prefix} table 180`) && o.value.includes('mtu'),
      );
      return Number(/mtu (\d+)/.exec(found!.value)![1]);
    };
    expect(mtuOf(1300, route.ipv4Prefixes[0])).toBe(1300);
    expect(mtuOf(1300, route.ipv6Prefixes[0])).toBe(1300);
    // IPv6 hosts cannot be told less (RFC 8200 section 5).
    expect([mtuOf(1140, route.ipv4Prefixes[0]), mtuOf(1140, route.ipv6Prefixes[0])]).toEqual([1140, 1280]);
    const script = of(1300).find(({ kind }) => kind === 'marking')!.script!;
    expect(script).toContain('maxseg size set 1260');
    expect(script).toContain('meta length > 1300');
    expect(lowerMtus(state, new Map([[path.id, 9000]])).paths).toEqual(state.paths);
    expect(lowerMtus(state, new Map())).toBe(state);
  });
});

describe('what is said of traffic', () => {
  const sentMs = Array.from({ length: 1000 }, (_, i) => i * 10);

  it('is held against a stream: up while all of three seconds is lost is a lie', () => {
    const arrived = sentMs.map((_, i) => i).filter((i) => i < 300 || i > 700);
    const stream = { sentMs, sequences: arrived };
    const claims = [2_000, 5_000, 6_200, 6_500, 7_500].map((atMs) => ({ atMs, up: true }));
    expect(heldAgainst(stream, claims, 3_000)).toEqual([6_200, 6_500]);
    expect(
      heldAgainst(
        stream,
        claims.map(({ atMs }) => ({ atMs, up: false })),
        3_000,
      ),
    ).toEqual([]);
  });

  it('is no lie while one packet in three seconds arrives, or less was watched', () => {
    const claims = [
      { atMs: 2_000, up: true },
      { atMs: 9_000, up: true },
    ];
    expect(heldAgainst({ sentMs, sequences: [700] }, claims, 3_000)).toEqual([]);
  });
});

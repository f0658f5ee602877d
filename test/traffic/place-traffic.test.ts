import type { Topology } from '../../lib/graph';
import { freezeTopology } from '../../lib/graph';
import type { Constraints, QosClass } from '../../lib/model';
import { compileRequest } from '../../lib/routing';
import type { TrafficDemand } from '../../lib/traffic';
import { loadSolver } from '../../lib/project/solver';
import { placeTraffic } from '../../lib/traffic';
import { both, line, network, ring } from '../support/routing-fixtures';

function demand(
  topology: Topology,
  id: string,
  [from, to]: readonly [string, string],
  mbps: number,
  qosClass: QosClass,
  more: { maxLatencyMs?: number; constraints?: Partial<Constraints> } = {},
): TrafficDemand {
  const request = compileRequest(topology, { strategy: 'latency', constraints: more.constraints });
  return { id, from, to, mbps, class: qosClass, maxLatencyMs: more.maxLatencyMs ?? null, request };
}

/** Two regions with four parallel links. */
const fourLinks = freezeTopology(
  network([1000, 400, 200, 100].map((mbps, i) => both('a', 'b', { link: `p${i}`, availableMbps: mbps }))),
);

describe('traffic', () => {
  it('of WECMP uses all that parallel paths of 1000, 400, 200 and 100 Mbps can carry, in 16 units', () => {
    const offered = demand(fourLinks, 'd', ['a', 'b'], 5000, 'best-effort');
    const [placed] = placeTraffic({
      topology: fourLinks,
      demands: [offered],
      modes: { 'best-effort': 'wecmp' },
    }).classes;
    const [d] = placed.demands;
    expect(d.paths.map((p) => p.weight)).toEqual([10, 4, 2, 1]);
    expect(d.carriedMbps).toBeGreaterThanOrEqual(0.99 * 1700);
    expect(d.lostRatio).toBe(0);
  });

  it('of ECMP is held back by the narrowest of its equal parts', () => {
    const offered = demand(fourLinks, 'd', ['a', 'b'], 5000, 'best-effort');
    const [placed] = placeTraffic({
      topology: fourLinks,
      demands: [offered],
      modes: { 'best-effort': 'ecmp' },
    }).classes;
    expect(placed.demands[0].carriedMbps).toBe(400);
    expect(placed.demands[0].paths.map((p) => p.mbps)).toEqual([100, 100, 100, 100]);
  });

  it('of a higher class comes first, and a lower one gets what is left', async () => {
    const topology = freezeTopology(line);
    const solver = loadSolver();
    const traffic = placeTraffic({
      topology,
      solver,
      demands: [
        demand(topology, 'backup', ['a', 'd'], 900, 'bulk'),
        demand(topology, 'video', ['a', 'd'], 300, 'realtime'),
        demand(topology, 'control', ['b', 'd'], 200, 'critical'),
      ],
    });
    expect(traffic.classes.map((c) => c.class)).toEqual(['critical', 'realtime', 'bulk']);
    expect(traffic.classes.map((c) => c.demands[0].carriedMbps)).toEqual([200, 300, 500]);
    expect(traffic.classes[2].offeredRatio).toBeCloseTo(900 / 500, 9);
    expect(traffic.classes[2].conflict).toBeNull();
    expect(traffic.utilisationRatio).toBe(1);
  });

  it('keeps to a latency bound even where that makes the fullest link fuller', async () => {
    const topology = freezeTopology(
      network([
        both('a', 'b', { latencyMs: 5 }),
        both('a', 'c', { latencyMs: 20 }),
        both('c', 'b', { latencyMs: 20 }),
      ]),
    );
    const solver = loadSolver();
    const place = (maxLatencyMs?: number) =>
      placeTraffic({
        topology,
        solver,
        demands: [demand(topology, 'd', ['a', 'b'], 800, 'bulk', { maxLatencyMs })],
      }).classes[0];
    expect(place().utilisationRatio).toBeCloseTo(0.4, 9);
    expect(place(10).utilisationRatio).toBeCloseTo(0.8, 9);
    expect(place(10).certificate!.bound).toBeCloseTo(0.8, 9);
    expect(place(2).demands[0].refusal?.code).toBe('constrained');
  });

  it('that is inelastic and does not fit names the conflict, the links and the cheapest repair', async () => {
    const topology = freezeTopology(ring);
    const solver = loadSolver();
    const [placed] = placeTraffic({
      topology,
      solver,
      modes: { realtime: 'te' },
      demands: [
        demand(topology, 'big', ['a', 'b'], 1500, 'realtime'),
        demand(topology, 'second', ['a', 'd'], 800, 'realtime'),
        demand(topology, 'small', ['c', 'd'], 10, 'realtime'),
      ],
    }).classes;
    expect(placed.offeredRatio).toBeCloseTo(1.15, 9);
    expect(placed.conflict!.demands).toEqual(['big', 'second']);
    expect(placed.conflict!.links.map((l) => `${l.link} ${l.from}`)).toEqual(['link-a-b a', 'link-a-d a']);
    const { upgrades, usdPerMonth } = placed.conflict!.repair!;
    expect(upgrades.reduce((sum, u) => sum + u.addMbps, 0)).toBeCloseTo(300, 5);
    expect(usdPerMonth).toBeCloseTo(300 * 328.5 * 0.02, 4);
  });

  it('never counts an unknown price as zero in a repair', async () => {
    const topology = freezeTopology(network([both('a', 'b', { costPerGbUsd: null, availableMbps: 100 })]));
    const [placed] = placeTraffic({
      topology,
      solver: loadSolver(),
      demands: [demand(topology, 'd', ['a', 'b'], 150, 'critical')],
    }).classes;
    expect(placed.conflict!.repair).toEqual({
      upgrades: [{ link: 'link-a-b', from: 'a', to: 'b', addMbps: 50, usdPerMonth: null }],
      usdPerMonth: null,
      unknownCostLinks: ['link-a-b'],
    });
  });

  it('gets finer weights where coarse ones would refuse an inelastic demand that fits', async () => {
    const [placed] = placeTraffic({
      topology: fourLinks,
      solver: loadSolver(),
      modes: { realtime: 'te' },
      demands: [demand(fourLinks, 'd', ['a', 'b'], 1690, 'realtime')],
    }).classes;
    expect(placed.demands[0].carriedMbps).toBe(1690);
    expect(placed.units).toBeGreaterThan(16);
  });

  it('is split without a solver too, and says that it is an approximation and how far off', () => {
    const [placed] = placeTraffic({
      topology: fourLinks,
      demands: [demand(fourLinks, 'd', ['a', 'b'], 850, 'bulk')],
    }).classes;
    expect(placed.method).toBe('approximate');
    expect(placed.certificate!.bound).toBeLessThanOrEqual(0.5 + 1e-9);
    expect(placed.offeredRatio! * (1 - placed.certificate!.gapRatio)).toBeCloseTo(
      placed.certificate!.bound,
      9,
    );
    expect(placed.certificate!.gapRatio).toBeLessThan(0.05);
  });

  it('never loads a link above what it has, whatever is offered', async () => {
    const topology = freezeTopology(ring);
    const solver = loadSolver();
    const ids = ['a', 'b', 'c', 'd'];
    for (const offered of [100, 400, 1000, 5000]) {
      const demands = ids.flatMap((from, i) =>
        ids
          .filter((to) => to !== from)
          .map((to, j) => {
            const name = (['critical', 'realtime', 'interactive', 'bulk', 'best-effort'] as const)[
              (i + j) % 5
            ];
            return demand(topology, `${from}${to}`, [from, to], offered, name);
          }),
      );
      const traffic = placeTraffic({ topology, demands, solver });
      traffic.loadMbps.forEach((load, a) =>
        expect(load).toBeLessThanOrEqual(topology.availableMbps[a] + 1e-5),
      );
      const again = placeTraffic({ topology, demands: [...demands].reverse(), solver });
      expect(JSON.stringify(again)).toBe(JSON.stringify(traffic));
    }
  });

  it('gets what is left where that is a billionth of what it asks for', () => {
    const topology = freezeTopology(network([both('a', 'b', { availableMbps: 4e-6 })]));
    const [placed] = placeTraffic({
      topology,
      solver: loadSolver(),
      demands: [demand(topology, 'd', ['a', 'b'], 9000, 'bulk')],
    }).classes;
    expect(placed.demands[0].paths).toHaveLength(1);
    expect(placed.demands[0].carriedMbps).toBeLessThanOrEqual(4e-6);
  });

  it('of TE shares full links by the splits that are deployed, not by those before rounding', () => {
    const topology = freezeTopology(
      network([both('a', 'b', { availableMbps: 30 }), both('b', 'c', { availableMbps: 100 })]),
    );
    const [placed] = placeTraffic({
      topology,
      solver: loadSolver(),
      demands: [
        demand(topology, 'long', ['a', 'c'], 60, 'bulk'),
        demand(topology, 'short', ['b', 'c'], 100, 'bulk'),
      ],
    }).classes;
    expect(placed.demands.map((d) => d.carriedMbps)).toEqual([30, 70]);
  });

  it('refuses misuse: unknown regions, repeated ids, negative figures, requests of other topologies', () => {
    const topology = freezeTopology(ring);
    const good = demand(topology, 'd', ['a', 'b'], 1, 'bulk');
    const place = (demands: TrafficDemand[]) => () => placeTraffic({ topology, demands });
    expect(place([{ ...good, to: 'x' }])).toThrow("demand 'd': no region 'x'");
    expect(place([good, good])).toThrow("demand 'd' is there twice");
    expect(place([{ ...good, mbps: -1 }])).toThrow('not negative');
    expect(place([demand(freezeTopology(line), 'd', ['a', 'b'], 1, 'bulk')])).toThrow('another topology');
  });
});

import type { Spread } from '../../lib/model';
import { loadSolver } from '../../lib/project/solver';
import { freezeTopology, type Topology } from '../../lib/graph';
import { compileRequest } from '../../lib/routing';
import {
  placeTraffic,
  type ClassPlacement,
  type PreviousSplits,
  type TrafficDemand,
} from '../../lib/traffic';
import { pathMipMoved, pathLpUtilisation } from '../reference/traffic-path-lp';
import { listPaths } from '../reference/routing-enumeration';
import { seeded, type Seeded } from '../support/random-seeded';
import { both, network } from '../support/routing-fixtures';
import { randomTopology } from '../support/random-topology';

const seed = 20261125;
const solver = loadSolver();

/** What a placement was, for the next one. */
function remember(placed: ClassPlacement, toleranceRatio: number): PreviousSplits {
  return {
    toleranceRatio,
    split: ({ id }) => {
      const d = placed.demands.find((x) => x.id === id);
      if (!d || d.paths.length === 0) return undefined;
      const paths = d.paths.map(({ path, weight }) => ({ arcs: path.arcs, weight }));
      return { mode: placed.mode, units: placed.units, paths };
    },
  };
}

function place(
  topology: Topology,
  demands: readonly TrafficDemand[],
  mode: Spread,
  capacityMbps: Float64Array,
  previous: PreviousSplits | null = null,
): ClassPlacement | undefined {
  return placeTraffic({ topology, demands, modes: { bulk: mode }, capacityMbps, solver, previous })
    .classes[0];
}

/** Mbps on the path with these arcs, if whole demands are carried. */
function parts(placed: ClassPlacement, id: string, mbps: number): ReadonlyMap<string, number> {
  const { paths } = placed.demands.find((d) => d.id === id)!;
  const sum = paths.reduce((s, p) => s + p.weight, 0);
  return new Map(paths.map((p) => [p.path.arcs.join(), (mbps * p.weight) / sum]));
}

function weights(placed: ClassPlacement, id: string): ReadonlyMap<string, number> {
  return new Map(placed.demands.find((d) => d.id === id)!.paths.map((p) => [p.path.arcs.join(), p.weight]));
}

function moved(before: ClassPlacement, after: ClassPlacement, demands: readonly TrafficDemand[]): number {
  return demands.reduce((total, { id, mbps }) => {
    const was = parts(before, id, mbps);
    return [...parts(after, id, mbps)].reduce(
      (s, [arcs, m]) => s + Math.max(0, m - (was.get(arcs) ?? 0)),
      total,
    );
  }, 0);
}

/** Demands on a random network that has room for them, and what becomes of its capacities and theirs. */
function randomChange(random: Seeded) {
  const input = randomTopology(random, 6, 11);
  const topology = freezeTopology(input);
  const request = compileRequest(topology, { strategy: 'latency' });
  const ids = topology.nodes;
  const first = Array.from({ length: random.whole(2, 6) }, (_, i): TrafficDemand => {
    const from = random.pick(ids);
    const to = random.pick(ids.filter((id) => id !== from));
    const mbps = random.pick([16, 32, 48, 80]);
    return { id: `d${i}`, from, to, mbps, class: 'bulk', maxLatencyMs: null, request };
  });
  const listed = first.map((d) => listPaths({ input, strategy: 'latency' }, d.from, d.to));
  const demands = first.filter((_, i) => listed[i].length > 0);
  const paths = listed
    .filter((list) => list.length > 0)
    .map((list) => list.map((p) => p.arcs.map((a) => arcNumber(topology, a.link, a.from))));
  const before = Float64Array.from(topology.availableMbps as Float64Array);
  const after = before.slice();
  const lost = random.whole(0, topology.links.length - 1);
  for (const a of [topology.linkArc[2 * lost], topology.linkArc[2 * lost + 1]])
    if (a >= 0) after[a] = random.chance(0.6) ? 0 : after[a] / 4;
  const later = demands.map((d) => (random.chance(0.2) ? { ...d, mbps: d.mbps * 2 } : d));
  return { topology, demands, later, paths, before, after };
}

function arcNumber(topology: Topology, link: string, from: string): number {
  const [l, v] = [topology.linkIndex.get(link)!, topology.nodeIndex.get(from)!];
  return [topology.linkArc[2 * l], topology.linkArc[2 * l + 1]].find(
    (a) => a >= 0 && topology.tail[a] === v,
  )!;
}

describe(`splits kept from a previous plan, seed ${seed}`, () => {
  it.each([
    [0, 0.5],
    [0.1, 0.15],
    [0.5, 0.02],
  ])('of te move little more than the least possible, within a tolerance of %d', (tolerance, share) => {
    const random = seeded(seed);
    const total = { least: 0, ours: 0, fresh: 0 };
    for (let i = 0; i < 60; i++) {
      const { topology, demands, later, paths, before, after } = randomChange(random);
      const was = place(topology, demands, 'te', before);
      const fresh = place(topology, later, 'te', after);
      if (!was || !fresh || fresh.demands.some((d) => d.paths.length === 0)) continue;
      if (fresh.offeredRatio! > 1 || was.offeredRatio! > 1) continue;
      const now = place(topology, later, 'te', after, remember(was, tolerance))!;
      const near = fresh.offeredRatio! * (1 + tolerance);
      const limit = Math.min(1, Math.max(near, fresh.utilisationRatio));
      // Only where nothing else reaches the limit either is the class planned afresh.
      if (now.stands!.differs) expect(now.utilisationRatio).toBeLessThanOrEqual(limit * (1 + 1e-6));
      else expect(now.demands.map((d) => d.paths)).toEqual(fresh.demands.map((d) => d.paths));
      expect(now.certificate).toEqual(fresh.certificate);
      const input = {
        capacity: [...after],
        demands: later.map((d, k) => ({ mbps: d.mbps, paths: paths[k] })),
      };
      expect(Math.abs(pathLpUtilisation(solver, input) / fresh.offeredRatio! - 1)).toBeLessThan(1e-5);
      const had = later.map((d, k) => paths[k].map((p) => weights(was, d.id).get(p.join()) ?? 0));
      const most = limit * (1 + 1e-7);
      const least = pathMipMoved(solver, input, had, most, 16, 4)!;
      const ours = moved(was, now, later);
      expect(ours).toBeGreaterThanOrEqual(least - 1e-4);
      expect(ours).toBeLessThanOrEqual(moved(was, fresh, later) + 1e-6);
      total.least += least;
      total.ours += ours;
      total.fresh += moved(was, fresh, later);
    }
    // Of what planning afresh moves for nothing, so much is left.
    expect(total.ours - total.least).toBeLessThan(share * (total.fresh - total.least));
  });

  const square = freezeTopology(
    network([
      both('a', 'b', { latencyMs: 10 }),
      both('a', 'c', { latencyMs: 5 }),
      both('b', 'c', { latencyMs: 5.8 }),
    ]),
  );
  const all = Float64Array.from(square.availableMbps as Float64Array);
  const request = compileRequest(square, { strategy: 'latency' });
  const one = (mbps: number): TrafficDemand[] => [
    { id: 'd', from: 'a', to: 'b', mbps, class: 'bulk', maxLatencyMs: null, request },
  ];
  const without = (from: string, to: string) =>
    all.map((mbps, a) => {
      const [tail, head] = [square.nodes[square.tail[a]], square.nodes[square.head[a]]];
      return tail === from && head === to ? 0 : mbps;
    });
  const around = [arcNumber(square, 'link-a-c', 'a'), arcNumber(square, 'link-b-c', 'c')];
  const was = (mode: Spread, toleranceRatio: number, ...paths: readonly (readonly number[])[]) => ({
    toleranceRatio,
    split: () => ({ mode, units: 16, paths: paths.map((arcs) => ({ arcs, weight: 1 })) }),
  });

  it('of single stay on a path within the tolerance, and leave it beyond', () => {
    const kept = place(square, one(100), 'single', all, was('single', 0.1, around))!;
    expect(kept.demands[0].paths.map((p) => p.path.arcs)).toEqual([around]);
    expect(kept.stands).toMatchObject({ differs: true, kept: ['d'], againstRatio: null });
    const left = place(square, one(100), 'single', all, was('single', 0.05, around))!;
    expect(left.demands[0].paths.map((p) => p.path.arcs)).not.toEqual([around]);
    expect(left.stands!.faults.get('d')).toBe('better');
  });

  it('of single leave a path on which they would not fit', () => {
    const narrow = without('c', 'b').map((mbps, a) => (a === around[1] ? 50 : mbps));
    const left = place(square, one(100), 'single', narrow, was('single', 0.1, around))!;
    expect(left.demands[0].carriedMbps).toBe(100);
    expect(left.stands!.faults.get('d')).toBe('room');
  });

  it('of ecmp spread again over a link that comes back', () => {
    const alone = place(square, one(100), 'ecmp', all, was('ecmp', 0.1, around))!;
    expect(alone.demands[0].paths.map((p) => p.weight)).toEqual([1, 1]);
    expect(alone.stands!.faults.get('d')).toBe('room');
  });

  it('of te that does not fit stand whole where nobody is carried worse', () => {
    const before = place(square, one(3000), 'te', all)!;
    expect(before.offeredRatio).toBeGreaterThan(1);
    const again = place(square, one(3100), 'te', all, remember(before, 0.1))!;
    expect(moved(before, again, one(3100))).toBe(0);
  });

  it('say why they do not stand: a link is gone, or the policy permits it no more', () => {
    const gone = {
      toleranceRatio: 0.1,
      split: () => ({ mode: 'te' as const, units: 16, paths: [{ arcs: null, weight: 16 }] }),
    };
    expect(place(square, one(100), 'te', all, gone)!.stands!.faults.get('d')).toBe('gone');
    const strict = compileRequest(square, { strategy: 'latency', constraints: { maxHops: 1 } });
    const [demand] = one(100);
    const placed = place(
      square,
      [{ ...demand, request: strict }],
      'single',
      all,
      was('single', 0.1, around),
    )!;
    expect(placed.stands!.faults.get('d')).toBe('policy');
  });
});

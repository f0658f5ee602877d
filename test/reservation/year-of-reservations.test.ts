import type { Topology } from '../../lib/graph';
import type { Ask, Holding } from '../../lib/reservation';
import { qosClasses } from '../../lib/model';
import { AdmissionAuthority } from '../../lib/reservation';
import { poolKbps, poolsOf } from '../../lib/reservation/bandwidth-model';
import { compileRequest } from '../../lib/routing';
import { mostHeld } from '../reference/reservation-sweep';
import { seeded } from '../support/random-seeded';
import { seeds } from '../support/seeds';
import { backboneTopology } from './backbone-topology';
import { randomAsk } from './random-asks';

/** As crowded in a quarter as in the year. */
const count = seeds(25_000, 100_000);
const days = Math.round((365 * count) / 100_000);
const seed = 7;
/** As crowded in five days as in twenty. */
const crowd = seeds(5_000, 20_000);
/** In quarters of an hour, with stays of up to two days. */
const shape = {
  kbps: [100, 200_000] as const,
  unitMs: 900_000,
  span: days * 96,
  longest: 192,
  priorities: false,
};

/** Regions that the source of an ask reaches over arcs with room, by the list of what is held alone. */
function reaches(topology: Topology, ask: Ask, on: readonly (readonly Holding[])[]): boolean {
  const roomy = (arc: number) => {
    const limit = topology.availableMbps[arc] * 1000 * (ask.class === 'critical' ? 1 : 0.8) - ask.kbps;
    const [first, last] = [ask.intervals[0].startMs, ask.intervals[ask.intervals.length - 1].endMs];
    const near = on[arc].filter((h) => h.intervals.some((i) => i.startMs < last && i.endMs > first));
    const at = (t: number) =>
      near.reduce(
        (sum, h) => sum + (h.intervals.some((i) => i.startMs <= t && t < i.endMs) ? h.kbps[0] : 0),
        0,
      );
    const starts = [...ask.intervals, ...near.flatMap((h) => h.intervals)].map((i) => i.startMs);
    return starts
      .filter((t) => ask.intervals.some((i) => i.startMs <= t && t < i.endMs))
      .every((t) => at(t) <= limit);
  };
  const reached = new Set([topology.nodeIndex.get(ask.from)!]);
  for (const v of reached) {
    for (let a = topology.first[v]; a < topology.first[v + 1]; a++)
      if (!reached.has(topology.head[a]) && roomy(a)) reached.add(topology.head[a]);
  }
  return reached.has(topology.nodeIndex.get(ask.to)!);
}

describe(`${days} days of ${count} reservations on 197 regions (seed ${seed})`, () => {
  const random = seeded(seed);
  const topology = backboneTopology(random);
  const request = compileRequest(topology, { strategy: 'latency' });
  const authority = new AdmissionAuthority(topology);
  const asks = Array.from({ length: count }, (_, i) => randomAsk(random, topology, request, `x${i}`, shape));

  it('is admitted without a wrong refusal: where one is refused no path has room', () => {
    const on: Holding[][] = Array.from({ length: topology.arcCount }, () => []);
    let [refused, checked, wrong] = [0, 0, 0];
    for (const ask of asks) {
      if (authority.admit(ask, { explain: false }).admitted) {
        const holding = authority.get(ask.id)!;
        for (const arc of holding.arcs) on[arc].push(holding);
      } else if (refused++ % (count / 1000) === 0) {
        checked++;
        if (reaches(topology, ask, on)) wrong++;
      }
    }
    process.stdout.write(
      `${days} days: ${count - refused} admitted, ${refused} refused, ${checked} checked\n`,
    );
    expect(wrong).toBe(0);
    expect(checked).toBeGreaterThanOrEqual(100);
  });

  it('never holds more than a link carries at any instant', () => {
    const most = mostHeld(authority.holdings(), topology.arcCount);
    let over = 0;
    for (let a = 0; a < topology.arcCount; a++) if (most[a] > topology.availableMbps[a] * 1000) over++;
    expect(over).toBe(0);
    const ordinary = authority.holdings().filter((h) => h.class !== 'critical');
    const below = mostHeld(ordinary, topology.arcCount);
    expect(below.filter((kbps, a) => kbps > topology.availableMbps[a] * 800)).toHaveLength(0);
    // The calendar, which answered, holds the same.
    const booked = most.map((_, a) => Math.max(...authority.reserved(a).map(([, kbps]) => kbps)));
    expect(booked).toEqual(most);
  });

  it('gives everything back to the last bit', () => {
    const ids = authority.holdings().map((h) => h.id);
    const half = authority.releaseEnded(Math.round(days * 0.493) * 96 * shape.unitMs);
    expect(half.length).toBeGreaterThan(count / 4);
    for (const id of ids) authority.release(id);
    for (let a = 0; a < topology.arcCount; a++) expect(authority.reserved(a)).toEqual([[-Infinity, 0]]);
    expect(authority.holdings()).toEqual([]);
  });
});

describe.each(['mam', 'rdm'] as const)(`${crowd} reservations under %s (seed 8)`, (kind) => {
  it('never hold more in a pool than its share of a link at any instant', () => {
    const random = seeded(8);
    const topology = backboneTopology(random);
    const request = compileRequest(topology, { strategy: 'latency' });
    const shares = { critical: 0.2, realtime: 0.3, interactive: 0.4, bulk: 0.5, 'best-effort': 0.9 };
    const model = { kind, shares };
    const authority = new AdmissionAuthority(topology, { model });
    const crowded = { ...shape, span: (crowd / 1000) * 96 };
    const refused = Array.from({ length: crowd }, (_, i) =>
      randomAsk(random, topology, request, `x${i}`, crowded),
    ).filter((ask) => !authority.admit(ask, { explain: false }).admitted).length;
    process.stdout.write(`${kind}: ${crowd - refused} admitted, ${refused} refused\n`);
    let full = 0;
    for (const pool of poolsOf(model)) {
      const held = authority.holdings().filter((h) => pool.holds[qosClasses.indexOf(h.class)]);
      mostHeld(held, topology.arcCount).forEach((kbps, a) => {
        const most = poolKbps(pool, topology.availableMbps[a] * 1000);
        expect(kbps).toBeLessThanOrEqual(most);
        if (kbps > 0.9 * most) full++;
      });
    }
    expect(full).toBeGreaterThan(crowd / 200);
  });
});

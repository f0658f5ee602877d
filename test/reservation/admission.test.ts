import type { Topology } from '../../lib/graph';
import { freezeTopology } from '../../lib/graph';
import type { Reservation } from '../../lib/model';
import type { Ask } from '../../lib/reservation';
import { AdmissionAuthority, always, askOf, carriedKbps, promisedKbps } from '../../lib/reservation';
import { compileRequest } from '../../lib/routing';
import { seeded } from '../support/random-seeded';
import { randomTopology } from '../support/random-topology';
import { both, line, network, ring } from '../support/routing-fixtures';
import { randomAsk } from './random-asks';

const hour = 3_600_000;
const nine = Date.UTC(2026, 11, 1, 9);

function topologyAndAsk(input: Parameters<typeof freezeTopology>[0], constraints = {}) {
  const topology = freezeTopology(input);
  const request = compileRequest(topology, { strategy: 'latency', constraints });
  const ask = (id: string, from: string, to: string, mbps: number, given: Partial<Ask> = {}): Ask => ({
    id,
    from,
    to,
    kbps: mbps * 1000,
    class: 'bulk',
    setupPriority: 7,
    holdingPriority: 7,
    intervals: [{ startMs: nine, endMs: nine + hour }],
    request,
    candidates: [],
    ...given,
  });
  return { topology, ask };
}

function arc(topology: Topology, link: string, from: string): number {
  for (let a = 0; a < topology.arcCount; a++) {
    if (topology.links[topology.link[a]] === link && topology.nodes[topology.tail[a]] === from) return a;
  }
  throw new Error(`no arc of ${link} from ${from}`);
}

describe('admission', () => {
  it('takes 80 % of a link unless it is critical, which may go into the headroom', () => {
    const { topology, ask } = topologyAndAsk(line);
    const authority = new AdmissionAuthority(topology);
    expect(authority.admit(ask('a', 'a', 'b', 800)).admitted).toBe(true);
    expect(authority.admit(ask('b', 'a', 'b', 1)).admitted).toBe(false);
    expect(authority.admit(ask('c', 'a', 'b', 200, { class: 'critical' })).admitted).toBe(true);
    expect(authority.admit(ask('d', 'a', 'b', 0.001, { class: 'critical' })).admitted).toBe(false);
  });

  it('counts one direction of a link apart from the other', () => {
    const { topology, ask } = topologyAndAsk(line);
    const authority = new AdmissionAuthority(topology);
    authority.admit(ask('there', 'a', 'b', 800));
    expect(authority.admit(ask('back', 'b', 'a', 800)).admitted).toBe(true);
  });

  it('gives what one reservation leaves at an instant to the next from that instant on', () => {
    const { topology, ask } = topologyAndAsk(line);
    const authority = new AdmissionAuthority(topology);
    authority.admit(ask('nine', 'a', 'b', 800));
    const next = [{ startMs: nine + hour, endMs: nine + 2 * hour }];
    expect(authority.admit(ask('ten', 'a', 'b', 800, { intervals: next })).admitted).toBe(true);
    const across = [{ startMs: nine + hour - 1, endMs: nine + hour + 1 }];
    expect(authority.admit(ask('across', 'a', 'b', 1, { intervals: across })).admitted).toBe(false);
  });

  it('takes a planned candidate with room before a better path that is not planned', () => {
    const { topology, ask } = topologyAndAsk(ring);
    const authority = new AdmissionAuthority(topology);
    const direct = [arc(topology, 'link-a-b', 'a')];
    const around = ['a', 'd', 'c'].map((from, i) =>
      arc(topology, ['link-a-d', 'link-c-d', 'link-b-c'][i], from),
    );
    expect(authority.admit(ask('x', 'a', 'b', 500, { candidates: [around, direct] }))).toMatchObject({
      arcs: around,
    });
    expect(authority.admit(ask('y', 'a', 'b', 500, { candidates: [around, direct] }))).toMatchObject({
      arcs: direct,
    });
  });

  it('keeps to the policy of the ask', () => {
    const { topology, ask } = topologyAndAsk(ring, { maxLatencyMs: 10 });
    const authority = new AdmissionAuthority(topology);
    authority.admit(ask('x', 'a', 'b', 800));
    expect(authority.admit(ask('y', 'a', 'b', 800)).admitted).toBe(false);
  });

  it('of a recurring window needs room in every occurrence and holds nothing between', () => {
    const { topology, ask } = topologyAndAsk(line);
    const authority = new AdmissionAuthority(topology);
    const reservation: Reservation = {
      id: 'nightly',
      from: 'a',
      to: 'c',
      bandwidthMbps: 600.0005,
      class: 'bulk',
      setupPriority: 5,
      holdingPriority: 3,
      window: {
        start: '2026-12-01T22:00',
        end: null,
        durationSeconds: 7200,
        recur: 'daily',
        days: [],
        until: '2026-12-31',
        timeZone: 'Europe/Dublin',
      },
    };
    const nightly = askOf(reservation, ask('x', 'a', 'b', 1).request);
    expect([nightly.kbps, nightly.intervals.length, nightly.holdingPriority]).toEqual([600_001, 31, 3]);
    expect(authority.admit(nightly).admitted).toBe(true);
    const [first, second] = nightly.intervals;
    const between = [{ startMs: first.endMs, endMs: second.startMs }];
    expect(authority.admit(ask('day', 'a', 'b', 800, { intervals: between })).admitted).toBe(true);
    expect(authority.admit(ask('both', 'a', 'b', 800, { intervals: [first] })).admitted).toBe(false);
  });

  it('leaves a third of three to the third: 0.1 Mbps ten times is exactly 1 Mbps', () => {
    const { topology, ask } = topologyAndAsk(network([both('a', 'b', { availableMbps: 1 })]));
    const authority = new AdmissionAuthority(topology, { headroomRatio: 0 });
    const tenth = promisedKbps(0.1);
    for (let i = 0; i < 10; i++)
      expect(authority.admit(ask(`x${i}`, 'a', 'b', 0, { kbps: tenth })).admitted).toBe(true);
    expect(authority.freeKbps(0, 'bulk', [{ startMs: nine, endMs: nine + 1 }])).toBe(0);
    expect([promisedKbps(1.001), carriedKbps(1.001), promisedKbps(0.0001), carriedKbps(0.0001)]).toEqual([
      1001, 1001, 1, 0,
    ]);
  });

  it.each([-100, 0, NaN, Infinity, 0.5])(
    'negative bandwidth never raises capacity: %d kbps is refused',
    (kbps) => {
      const { topology, ask } = topologyAndAsk(line);
      const authority = new AdmissionAuthority(topology);
      const before = authority.freeKbps(0, 'bulk');
      expect(authority.admit(ask('x', 'a', 'b', 0, { kbps }))).toMatchObject({
        refusal: { code: 'bad-amount' },
      });
      expect(authority.hold('y', [{ arc: 0, kbps }], 'bulk')).toMatchObject({ code: 'bad-amount' });
      expect([authority.freeKbps(0, 'bulk'), authority.holdings()]).toEqual([before, []]);
    },
  );

  it('refuses priorities out of order and windows without time as values, and throws on misuse', () => {
    const { topology, ask } = topologyAndAsk(line);
    const authority = new AdmissionAuthority(topology);
    const code = (given: Partial<Ask>) => {
      const result = authority.admit(ask('x', 'a', 'b', 1, given));
      return result.admitted ? 'admitted' : result.refusal.code;
    };
    expect(code({ setupPriority: 3, holdingPriority: 4 })).toBe('bad-priority');
    expect(code({ setupPriority: 8, holdingPriority: 0 })).toBe('bad-priority');
    expect(code({ intervals: [] })).toBe('no-time');
    expect(() => code({ to: 'nowhere' })).toThrow(RangeError);
    expect(() => code({ intervals: [...always, ...always] })).toThrow('apart');
    expect(() => code({ candidates: [[arc(topology, 'link-b-c', 'b')]] })).toThrow('does not lead');
    const [there, back] = [arc(topology, 'link-a-b', 'a'), arc(topology, 'link-a-b', 'b')];
    expect(() => code({ candidates: [[there, back, there]] })).toThrow('does not lead');
    expect(code({})).toBe('admitted');
    expect(() => code({})).toThrow('holds bandwidth already');
  });
});

describe('a refusal', () => {
  it('says why and what would fit: less, later, or outside the policy', () => {
    const { topology, ask } = topologyAndAsk(ring, { maxHops: 2 });
    const authority = new AdmissionAuthority(topology);
    authority.admit(ask('x', 'a', 'b', 500));
    const result = authority.admit(ask('y', 'a', 'b', 400), { nowMs: nine - hour });
    const around = ['a', 'd', 'c'].map((from, i) =>
      arc(topology, ['link-a-d', 'link-c-d', 'link-b-c'][i], from),
    );
    const direct = [arc(topology, 'link-a-b', 'a')];
    expect(result).toEqual({
      admitted: false,
      refusal: {
        code: 'no-bandwidth',
        message:
          "no path from 'a' to 'b' has 400 Mbps for class bulk in the whole window; " +
          "on a>b link 'link-a-b' from 'a' to 'b' has 300 Mbps left",
        nearest:
          '300 Mbps in this window on a>b; or all of it from 2026-12-01T10:00:00.000Z on a>b; ' +
          'or all of it now on a>d>c>b, outside the policy',
        shortages: [{ arc: direct[0], link: 'link-a-b', freeKbps: 300_000 }],
        alternatives: {
          lessBandwidth: { kbps: 300_000, arcs: direct },
          anotherWindow: { shiftMs: hour, startMs: nine + hour, arcs: direct, earliest: true },
          anotherPath: { arcs: around },
        },
      },
    });
  });

  it('without a route repeats what routing says', () => {
    const { topology, ask } = topologyAndAsk(network([both('a', 'b')], ['c']));
    const result = new AdmissionAuthority(topology).admit(ask('x', 'a', 'c', 1));
    expect(result).toMatchObject({ refusal: { code: 'no-route', message: /no links lead from 'a' to 'c'/ } });
  });

  it('offers no other window to what is more than the links carry, or asks for always', () => {
    const { topology, ask } = topologyAndAsk(line);
    const authority = new AdmissionAuthority(topology);
    const large = authority.admit(ask('x', 'a', 'b', 900));
    expect(large).toMatchObject({ refusal: { alternatives: { anotherWindow: null } } });
    authority.admit(ask('y', 'a', 'b', 800));
    const forever = authority.admit(ask('z', 'a', 'b', 100, { intervals: always }));
    expect(forever).toMatchObject({ refusal: { alternatives: { anotherWindow: null } } });
  });

  it('offers what is then admitted, and no less, nor later, than could be (seeds from 1)', () => {
    const shape = { kbps: [50_000, 500_000], unitMs: 1000, span: 12, longest: 6, priorities: false } as const;
    let offers = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const random = seeded(seed);
      const topology = freezeTopology(randomTopology(random, 5, 7));
      const request = compileRequest(topology, { strategy: 'latency' });
      const authority = new AdmissionAuthority(topology);
      for (let i = 0; i < 30; i++) {
        const ask = randomAsk(random, topology, request, `x${i}`, shape);
        const result = authority.admit(ask);
        if (result.admitted) continue;
        const { lessBandwidth, anotherWindow } = result.refusal.alternatives;
        const fits = (given: Partial<Ask>) => {
          const { admitted } = authority.admit({ ...ask, id: 'trial', ...given }, { explain: false });
          authority.release('trial');
          return admitted;
        };
        const later = (shift: number) =>
          ask.intervals.map((t) => ({ startMs: t.startMs + shift, endMs: t.endMs + shift }));
        expect(fits({ kbps: (lessBandwidth?.kbps ?? 0) + 1 })).toBe(false);
        if (lessBandwidth !== null) expect(fits({ kbps: lessBandwidth.kbps })).toBe(true);
        const last = anotherWindow === null ? 60_000 : anotherWindow.shiftMs;
        for (let shift = 1000; shift < last; shift += 1000)
          expect(fits({ intervals: later(shift) })).toBe(false);
        if (anotherWindow === null) continue;
        offers++;
        expect(anotherWindow.earliest).toBe(true);
        expect(fits({ intervals: later(anotherWindow.shiftMs) })).toBe(true);
      }
    }
    expect(offers).toBeGreaterThan(50);
  });
});

describe('the admission authority', () => {
  it('gives traffic placement and reservations one and the same bandwidth', () => {
    const { topology, ask } = topologyAndAsk(line);
    const authority = new AdmissionAuthority(topology);
    const ab = arc(topology, 'link-a-b', 'a');
    expect(
      authority.hold(
        'demand',
        [
          { arc: ab, kbps: 300_000 },
          { arc: ab, kbps: 200_000 },
        ],
        'bulk',
      ),
    ).toBeNull();
    expect(authority.freeKbps(ab, 'bulk')).toBe(300_000);
    expect(authority.admit(ask('x', 'a', 'c', 400)).admitted).toBe(false);
    expect(authority.admit(ask('y', 'a', 'c', 300)).admitted).toBe(true);
    expect(authority.hold('more', [{ arc: ab, kbps: 1 }], 'bulk')).toMatchObject({ code: 'no-bandwidth' });
    expect(authority.release('demand')).toBe(true);
    expect(authority.admit(ask('z', 'a', 'c', 500)).admitted).toBe(true);
  });

  it('holds all amounts of traffic placement or none', () => {
    const { topology } = topologyAndAsk(line);
    const authority = new AdmissionAuthority(topology);
    const [ab, bc] = [arc(topology, 'link-a-b', 'a'), arc(topology, 'link-b-c', 'b')];
    const amounts = [
      { arc: ab, kbps: 100 },
      { arc: bc, kbps: 900_000 },
    ];
    expect(authority.hold('x', amounts, 'bulk')).toMatchObject({
      code: 'no-bandwidth',
      shortages: [{ link: 'link-b-c', freeKbps: 800_000 }],
    });
    expect(authority.reserved(ab)).toEqual([[-Infinity, 0]]);
  });

  it('never preempts what traffic placement holds', () => {
    const { topology, ask } = topologyAndAsk(line);
    const authority = new AdmissionAuthority(topology);
    authority.hold('x', [{ arc: arc(topology, 'link-a-b', 'a'), kbps: 800_000 }], 'best-effort');
    expect(authority.admit(ask('y', 'a', 'b', 1, { setupPriority: 0, holdingPriority: 0 })).admitted).toBe(
      false,
    );
  });

  it('releases bandwidth on removal, to the last bit, whatever happened in between (seeds from 1)', () => {
    const shape = { kbps: [1, 300_000], unitMs: 1, span: 500, longest: 300, priorities: true } as const;
    for (let seed = 1; seed <= 30; seed++) {
      const random = seeded(seed);
      const topology = freezeTopology(randomTopology(random, 7, 10));
      const request = compileRequest(topology, { strategy: 'latency' });
      const shares = { critical: 0.7, realtime: 0.5, interactive: 0.6, bulk: 0.8, 'best-effort': 1 };
      const model = { kind: random.pick(['mam', 'rdm'] as const), shares };
      const authority = new AdmissionAuthority(topology, { model });
      for (let i = 0; i < 150; i++) {
        if (random.chance(0.3)) authority.release(`x${random.whole(0, i)}`);
        authority.admit(randomAsk(random, topology, request, `x${i}`, shape), { explain: false });
        const a = random.whole(0, topology.arcCount - 1);
        authority.hold(`h${i}`, [{ arc: a, kbps: random.whole(1, 50_000) }], 'bulk');
      }
      for (const { id } of authority.holdings()) expect(authority.release(id)).toBe(true);
      expect(authority.release('x0')).toBe(false);
      for (let a = 0; a < topology.arcCount; a++) expect(authority.reserved(a)).toEqual([[-Infinity, 0]]);
    }
  });

  it('releases what has ended and keeps what has not', () => {
    const { topology, ask } = topologyAndAsk(line);
    const authority = new AdmissionAuthority(topology);
    authority.admit(ask('early', 'a', 'b', 100));
    authority.admit(ask('late', 'a', 'b', 100, { intervals: [{ startMs: nine, endMs: nine + 2 * hour }] }));
    authority.admit(ask('always', 'a', 'b', 100, { intervals: always }));
    expect(authority.releaseEnded(nine + hour)).toEqual(['early']);
    expect(authority.holdings().map((h) => h.id)).toEqual(['always', 'late']);
  });
});

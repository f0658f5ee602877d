import { freezeTopology } from '../../lib/graph';
import type { ArcInput } from '../../lib/graph';
import type { Admission, Holding } from '../../lib/reservation';
import { AdmissionAuthority, admitAll } from '../../lib/reservation';
import { compileRequest } from '../../lib/routing';
import type { Booking } from '../reference/reservation-plain-admission';
import { plainAnswer } from '../reference/reservation-plain-admission';
import { mostHeld } from '../reference/reservation-sweep';
import { seeded } from '../support/random-seeded';
import { seeds } from '../support/seeds';
import { randomTopology } from '../support/random-topology';
import { both, network, ring } from '../support/routing-fixtures';
import { randomAsk } from './random-asks';

/** Cases that need preemption. */
const wanted = seeds(2_500, 10_000);
const shape = {
  kbps: [50_000, 700_000] as const,
  unitMs: 1000,
  span: 6,
  longest: 6,
  priorities: true,
};

/** One of very many checks: `expect` would take most of the time. */
function holds(name: string, what: string, condition: boolean): void {
  if (!condition) throw new Error(`${name}: ${what}`);
}

interface Tally {
  cases: number;
  least: number;
  proven: number;
}

/** Networks of at most 12 reservations; every ask that needs preemption is a case. */
function runCases(wanted: number): Tally {
  const tally = { cases: 0, least: 0, proven: 0 };
  for (let seed = 1; tally.cases < wanted; seed++) {
    const random = seeded(seed);
    const input = randomTopology(random, 5, 7);
    const topology = freezeTopology(input);
    if (topology.arcCount === 0) continue;
    const strategy = random.pick(['latency', 'cost', 'balanced'] as const);
    const request = compileRequest(topology, { strategy });
    const authority = new AdmissionAuthority(topology);
    const arcOf = (a: number): ArcInput =>
      input.arcs.find(
        (x) => x.link === topology.links[topology.link[a]] && x.from === topology.nodes[topology.tail[a]],
      )!;
    const booking = (h: Holding): Booking => ({
      id: h.id,
      arcs: h.arcs.map(arcOf),
      kbps: h.kbps[0],
      critical: h.class === 'critical',
      holdingPriority: h.holdingPriority,
      intervals: h.intervals,
    });
    for (let i = 0; i < 40; i++) {
      const before = authority.holdings();
      if (before.length > 12) break;
      const ask = randomAsk(random, topology, request, `x${i}`, shape);
      const admission = authority.admit(ask, { explain: false });
      const bookings = before.map(booking);
      const name = `seed ${seed}, ask ${i}`;
      const { free, leastKbps: least } = plainAnswer({ input, strategy }, bookings, ask);
      if (free !== undefined) {
        holds(name, 'free room is used', admission.admitted && admission.displaced.length === 0);
        const links = authority.get(ask.id)!.arcs.map((a) => topology.links[topology.link[a]]);
        holds(name, 'the best free path is used', links.join(' ') === free.links.join(' '));
        continue;
      }
      holds(name, 'no wrong answer', admission.admitted === (least !== undefined));
      if (!admission.admitted) continue;
      tally.cases++;
      if (admission.victimKbps === least) tally.least++;
      if (admission.victimsProven) tally.proven++;
      checkLegal(name, admission, ask, before, authority);
    }
  }
  return tally;
}

function checkLegal(
  name: string,
  admission: Extract<Admission, { admitted: true }>,
  ask: { id: string; setupPriority: number },
  before: readonly Holding[],
  authority: AdmissionAuthority,
): void {
  const { displaced } = admission;
  const held = new Map(before.map((h) => [h.id, h]));
  const setup = new Map(before.map((h) => [h.id, h.ask!.setupPriority]));
  setup.set(ask.id, ask.setupPriority);
  const direct = displaced.filter((d) => d.by === ask.id);
  const victimKbps = direct.reduce((sum, d) => sum + d.kbps, 0);
  holds(name, 'the victims are reported', victimKbps === admission.victimKbps);
  holds(name, 'nobody is displaced twice', new Set(displaced.map((d) => d.id)).size === displaced.length);
  for (const { id, by, after } of displaced) {
    holds(name, 'victims are weaker', held.get(id)!.holdingPriority > setup.get(by)!);
    const now = authority.get(id)?.arcs ?? null;
    holds(name, 'victims are where the report says', now === after);
  }
  const moved = new Set(displaced.map((d) => d.id));
  for (const h of before) holds(name, 'others stay', moved.has(h.id) || authority.get(h.id) === h);
  const { topology } = authority;
  const most = mostHeld(authority.holdings(), topology.arcCount);
  for (let a = 0; a < topology.arcCount; a++) {
    holds(name, 'no arc holds too much', most[a] <= topology.availableMbps[a] * 1000);
    const booked = Math.max(...authority.reserved(a).map(([, kbps]) => kbps));
    holds(name, 'the calendar holds what is held', booked === most[a]);
  }
}

describe('preemption', () => {
  it(`is legal in ${wanted} random cases and takes the least bandwidth in at least 95 % (seeds from 1)`, () => {
    const { cases, least, proven } = runCases(wanted);
    process.stdout.write(`preemption: ${cases} cases, least in ${least}, proven on its path in ${proven}\n`);
    expect(least / cases).toBeGreaterThanOrEqual(0.95);
  });

  const topology = freezeTopology(network([both('a', 'b'), both('b', 'c')]));
  const request = compileRequest(topology, { strategy: 'latency' });
  const ask = (
    id: string,
    from: string,
    to: string,
    mbps: number,
    setupPriority: number,
    holdingPriority = setupPriority,
  ) => ({
    id,
    from,
    to,
    kbps: mbps * 1000,
    class: 'bulk' as const,
    setupPriority,
    holdingPriority,
    intervals: [{ startMs: 0, endMs: 1000 }],
    request,
    candidates: [],
  });

  it('frees every link of the victim', () => {
    const authority = new AdmissionAuthority(topology);
    authority.admit(ask('long', 'a', 'c', 800, 7));
    const strong = authority.admit(ask('strong', 'a', 'b', 500, 3));
    expect(strong).toMatchObject({ admitted: true, displaced: [{ id: 'long', by: 'strong', after: null }] });
    const [far] =
      authority.topology.linkIndex.get('link-b-c') === undefined
        ? [-1]
        : [0, 1, 2, 3].filter(
            (a) =>
              topology.links[topology.link[a]] === 'link-b-c' && topology.nodes[topology.tail[a]] === 'b',
          );
    expect(authority.reserved(far)).toEqual([[-Infinity, 0]]);
    expect(authority.admit(ask('next', 'b', 'c', 800, 7)).admitted).toBe(true);
  });

  it('looks at the holding priority of the victim, not at its setup priority (RFC 3209 section 4.7.3)', () => {
    const authority = new AdmissionAuthority(topology);
    authority.admit(ask('held', 'a', 'b', 800, 7, 2));
    expect(authority.admit(ask('equal', 'a', 'b', 100, 2)).admitted).toBe(false);
    expect(authority.admit(ask('stronger', 'a', 'b', 100, 1)).admitted).toBe(true);
  });

  it('takes the least bandwidth, not the first or the weakest that would do', () => {
    const authority = new AdmissionAuthority(topology);
    authority.admit(ask('large', 'a', 'b', 500, 7));
    authority.admit(ask('small', 'a', 'b', 200, 5));
    const { displaced } = authority.admit(ask('new', 'a', 'b', 300, 0)) as {
      displaced: { id: string; by: string }[];
    } & Admission;
    expect(displaced.filter((d) => d.by === 'new').map((d) => d.id)).toEqual(['small']);
  });

  it('takes the weaker of two that hold the same', () => {
    const authority = new AdmissionAuthority(topology);
    authority.admit(ask('a', 'a', 'b', 400, 4));
    authority.admit(ask('b', 'a', 'b', 400, 6));
    const { displaced } = authority.admit(ask('new', 'a', 'b', 300, 0)) as {
      displaced: { id: string; by: string }[];
    } & Admission;
    expect(displaced.map((d) => d.id)).toEqual(['b']);
  });

  it('takes nothing when it could not make room on the whole path', () => {
    const authority = new AdmissionAuthority(topology);
    authority.admit(ask('weak', 'a', 'b', 800, 7));
    authority.admit(ask('strong', 'b', 'c', 800, 0));
    expect(authority.admit(ask('new', 'a', 'c', 100, 3)).admitted).toBe(false);
    expect(authority.get('weak')).toBeDefined();
  });

  it('re-places the victim on another path and reports where', () => {
    const around = freezeTopology(ring);
    const shortest = compileRequest(around, { strategy: 'latency' });
    const authority = new AdmissionAuthority(around);
    authority.admit({ ...ask('weak', 'a', 'b', 800, 7), request: shortest });
    const direct = compileRequest(around, { strategy: 'latency', constraints: { maxHops: 1 } });
    const strong = authority.admit({ ...ask('strong', 'a', 'b', 800, 0), request: direct });
    expect(strong).toMatchObject({ admitted: true, displaced: [{ id: 'weak', by: 'strong' }] });
    expect(authority.get('weak')!.arcs).toHaveLength(3);
    expect(authority.get('strong')!.arcs).toHaveLength(1);
  });

  it('cascades downwards in priority and stops at the given width', () => {
    const around = freezeTopology(ring);
    const shortest = compileRequest(around, { strategy: 'latency' });
    const run = (cascadeLimit: number) => {
      const authority = new AdmissionAuthority(around, { cascadeLimit });
      for (const [id, from, to] of [
        ['w1', 'a', 'd'],
        ['w2', 'd', 'c'],
        ['w3', 'c', 'b'],
      ] as const)
        authority.admit({ ...ask(id, from, to, 800, 7), request: shortest });
      authority.admit({ ...ask('middle', 'a', 'b', 800, 4), request: shortest });
      const strong = authority.admit({ ...ask('strong', 'a', 'b', 800, 0), request: shortest });
      return strong.admitted
        ? strong.displaced.map((d) => `${d.id} by ${d.by}: ${d.after?.length ?? 'gone'}`)
        : [];
    };
    expect(run(64)).toEqual([
      'middle by strong: 3',
      'w1 by middle: gone',
      'w2 by middle: gone',
      'w3 by middle: gone',
    ]);
    expect(run(3)).toEqual(['middle by strong: gone']);
  });

  it('in a batch gives the same answers in any order of declaration', () => {
    const random = seeded(9);
    const input = randomTopology(random, 6, 9);
    const other = freezeTopology(input);
    const policy = compileRequest(other, { strategy: 'latency' });
    const asks = Array.from({ length: 40 }, (_, i) => randomAsk(random, other, policy, `x${i}`, shape));
    const shuffled = [...asks].sort((a, b) => ((a.kbps * 7919) % 101) - ((b.kbps * 7919) % 101));
    const first = admitAll(new AdmissionAuthority(other), asks);
    expect(admitAll(new AdmissionAuthority(other), shuffled)).toEqual(first);
    expect(new Set(first.map((o) => o.admission.admitted))).toEqual(new Set([true, false]));
  });
});

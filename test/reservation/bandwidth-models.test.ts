import { freezeTopology } from '../../lib/graph';
import type { QosClass } from '../../lib/model';
import { qosClasses } from '../../lib/model';
import type { BandwidthModel } from '../../lib/reservation';
import { AdmissionAuthority } from '../../lib/reservation';
import { poolsOf, unreservedKbps } from '../../lib/reservation/bandwidth-model';
import { compileRequest } from '../../lib/routing';
import { mamUnreserved, rdmUnreserved } from '../reference/reservation-class-formulas';
import { seeded } from '../support/random-seeded';
import { both, network } from '../support/routing-fixtures';

/** Class types from CT0, the weakest. */
const classTypes: readonly QosClass[] = [...qosClasses].reverse();

function model(kind: 'mam' | 'rdm', percents: readonly number[]): BandwidthModel {
  const share = (name: QosClass) => percents[classTypes.indexOf(name)] / 100;
  return {
    kind,
    shares: {
      critical: share('critical'),
      realtime: share('realtime'),
      interactive: share('interactive'),
      bulk: share('bulk'),
      'best-effort': share('best-effort'),
    },
  };
}

describe('the bandwidth constraint models', () => {
  it.each([['mam', 41] as const, ['rdm', 42] as const])(
    '%s equals its plain formula in 500,000 random states (seed %i)',
    (kind, seed) => {
      const random = seeded(seed);
      let wrong = 0;
      for (let round = 0; round < 500; round++) {
        const link = random.whole(1, 10_000) * 100;
        const percents = classTypes.map(() => random.whole(0, 100));
        const pools = poolsOf(model(kind, percents));
        const bc = percents.map((p) => (p * link) / 100);
        const held = new Float64Array(40);
        const plain = classTypes.map(() => new Array<number>(8).fill(0));
        for (let state = 0; state < 1000; state++) {
          const [ct, q] = [random.whole(0, 4), random.whole(0, 7)];
          plain[ct][q] = random.chance(0.3) ? 0 : random.whole(0, Math.ceil(link / 10));
          held[8 * (4 - ct) + q] = plain[ct][q];
          const [c, p] = [random.whole(0, 4), random.whole(0, 7)];
          const want = kind === 'mam' ? mamUnreserved(bc, link, plain, c, p) : rdmUnreserved(bc, plain, c, p);
          if (unreservedKbps(pools, link, held, 4 - c, p) !== want) wrong++;
        }
      }
      expect(wrong).toBe(0);
    },
  );

  it.each(['mam', 'rdm'] as const)(
    '%s admits through the authority exactly what its formula leaves (seeds from 1)',
    (kind) => {
      const window = [{ startMs: 0, endMs: 1000 }];
      for (let seed = 1; seed <= 60; seed++) {
        const random = seeded(seed);
        const percents = classTypes.map((_, c) => (kind === 'rdm' && c === 0 ? 100 : random.whole(10, 100)));
        const topology = freezeTopology(network([both('a', 'b', { availableMbps: 100 })]));
        const authority = new AdmissionAuthority(topology, {
          headroomRatio: 0,
          model: model(kind, percents),
        });
        const request = compileRequest(topology, { strategy: 'latency' });
        const bc = percents.map((p) => p * 1000);
        const plain = classTypes.map(() => new Array<number>(8).fill(0));
        for (let i = 0; i < 40; i++) {
          const c = random.whole(0, 4);
          const left =
            kind === 'mam' ? mamUnreserved(bc, 100_000, plain, c, 7) : rdmUnreserved(bc, plain, c, 7);
          expect(authority.unreservedKbps(0, classTypes[c], 7, 500)).toBe(left);
          const kbps = random.whole(1, 20_000);
          const ask = {
            id: `x${i}`,
            from: 'a',
            to: 'b',
            kbps,
            class: classTypes[c],
            setupPriority: 7,
            holdingPriority: 7,
            intervals: window,
            request,
            candidates: [],
          };
          expect(authority.admit(ask, { explain: false }).admitted).toBe(kbps <= left);
          if (kbps <= left) plain[c][7] += kbps;
        }
      }
    },
  );

  it.each(['mam', 'rdm'] as const)('%s holds for a link with shares of its own by these', (kind) => {
    const topology = freezeTopology(
      network([both('a', 'b', { availableMbps: 100 }), both('b', 'c', { availableMbps: 100 })]),
    );
    const wide = model(kind, [100, 80, 80, 80, 80]);
    const own = model(kind, [90, 50, 40, 30, 20]) as typeof wide & { kind: 'mam' | 'rdm' };
    const linkShares = new Map([['link-b-c', own.shares]]);
    const authority = new AdmissionAuthority(topology, {
      headroomRatio: 0.05,
      criticalHeadroomRatio: 0,
      model: { ...wide, linkShares } as BandwidthModel,
    });
    const free = (link: string, name: QosClass) =>
      authority.freeKbps(topology.linkArc[2 * topology.linkIndex.get(link)!], name);
    expect(classTypes.map((c) => free('link-a-b', c))).toEqual([95_000, 80_000, 80_000, 80_000, 80_000]);
    expect(classTypes.map((c) => free('link-b-c', c))).toEqual([90_000, 50_000, 40_000, 30_000, 20_000]);
    const arc = topology.linkArc[2 * topology.linkIndex.get('link-b-c')!];
    expect(authority.unreservedKbps(arc, 'critical', 7, 0)).toBe(20_000);
  });

  it('leave 20 % to class critical by default, and what is said otherwise', () => {
    const topology = freezeTopology(network([both('a', 'b', { availableMbps: 100 })]));
    const free = (options: ConstructorParameters<typeof AdmissionAuthority>[1]) => {
      const authority = new AdmissionAuthority(topology, options);
      return [authority.freeKbps(0, 'realtime'), authority.freeKbps(0, 'critical')];
    };
    expect(free({})).toEqual([80_000, 100_000]);
    expect(free({ headroomRatio: 0.3 })).toEqual([70_000, 100_000]);
    expect(free({ headroomRatio: 0.3, criticalHeadroomRatio: 0.1 })).toEqual([70_000, 90_000]);
    expect(() => free({ criticalHeadroomRatio: 1.1 })).toThrow(RangeError);
  });

  it('refuse shares that are no ratios', () => {
    expect(() => poolsOf(model('mam', [100, 100, 101, 0, 0]))).toThrow(RangeError);
    expect(() => poolsOf(model('rdm', [100, -1, 0, 0, 0]))).toThrow('ratios from 0 to 1');
  });
});

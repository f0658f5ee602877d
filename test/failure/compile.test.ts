import { compileFlows, type FailureInput } from '../../lib/failure';
import { apportion } from '../../lib/failure/apportion';
import { freezeTopology } from '../../lib/graph';
import { seeded } from '../support/random-seeded';
import { ring } from '../support/routing-fixtures';

const topology = freezeTopology(ring);
const route = {
  from: 'a',
  to: 'b',
  classes: ['bulk'],
  primary: { hops: ['link-a-b'] },
  backups: [],
} as const;
const demand = { id: 'd', from: 'a', to: 'b', class: 'bulk', mbps: 1 } as const;

describe('what failures are asked about', () => {
  it.each<[string, Partial<FailureInput>, string]>([
    ['an unknown region', { routes: [{ ...route, to: 'x' }] }, "no region 'x'"],
    ['an unknown link', { routes: [{ ...route, primary: { hops: ['x'] } }] }, "link 'x' does not lead on"],
    ['an unknown arc', { routes: [{ ...route, primary: { hops: [99] } }] }, 'arc 99 does not lead on'],
    [
      'a path with a gap',
      { routes: [{ ...route, primary: { hops: ['link-b-c'] } }] },
      "link 'link-b-c' does not lead on from 'a'",
    ],
    ['a path that ends early', { routes: [{ ...route, primary: { hops: ['link-a-d'] } }] }, "ends in 'd'"],
    [
      'a path that turns back',
      { routes: [{ ...route, primary: { hops: ['link-a-d', 'link-a-d', 'link-a-b'] } }] },
      'does not lead on',
    ],
    [
      'a route from a region to itself',
      { routes: [{ ...route, to: 'a', primary: { hops: [] } }] },
      "ends in 'a'",
    ],
    ['two routes for one class', { routes: [route, route] }, 'two routes for a b bulk'],
    ['a demand named twice', { demands: [demand, demand] }, "two demands 'd'"],
    ['a negative demand', { demands: [{ ...demand, mbps: -1 }] }, 'not negative'],
    ['a demand that is no number', { demands: [{ ...demand, mbps: NaN }] }, 'finite'],
    [
      'a share of nothing',
      { demands: [{ ...demand, splits: [{ hops: ['link-a-b'], share: 0 }] }] },
      'shares are finite and above 0',
    ],
  ])('refuses %s', (_what, part, message) => {
    expect(() => compileFlows({ topology, routes: [], demands: [], ...part })).toThrow(message);
  });

  it('keeps sums of very large demands exact by counting in coarser units', () => {
    const huge = compileFlows({ topology, routes: [route], demands: [{ ...demand, mbps: 3e12 }] });
    expect([huge.unitsPerMbps, huge.units[0]]).toEqual([100, 3e14]);
  });

  it('parts sum to the whole, each within a unit of its share', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const weights = Array.from({ length: random.whole(1, 6) }, () => random.next() + 0.01);
      const units = random.whole(0, 1000);
      const parts = apportion(units, weights);
      const whole = weights.reduce((s, w) => s + w, 0);
      expect([seed, parts.reduce((s, p) => s + p, 0)]).toEqual([seed, units]);
      parts.forEach((p, i) => expect(Math.abs(p - (units * weights[i]) / whole)).toBeLessThanOrEqual(1));
    }
  });
});

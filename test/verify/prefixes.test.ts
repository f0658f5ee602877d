import { contains, formatPrefix, networkOf, type Prefix } from '../../lib/net';
import type { PlanDocument } from '../../lib/plan';
import { planDigest } from '../../lib/plan/digest';
import { verifyPlan } from '../../lib/verify';
import { nestedPrefixes } from '../../lib/verify/nested-prefixes';
import { seeded } from '../support/random-seeded';
import { planned } from './made-plans';

const description = (prefixes: readonly string[]) => ({
  network: 'net',
  regions: {
    dublin: { place: 'eu-west-1', prefixes: [...prefixes] },
    office: { external: { endpoint: '193.0.6.139' } },
  },
  links: [{ between: ['dublin', 'office'], bandwidth: '1 Gbps', latency: '5 ms', cost: '0.02 USD/GB' }],
});

describe('the verifier, on prefixes', () => {
  it('finds what nests as a look at every pair does, seeds 1 to 300', () => {
    let nested = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed);
      const holders = Array.from({ length: random.whole(0, 15) }, (_, i) => {
        const family = random.chance(0.7) ? 4 : 6;
        const bits = family === 4 ? 32 : 128;
        const wide: Prefix = { family, value: BigInt(random.whole(0, 63)), length: bits };
        return { at: String(i), prefix: networkOf(wide, bits - random.whole(0, 6)) };
      });
      const found = nestedPrefixes(holders);
      for (const [outer, inner] of found) expect(contains(outer.prefix, inner.prefix)).toBe(true);
      const slow = holders.filter((x, i) =>
        holders.some((y, j) => {
          const equal = formatPrefix(x.prefix) === formatPrefix(y.prefix);
          return equal ? j < i : contains(y.prefix, x.prefix);
        }),
      );
      const inside = found.map(([, inner]) => Number(inner.at)).sort((x, y) => x - y);
      expect([seed, inside]).toEqual([seed, slow.map(({ at }) => Number(at))]);
      nested += slow.length;
    }
    expect(nested).toBeGreaterThan(500);
  });

  it('grants the doubt about a quota of routes, and counts those to gateways as operators need them', () => {
    const whole = description([]);
    const prefixes = Array.from({ length: 48 }, (_, i) => `172.16.${i}.0/24`);
    const regions = { ...whole.regions, office: { ...whole.regions.office, prefixes } };
    const { plan } = planned({ ...whole, regions, operations: {} }, null, null)!;
    expect(plan.warnings.map((w) => w.message).join()).toContain('needs 52 routes in its route tables');
    expect(verifyPlan(plan)).toEqual([]);
  });

  it('refuses one around the endpoint of a site, to which tunnels lead', () => {
    const { plan } = planned(description(['193.0.4.0/23']), null, null)!;
    expect(verifyPlan(plan)).toEqual([]);
    // The warning of public space goes along: only the endpoint tells.
    const text = JSON.stringify(plan).replaceAll('193.0.4.0/23', '193.0.6.0/23');
    const lie = JSON.parse(text) as PlanDocument;
    const found = verifyPlan({ ...lie, digest: planDigest(lie) }).map((d) => `${d.code} ${d.message}`);
    expect(found).toEqual(['endpoint-inside it lies in regions.dublin.prefixes.0']);
  });

  it('takes a plan that has none, as plans were before there were any', () => {
    const { plan } = planned(description([]), null, null)!;
    expect(plan.regions.some((r) => Object.hasOwn(r, 'prefixes'))).toBe(false);
    expect(verifyPlan(plan)).toEqual([]);
  });
});

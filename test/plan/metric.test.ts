import { explain, renderExplanations } from '../../lib/report';
import type { NetworkDescription } from '../../lib/model';
import type { PlanDocument } from '../../lib/plan';
import { planDigest } from '../../lib/plan/digest';
import { verifyPlan } from '../../lib/verify';
import { planOf } from '../support/plan-of';

const site = (i: number) => ({ external: { endpoint: `198.51.100.${i}` } });

/** Two ways from a to d: over b dear by metric and quick, over c cheap by metric and slow. */
const square: NetworkDescription = {
  network: 'square',
  defaults: { link: { bandwidth: '1 Gbps', latency: '5 ms', cost: '0.02 USD/GB' } },
  regions: { a: site(1), b: site(2), c: site(3), d: site(4) },
  links: [
    { between: ['a', 'b'], metric: 20 },
    { between: ['b', 'd'] },
    { between: ['a', 'c'], latency: '50 ms', metric: 1, backward: { metric: 40 } },
    { between: ['c', 'd'], latency: '50 ms', metric: 8 },
  ],
  policies: { 'by-hand': { strategy: 'metric', classes: ['bulk'], ecmpTolerance: '0 %' } },
};

const route = (plan: PlanDocument, from: string, to: string) =>
  plan.routes.find((r) => r.from === from && r.to === to && r.classes.includes('bulk'))!;

describe('the strategy metric', () => {
  const plan = planOf(square);

  it('takes the path whose links have the least sum, by direction, 10 where a link gives none', () => {
    expect(route(plan, 'a', 'd')).toMatchObject({ primary: 'a>c>d', metric: 9, strategy: 'metric' });
    expect(route(plan, 'd', 'a')).toMatchObject({ primary: 'd>b>a', metric: 30 });
    expect(verifyPlan(plan)).toEqual([]);
  });

  it('breaks ties as every strategy: fewest hops, then link ids', () => {
    const links = square.links!.map((l) => ({ ...l, metric: 15, backward: undefined }));
    const direct = { between: ['a', 'd'], metric: 30 };
    expect(route(planOf({ ...square, links }), 'a', 'd')).toMatchObject({
      primary: 'a>b>d',
      equalCost: ['a>b>d', 'a>c>d'],
    });
    expect(route(planOf({ ...square, links: [...links, direct] }), 'a', 'd').primary).toBe('a>d');
  });

  it('is told by explain, with the sums', () => {
    const text = renderExplanations(plan, explain(plan, 'a', 'd', 'bulk'));
    expect(text).toContain('best metric: 9; the runner-up has 30');
    expect(text).toMatch(/USD\/GB +metric +mtu/);
  });

  it('is held against the metrics in the plan', () => {
    const links = plan.links.map((l) => ({
      ...l,
      directions: l.directions.map((d) => ({ ...d, metric: 10 })),
    }));
    const lie = { ...plan, links };
    const codes = verifyPlan({ ...lie, digest: planDigest(lie) }).map((p) => p.code);
    expect(codes).toEqual(expect.arrayContaining(['route-metric', 'route-not-best']));
  });
});

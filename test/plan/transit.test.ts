import { loadSolver } from '../../lib/project/solver';
import { parseDescription, type NetworkDescription } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { planDigest } from '../../lib/plan/digest';
import { verifyPlan } from '../../lib/verify';
import { planOf } from '../support/plan-of';
import { randomDescription } from '../support/random-description';
import { seeded } from '../support/random-seeded';
import { objectiveText } from '../../lib/plan/objective-text';

/** A square with a quick way through c, which carries its own traffic alone. */
const square: NetworkDescription = {
  network: 'square',
  defaults: { link: { bandwidth: '1 Gbps', latency: '30 ms', cost: '0.02 USD/GB' } },
  regions: {
    a: { external: { endpoint: '198.51.100.1' } },
    b: { external: { endpoint: '198.51.100.2' } },
    c: { external: { endpoint: '198.51.100.3' }, transit: false },
    d: { external: { endpoint: '198.51.100.4' } },
  },
  links: [
    { between: ['a', 'b'] },
    { between: ['b', 'd'] },
    { between: ['a', 'c'], latency: '1 ms', cost: '0 USD/GB' },
    { between: ['c', 'd'], latency: '1 ms', cost: '0 USD/GB' },
  ],
  demands: [
    { from: 'a', to: 'd', bandwidth: '900 Mbps', class: 'bulk' },
    { from: 'a', to: 'c', bandwidth: '300 Mbps', class: 'bulk' },
  ],
};

function through(plan: PlanDocument): string[] {
  return plan.paths.filter((p) => p.regions.slice(1, -1).includes('c')).map((p) => p.id);
}

describe('a region without transit', () => {
  it('is passed through by no path, backup or split, and is where paths begin and end', () => {
    const open = planOf({
      ...square,
      regions: { ...square.regions, c: { external: { endpoint: '198.51.100.3' } } },
    });
    expect(through(open)).toContain('a>c>d');
    const plan = planOf(square);
    expect(through(plan)).toEqual([]);
    const route = (from: string, to: string) => plan.routes.find((r) => r.from === from && r.to === to)!;
    expect(route('a', 'd')).toMatchObject({ primary: 'a>b>d', backups: [], refusal: null });
    expect([route('a', 'c').primary, route('d', 'c').primary]).toEqual(['a>c', 'd>c']);
    // The way around to c begins at a and ends at c, and passes through others only.
    expect(route('a', 'c').backups.map((b) => b.path)).toEqual(['a>b>d>c']);
    expect(verifyPlan(plan)).toEqual([]);
  });

  it('leaves pairs cut off when the only other way fails', () => {
    const objectives = {
      alive: { from: ['a'], to: ['d'], classes: ['bulk' as const], survive: 'link' as const },
    };
    const plan = planOf({ ...square, objectives });
    expect(plan.objectives[0].verdict).toBe('broken');
    expect(objectiveText(plan.objectives[0], plan)).toMatch(/^when link 'link-a-b' fails, a to d \(bulk\)/);
    expect(verifyPlan(plan).map((p) => p.code)).toEqual(['objective-broken']);
  });

  it('is not taken from a plan that passes through it', () => {
    const open = planOf({
      ...square,
      regions: { ...square.regions, c: { external: { endpoint: '198.51.100.3' } } },
    });
    const lie = { ...open, regions: open.regions.map((r) => (r.id === 'c' ? { ...r, transit: false } : r)) };
    const codes = verifyPlan({ ...lie, digest: planDigest(lie) }).map((p) => p.code);
    expect(codes).toEqual(expect.arrayContaining(['route-constraint', 'route-not-best']));
  });

  it('is passed through by nothing, on 60 random networks, and verify accepts them', () => {
    let [ends, whole] = [0, 0];
    for (let seed = 1; seed <= 60; seed++) {
      const { network } = parseDescription(randomDescription(seeded(seed)));
      const { plan, diagnostics } = buildPlan(network!, { lock: null, keys: null, solver: loadSolver });
      const closed = plan!.regions.filter((r) => !r.transit).map((r) => r.id);
      const passing = plan!.paths.filter((p) => p.regions.slice(1, -1).some((id) => closed.includes(id)));
      expect([seed, passing]).toEqual([seed, []]);
      ends += closed.length;
      // Where demands are left out the plan is not one to deploy, and says so.
      if (diagnostics.some((d) => d.severity === 'error')) continue;
      expect([seed, verifyPlan(plan!)]).toEqual([seed, []]);
      whole++;
    }
    expect(ends).toBeGreaterThan(10);
    expect(whole).toBeGreaterThan(10);
  });
});

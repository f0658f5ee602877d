import { loadSolver } from '../../lib/project/solver';
import { explain, renderExplanations } from '../../lib/report';
import { gatewayState } from '../../lib/gateway';
import { parseDescription, type LinkDescription, type NetworkDescription } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { planDigest } from '../../lib/plan/digest';
import { verifyPlan } from '../../lib/verify';
import { randomDescription } from '../support/random-description';
import { seeded } from '../support/random-seeded';

const site = (i: number) => ({ external: { endpoint: `198.51.100.${i}` } });

/**
 * An office on a fibre and, by radio, on standby: quicker and wider than the fibre. Behind them a triangle of
 * a, b and c, where a direct link from b to c is on standby too.
 */
function planOf(
  links: Readonly<Record<string, Partial<LinkDescription>>> = {},
  more: object = {},
): PlanDocument {
  const described: NetworkDescription = {
    network: 'office',
    defaults: { link: { bandwidth: '1 Gbps', latency: '10 ms', cost: '0.02 USD/GB' } },
    regions: { a: site(1), b: site(2), c: site(3), office: site(4) },
    links: [
      { id: 'fibre', between: ['office', 'a'] },
      { id: 'radio', between: ['office', 'b'], latency: '1 ms', bandwidth: '2 Gbps', standby: true },
      { id: 'ab', between: ['a', 'b'] },
      { id: 'ac', between: ['a', 'c'] },
      { id: 'bc', between: ['b', 'c'], latency: '1 ms', standby: true },
      { id: 'bc2', between: ['b', 'c'], latency: '30 ms' },
    ].map((l) => ({ ...l, ...links[l.id] })) as LinkDescription[],
    ...more,
  };
  const { network, diagnostics } = parseDescription(described);
  if (!network) throw new Error(JSON.stringify(diagnostics));
  return buildPlan(network, { lock: null, keys: null, solver: loadSolver }).plan!;
}

const route = (plan: PlanDocument, from: string, to: string, qos = 'critical') =>
  plan.routes.find((r) => r.from === from && r.to === to && r.classes.includes(qos as 'critical'))!;
const linksOf = (plan: PlanDocument, id: string | null) =>
  plan.paths.find((p) => p.id === id)?.links.join(' ') ?? 'none';
const backupsOf = (plan: PlanDocument, ...pair: [string, string]) =>
  route(plan, ...pair).backups.map((b) => linksOf(plan, b.path));

describe('a link on standby', () => {
  const demands = ['office', 'b'].map((from) => ({
    from,
    to: from === 'b' ? 'c' : 'b',
    bandwidth: '1200 Mbps' as const,
    class: 'bulk' as const,
  }));

  it('is used by no primary, however good it is, and by backups behind all others', () => {
    const plan = planOf();
    expect(linksOf(plan, route(plan, 'office', 'b').primary)).toBe('fibre ab');
    // Behind all without standby links, those that share least.
    expect(backupsOf(plan, 'office', 'b')).toEqual(['fibre ac bc2', 'radio', 'fibre ac bc']);
    expect(linksOf(plan, route(plan, 'b', 'c').primary)).toBe('ab ac');
    expect(backupsOf(plan, 'b', 'c')).toEqual(['bc2', 'bc', 'radio fibre ac']);
    for (const r of plan.routes)
      for (const id of [r.primary, ...r.equalCost]) expect(linksOf(plan, id)).not.toMatch(/radio|bc( |$)/);
    expect(verifyPlan(plan)).toEqual([]);
  });

  it('is last also where a policy wants few backups', () => {
    const policies = { few: { backups: 1 } };
    const plan = planOf({}, { policies });
    expect(backupsOf(plan, 'office', 'b')).toEqual(['radio']);
    expect(backupsOf(plan, 'b', 'c')).toEqual(['bc2']);
    expect(verifyPlan(plan)).toEqual([]);
  });

  it('is the backup of a disjoint pair that does not exist without', () => {
    const plan = planOf({}, { policies: { apart: { disjoint: 'link' } } });
    const { primary, backups, refusal } = route(plan, 'office', 'b');
    expect([linksOf(plan, primary), linksOf(plan, backups[0].path), refusal]).toEqual([
      'fibre ab',
      'radio',
      null,
    ]);
    expect(verifyPlan(plan)).toEqual([]);
  });

  it('carries nothing of a split while another path leads there, even where that is too little', () => {
    const plan = planOf({}, { demands });
    const used = plan.traffic.loads.map((l) => l.link);
    expect(used).toContain('bc2');
    expect(used.filter((id) => id === 'radio' || id === 'bc')).toEqual([]);
    const codes = verifyPlan(plan).map((p) => p.code);
    expect(codes.filter((c) => !/^(demand-carried|class-conflict)$/.test(c))).toEqual([]);
  });

  it('carries what has no other path', () => {
    const plan = planOf({ fibre: { drained: true } }, { demands: demands.slice(0, 1) });
    expect(linksOf(plan, route(plan, 'office', 'b').primary)).toBe('radio');
    expect(plan.traffic.loads.find((l) => l.from === 'office')).toMatchObject({
      link: 'radio',
      demandMbps: 1200,
    });
    expect(verifyPlan(plan)).toEqual([]);
  });

  it('takes over when the others fail, and holds an objective by it', () => {
    const objectives = { alive: { from: ['office'], survive: 'link' as const } };
    expect(planOf({}, { objectives }).objectives[0].verdict).toBe('holds');
    expect(planOf({ radio: { drained: true } }, { objectives }).objectives[0].verdict).toBe('broken');
  });

  it('carries nothing where it is drained as well', () => {
    const plan = planOf({ radio: { drained: true }, fibre: { drained: true } });
    expect(route(plan, 'office', 'b').refusal).toMatchObject({ code: 'drained' });
    expect(plan.paths.filter((p) => p.links.includes('radio'))).toEqual([]);
    expect(verifyPlan(plan)).toEqual([]);
  });

  it('is not reserved while the others have room or not', () => {
    const reservations = { big: { from: 'office', to: 'b', bandwidth: '1500 Mbps' } };
    const plan = planOf({}, { reservations });
    expect(plan.reservations[0]).toMatchObject({ admitted: false, path: null });
    expect(verifyPlan(plan)).toEqual([]);
  });

  it('is told by explain, and the gateway has the candidates in the order of the plan', () => {
    const plan = planOf();
    const text = renderExplanations(plan, explain(plan, 'office', 'b', 'critical'));
    expect(text).toMatch(/backup 3, standby +office/);
    expect(text).not.toMatch(/(primary|runner-up), standby/);
    const state = gatewayState(plan, 'office/1');
    const own = state.routes.find((r) => r.to === 'b' && r.classes.includes('critical'))!;
    const order = own.backups.map((id) => state.paths.find((p) => p.id === id)!.links.join(' '));
    expect(order).toEqual(backupsOf(plan, 'office', 'b'));
  });

  it('is told by verify where a plan uses it too soon', () => {
    const awake = planOf(
      { radio: { standby: false }, bc: { standby: false } },
      { demands: demands.slice(0, 1) },
    );
    const rest = (plan: PlanDocument) => {
      const lie = {
        ...plan,
        links: plan.links.map((l) => ({ ...l, standby: l.id === 'radio' || l.id === 'bc' })),
      };
      return verifyPlan({ ...lie, digest: planDigest(lie) }).map((p) => p.code);
    };
    expect(rest(awake)).toEqual(
      expect.arrayContaining(['route-constraint', 'route-not-best', 'route-backup']),
    );
    expect(rest(planOf({}, { demands: demands.slice(0, 1) }))).not.toContain('route-constraint');
  });

  it('is accepted by verify on 40 random networks, used by no primary that has another path', () => {
    let [resting, whole] = [0, 0];
    for (let seed = 1; seed <= 40; seed++) {
      const { network } = parseDescription(randomDescription(seeded(seed)));
      const { plan, diagnostics } = buildPlan(network!, { lock: null, keys: null, solver: loadSolver });
      resting += plan!.links.filter((l) => l.standby && !l.drained).length;
      if (diagnostics.some((d) => d.severity === 'error')) continue;
      expect([seed, verifyPlan(plan!)]).toEqual([seed, []]);
      whole++;
    }
    expect(resting).toBeGreaterThan(20);
    expect(whole).toBeGreaterThan(5);
  });
});

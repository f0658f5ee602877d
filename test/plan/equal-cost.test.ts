import { parseDescription, type NetworkDescription } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { verifyPlan } from '../../lib/verify';

const [here, there] = ['us-east-1', 'eu-west-1'];

/** Four parallel links of 40, 42, 46 and 52 ms, and a demand that a policy spreads evenly. */
function planWith(policy: object): PlanDocument {
  const description: NetworkDescription = {
    network: 'parallel',
    regions: { [here]: {}, [there]: {} },
    links: [40, 42, 46, 52].map((ms, i) => ({
      id: `cable-${i + 1}`,
      between: [here, there],
      bandwidth: '1 Gbps',
      latency: `${ms} ms`,
    })),
    demands: [{ id: 'sync', from: here, to: there, bandwidth: '400 Mbps', class: 'bulk' }],
    policies: { even: { classes: ['bulk'], strategy: 'latency', ...policy } },
    traffic: { spread: { bulk: 'ecmp' } },
  };
  const { network, diagnostics } = parseDescription(description);
  if (!network) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return buildPlan(network, { lock: null, keys: null }).plan!;
}

/** Links that carry the demand. */
const used = ({ traffic, paths }: PlanDocument) =>
  traffic.classes[0].demands[0].paths.map(({ path }) => paths.find((p) => p.id === path)!.links[0]).sort();

describe('a policy bounds the paths that its demands are spread over', () => {
  it.each([
    [{}, 2],
    [{ ecmpTolerance: '0 %' }, 1],
    [{ ecmpTolerance: '20 %' }, 3],
    [{ ecmpTolerance: '50 %' }, 4],
    [{ ecmpTolerance: '50 %', ecmpPaths: 3 }, 3],
  ])('by its tolerance and number: %j takes %i', (policy, paths) => {
    const plan = planWith(policy);
    expect(used(plan)).toEqual(['cable-1', 'cable-2', 'cable-3', 'cable-4'].slice(0, paths));
    expect(verifyPlan(plan)).toEqual([]);
    // As its route has it.
    const route = plan.routes.find((r) => r.from === here && r.classes.includes('bulk'))!;
    expect(route.equalCost).toHaveLength(paths);
  });
});

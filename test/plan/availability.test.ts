import { loadSolver } from '../../lib/project/solver';
import { buildTopology } from '../../lib/graph';
import { linkArcs } from '../../lib/failure/scenario';
import { parseDescription, type DemandDescription, type NetworkDescription } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';
import { failureInput, planFailures } from '../../lib/plan/plan-failures';
import { verifyPlan } from '../../lib/verify';
import { carriedByAllStates, sparedByGateways } from '../reference/failure-states';
import { seeded } from '../support/random-seeded';
import { objectiveText } from '../../lib/plan/objective-text';

/** What the first objective's evidence says. */
const because = (plan: PlanDocument) => objectiveText(plan.objectives[0], plan);

const places = ['us-east-1', 'eu-west-1', 'sa-east-1', 'ap-southeast-1', 'ap-northeast-1'] as const;
const [a, b, c] = places;

/** Three regions, each linked to each with 1 Gbps, and one objective. */
function triangle(
  objective: object,
  demands: readonly DemandDescription[],
  links: readonly (string | undefined)[] = ['99.9 %', '99.8 %', '99.5 %'],
  more: Partial<NetworkDescription> = {},
) {
  const ends = [
    [a, b],
    [a, c],
    [b, c],
  ];
  return planOf({
    network: 'triangle',
    regions: { [a]: {}, [b]: {}, [c]: {} },
    links: ends.map((between, i) => ({
      between,
      bandwidth: '1 Gbps',
      ...(links[i] === undefined ? {} : { availability: links[i] as '1 %' }),
    })),
    demands,
    objectives: { o: objective },
    ...more,
  });
}

function planOf(description: NetworkDescription) {
  const { network, diagnostics } = parseDescription(description);
  if (!network) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  const built = buildPlan(network, { lock: null, keys: null, solver: loadSolver });
  return { plan: built.plan!, diagnostics: built.diagnostics.filter((d) => d.code.startsWith('objective')) };
}

/** What the verifier says of a plan as a file holds it, but for what must not be deployed. */
function lies(plan: PlanDocument): string[] {
  const read = JSON.parse(JSON.stringify(plan)) as PlanDocument;
  const broken = ['objective-broken', 'class-conflict', 'demand-carried', 'class-overload'];
  return verifyPlan(read)
    .map((d) => d.code)
    .filter((code) => !broken.includes(code));
}

const order: DemandDescription = { id: 'order', from: a, to: b, bandwidth: '100 Mbps', class: 'critical' };

/** Two gateways a region: a dead one costs seconds a year, and half of each link while it is gone. */
const two: Partial<NetworkDescription> = { defaults: { gateways: { count: 2 } } };

describe('an objective about availability', () => {
  it('holds where both paths of a demand are down too seldom to matter', () => {
    const { plan, diagnostics } = triangle({ availability: '99.999 %' }, [order], undefined, two);
    // Down: the direct link, and one of the two of the way round.
    const byLinks = 1 - 0.001 * (1 - 0.998 * 0.995);
    // Each of the four gateways at its ends dies once a year, and its routes move within 3 s.
    const up = byLinks * (1 - 3 / (365.25 * 86_400)) ** 4;
    const [figure] = plan.availability!.demands;
    expect(figure.lowerRatio).toBeLessThanOrEqual(up);
    expect(figure.upperRatio).toBeGreaterThanOrEqual(up);
    expect(plan.objectives[0].verdict).toBe('holds');
    expect(diagnostics).toEqual([]);
    expect(lies(plan)).toEqual([]);
  });

  it('is broken with the demand and the state that costs it the most time', () => {
    const { plan, diagnostics } = triangle({ availability: '99.9995 %' }, [order], undefined, two);
    expect(plan.objectives[0].verdict).toBe('broken');
    expect(diagnostics.map((d) => [d.severity, d.code])).toEqual([['error', 'objective-broken']]);
    const evidence = because(plan);
    expect(evidence).toContain("demand 'order' is carried whole 99.99926 % of the time");
    expect(evidence).toContain('with link-eu-west-1-sa-east-1 and link-us-east-1-eu-west-1 down, 0.000499 %');
    expect(lies(plan)).toEqual([]);
  });

  it('is broken by the one gateway of a region, which is gone for minutes when it dies', () => {
    const { plan } = triangle({ availability: '99.999 %' }, [order]);
    const [figure] = plan.availability!.demands;
    const gone = 420 / (365.25 * 86_400);
    const up = (1 - 0.001 * (1 - 0.998 * 0.995)) * (1 - gone) ** 2;
    expect(figure.lowerRatio).toBeLessThanOrEqual(up);
    expect(figure.upperRatio).toBeGreaterThanOrEqual(up);
    expect(figure.upperRatio).toBeLessThan(1 - 2 * gone + 1e-9);
    expect(plan.objectives[0].verdict).toBe('broken');
    expect(because(plan)).toContain('the most is lost with gateway eu-west-1/1 down, 0.00133 %');
    expect(because(plan)).toMatch(/ and 1 failure of each gateway a year$/);
    expect(lies(plan)).toEqual([]);
  });

  it('counts a demand as up only where it fits: a way round that is full carries nothing', () => {
    const big = { ...order, bandwidth: '900 Mbps' } as const;
    const other = { id: 'other', from: a, to: c, bandwidth: '900 Mbps', class: 'critical' } as const;
    const { plan } = triangle({ availability: '99.99 %' }, [big, other]);
    expect(plan.objectives[0].verdict).toBe('broken');
    expect(plan.availability!.demands[0].upperRatio).toBeLessThan(0.9991);
    expect(lies(plan)).toEqual([]);
  });

  it('is undecided, with a warning, while the availability of a link is not known, and names it', () => {
    const { plan, diagnostics } = triangle({ availability: '99 %' }, [order], ['99.9 %', undefined, '99 %']);
    expect(plan.objectives[0].verdict).toBe('undecided');
    expect(because(plan)).toContain('the availability of link-us-east-1-sa-east-1 is not known');
    expect(plan.availability!.unknownLinks).toEqual(['link-us-east-1-sa-east-1']);
    expect(diagnostics.map((d) => [d.severity, d.code])).toEqual([['warning', 'objective-undecided']]);
    expect(lies(plan)).toEqual([]);
  });

  it('never calls a demand up that does not fit even without a failure', () => {
    const bulk = { id: 'bulk', from: a, to: b, bandwidth: '3 Gbps', class: 'bulk' } as const;
    const { plan } = triangle({ availability: '10 %' }, [bulk]);
    expect(plan.availability!.demands).toEqual([{ id: 'bulk', lowerRatio: 0, upperRatio: 0 }]);
    expect(because(plan)).toContain('it does not fit even without a failure');
    expect(lies(plan)).toEqual([]);
  });

  it('is about the demands in its scope alone', () => {
    const { plan } = triangle({ availability: '99.99999 %', classes: ['realtime'] }, [order]);
    expect(plan.objectives[0]).toMatchObject({ verdict: 'holds', evidence: { kind: 'no-demands' } });
    expect(lies(plan)).toEqual([]);
  });

  it('rests on figures that hold the share over all 2^n states between them (seeds 1 to 12)', () => {
    let open = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const random = seeded(seed);
      const pairs = places.flatMap((x, i) => places.slice(i + 1).map((y) => [x, y]));
      const chosen = pairs.filter((_, i) => i < 4 || random.chance(0.5)).slice(0, 8);
      const demands = places.slice(1).map((to, i): DemandDescription => {
        const name = random.pick(['critical', 'interactive', 'bulk'] as const);
        return { id: `d${i}`, from: a, to, bandwidth: `${random.whole(50, 400)} Mbps`, class: name };
      });
      const { plan } = planOf({
        network: 'random',
        regions: Object.fromEntries(places.map((id) => [id, { gateways: { count: random.whole(1, 2) } }])),
        links: chosen.map((between) => ({
          between,
          bandwidth: `${random.whole(300, 900)} Mbps`,
          availability: random.pick(['99.99 %', '99.9 %', '98 %', '90 %', '100 %']),
        })),
        demands,
        objectives: { o: { availability: random.pick(['99.9 %', '95 %', '99.99 %']) } },
      });
      const topology = buildTopology(plan);
      const events = topology.links.map((id, l) => ({
        probability: 1 - plan.links.find((x) => x.id === id)!.directions[0].availabilityRatio!,
        arcs: linkArcs(topology, l),
      }));
      const input = failureInput(plan, topology);
      const exact = carriedByAllStates(input, events);
      const deaths = planFailures(plan, topology).outcomes.map((o) => o.scenario);
      const spared = sparedByGateways(input, deaths, 1 / (365.25 * 86_400));
      const placed = new Map(plan.traffic.classes.flatMap((x) => x.demands.map((d) => [d.id, d] as const)));
      for (const { id, lowerRatio, upperRatio } of plan.availability!.demands) {
        const whole = placed.get(id)!.carriedMbps >= plan.demands.find((d) => d.id === id)!.bandwidthMbps;
        const share = whole ? exact.get(id)! * spared.get(id)! : 0;
        const said = `seed ${seed}, ${id}: ${lowerRatio} to ${upperRatio}, exactly ${share}`;
        if (!(lowerRatio <= share + 1e-12 && share <= upperRatio + 1e-12)) throw new Error(said);
        if (upperRatio > lowerRatio) open++;
      }
      expect([seed, lies(plan)]).toEqual([seed, []]);
    }
    expect(open).toBeGreaterThan(5);
  });
});

describe('an objective about the monthly cost', () => {
  // Instance, address, 8 GiB of gp3, a secret and two alarms each.
  const gateways = 3 * (91.1 + 3.65 + 0.64 + 0.4 + 0.2);
  it('counts the traffic of the demands at the price of every link they cross', () => {
    const { plan } = triangle({ maxMonthlyCost: '5000 USD' }, [order]);
    // 100 Mbps for 730 h are 32,850 GB, at 0.02 USD each.
    expect(plan.cost.traffic).toEqual({ gbPerMonth: 32850, knownUsdPerMonth: 657, unknownCostLinks: [] });
    expect(plan.cost.knownUsdPerMonth).toBeCloseTo(gateways, 1);
    expect(plan.objectives[0].verdict).toBe('holds');
    expect(because(plan)).toMatch(/mean of the month; 5,000.00 USD are allowed; not counted: flow logs/);
    expect(lies(plan)).toEqual([]);
    expect(triangle({ maxMonthlyCost: '900 USD' }, [order]).plan.objectives[0].verdict).toBe('broken');
  });

  it('is undecided where a demand runs over a link of unknown price, which is named and never zero', () => {
    const site = { external: { endpoint: '192.0.2.1', location: { lat: 53, lon: -6 } } };
    const { plan, diagnostics } = planOf({
      network: 'site',
      regions: { office: site, [a]: {} },
      links: [{ between: ['office', a], bandwidth: '1 Gbps' }],
      demands: [{ from: 'office', to: a, bandwidth: '100 Mbps', class: 'critical' }],
      objectives: { o: { maxMonthlyCost: '5000 USD' } },
    });
    expect(plan.cost.traffic!.unknownCostLinks).toEqual([`link-office-${a}`]);
    expect(plan.objectives[0].verdict).toBe('undecided');
    expect(because(plan)).toContain(`the price of traffic on link-office-${a} is not known`);
    expect(diagnostics.map((d) => d.severity)).toEqual(['warning']);
    expect(lies(plan)).toEqual([]);
  });

  it('is undecided without demands, unless the gateways alone are too dear', () => {
    expect(triangle({ maxMonthlyCost: '5000 USD' }, []).plan.objectives[0].verdict).toBe('undecided');
    expect(triangle({ maxMonthlyCost: '50 USD' }, []).plan.objectives[0].verdict).toBe('broken');
  });
});

describe('objectives about utilisation and headroom', () => {
  const reservations = { half: { from: a, to: b, bandwidth: '500 Mbps' } } as const;
  const under = (objective: object) => {
    const { plan } = triangle(objective, [order], undefined, { reservations });
    expect(lies(plan)).toEqual([]);
    return plan.objectives[0].verdict;
  };

  it('count what reservations hold as used', () => {
    expect([under({ maxUtilisation: '60 %' }), under({ maxUtilisation: '59 %' })]).toEqual([
      'holds',
      'broken',
    ]);
    expect([under({ headroom: '40 %' }), under({ headroom: '41 %' })]).toEqual(['holds', 'broken']);
  });

  it('take the headroom of admission where the objective only says that there is one, or 20 %', () => {
    const { plan } = triangle({ headroom: true }, [order]);
    expect(plan.objectives[0].statement).toEqual({ kind: 'headroom', ratio: 0.2 });
    const wide = triangle({ headroom: true }, [order], undefined, { admission: { headroom: '95 %' } });
    expect(wide.plan.objectives[0]).toMatchObject({ verdict: 'broken', statement: { ratio: 0.95 } });
  });
});

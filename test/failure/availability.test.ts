import { availability, baseState, compileFlows, newEvaluator, type FailureInput } from '../../lib/failure';
import { likelyStates } from '../../lib/failure/likely-states';
import { freezeTopology } from '../../lib/graph';
import { carriedByAllStates } from '../reference/failure-states';
import { seeded } from '../support/random-seeded';
import { randomTopology } from '../support/random-topology';
import { line, ring } from '../support/routing-fixtures';
import { randomPlan } from './random-plan';

function evaluatorOf(input: FailureInput) {
  return newEvaluator(baseState(compileFlows(input)));
}

describe('availability', () => {
  it('holds the exact share between its bounds, against all 2^n states of up to 12 events', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const random = seeded(seed);
      const plan = randomPlan(random, freezeTopology(randomTopology(random, 5, 8)));
      // A demand of 0 Mbps shares the fate of what follows the same route; the twin lets it fit anywhere.
      const input = { ...plan, demands: plan.demands.filter((d) => d.mbps > 0).slice(0, 12) };
      const { topology } = input;
      const links = new Map(topology.links.map((id) => [id, random.pick([0, 0.001, 0.02, 0.2, 0.6, null])]));
      const groups = new Map(topology.groups.map((id) => [id, random.pick([0.01, 0.1])]));
      const events = [
        ...topology.links.map((id, l) => ({
          probability: links.get(id) ?? 0.05,
          arcs: [topology.linkArc[2 * l], topology.linkArc[2 * l + 1]].filter((a) => a !== -1),
        })),
        ...topology.groups.map((id, g) => ({
          probability: groups.get(id)!,
          arcs: [...topology.groupArc.slice(topology.groupArcFirst[g], topology.groupArcFirst[g + 1])],
        })),
      ];
      expect(events.length).toBeLessThanOrEqual(12);
      const exact = carriedByAllStates(input, events);
      const options = { linkUnavailability: links, groupUnavailability: groups, assumedUnavailability: 0.05 };
      for (const cutOff of [0, 1e-7, 1e-3]) {
        // Even seeds sweep all pairs of links together, odd ones go one by one.
        const result = availability(evaluatorOf(input), {
          ...options,
          cutOff,
          sweepFrom: seed % 2 === 0 ? 0 : 1e9,
        });
        expect(result.assumedLinks).toEqual(topology.links.filter((id) => links.get(id) === null));
        if (cutOff === 0) expect(result.coveredRatio).toBeCloseTo(1, 12);
        for (const { id, lowerRatio, upperRatio } of result.demands) {
          const share = exact.get(id)!;
          const said = `seed ${seed}, ${id}, cut-off ${cutOff}: ${lowerRatio} to ${upperRatio}, exactly ${share}`;
          if (!(lowerRatio <= share + 1e-12 && share <= upperRatio + 1e-12)) throw new Error(said);
          if (cutOff === 0) expect(lowerRatio).toBeCloseTo(share, 12);
          expect(upperRatio - lowerRatio).toBeLessThanOrEqual(1 - result.coveredRatio + 1e-12);
        }
      }
    }
  });

  it('walks the states in order of falling probability, each once', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = seeded(seed);
      const events = Array.from({ length: random.whole(0, 9) }, (_, i) => ({
        id: `e${i}`,
        unavailability: random.pick([0.001, 0.01, 0.01, 0.3, 0.5, 0.9]),
        arcs: [],
      }));
      const states = [...likelyStates(events)];
      expect(new Set(states.map((s) => s.events.join())).size).toBe(2 ** events.length);
      expect(states.every((s, i) => i === 0 || s.probability <= states[i - 1].probability)).toBe(true);
      expect(states.reduce((s, x) => s + x.probability, 0)).toBeCloseTo(1, 12);
    }
  });

  it('a path of three links in series is up for the product of their shares, a ring for more', () => {
    const demand = { id: 'd', from: 'a', to: 'd', class: 'critical', mbps: 10 } as const;
    const inSeries = freezeTopology(line);
    const arcs = (links: string[]) => ({ hops: links });
    const route = { from: 'a', to: 'd', classes: ['critical'] as const };
    const all = (topology: typeof inSeries, primary: string[], backups: string[][]) =>
      availability(
        evaluatorOf({
          topology,
          routes: [{ ...route, primary: arcs(primary), backups: backups.map(arcs) }],
          demands: [demand],
        }),
        { linkUnavailability: new Map(), assumedUnavailability: 0.01, cutOff: 0 },
      );
    const first = all(inSeries, ['link-a-b', 'link-b-c', 'link-c-d'], []);
    expect(first.demands[0].lowerRatio).toBeCloseTo(0.99 ** 3, 12);
    expect(first.assumedLinks).toEqual(['link-a-b', 'link-b-c', 'link-c-d']);
    const around = all(freezeTopology(ring), ['link-a-d'], [['link-a-b', 'link-b-c', 'link-c-d']]);
    expect(around.demands[0].lowerRatio).toBeCloseTo(1 - 0.01 * (1 - 0.99 ** 3), 12);
  });

  it('says what it left out when the most states end the sum', () => {
    const topology = freezeTopology(ring);
    const result = availability(evaluatorOf({ topology, routes: [], demands: [] }), {
      linkUnavailability: new Map(),
      assumedUnavailability: 0.1,
      mostStates: 1,
    });
    expect(result).toMatchObject({ states: 1, limited: true });
    expect(result.coveredRatio).toBeCloseTo(0.9 ** 4, 12);
  });

  it('refuses shares of time outside 0 to 1 and links it does not know', () => {
    const topology = freezeTopology(ring);
    const evaluator = evaluatorOf({ topology, routes: [], demands: [] });
    const ask = (id: string, u: number) =>
      availability(evaluator, { linkUnavailability: new Map([[id, u]]), assumedUnavailability: 0 });
    expect(() => ask('link-a-b', 1.5)).toThrow('0 to 1');
    expect(() => ask('nowhere', 0.5)).toThrow("no link 'nowhere'");
  });
});

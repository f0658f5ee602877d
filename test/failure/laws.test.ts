import {
  analyseFailures,
  detail,
  type FailureInput,
  linkPairFailure,
  pathForest,
  reportFailures,
} from '../../lib/failure';
import { freezeTopology } from '../../lib/graph';
import { compileRequest } from '../../lib/routing';
import { seeded, type Seeded } from '../support/random-seeded';
import { randomTopology } from '../support/random-topology';
import { randomPlan } from './random-plan';

function shuffled<T>(random: Seeded, list: readonly T[]): T[] {
  return list
    .map((item) => [random.next(), item] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, item]) => item);
}

function planOf(seed: number): [Seeded, FailureInput] {
  const random = seeded(seed);
  return [random, randomPlan(random, freezeTopology(randomTopology(random)))];
}

describe('the laws of failures', () => {
  it('the same bytes whatever the order of scenarios, routes and demands', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const [random, input] = planOf(seed);
      const results = analyseFailures(input);
      const bytes = JSON.stringify(reportFailures(results));
      const mixed = {
        ...input,
        routes: shuffled(random, input.routes),
        demands: shuffled(random, input.demands),
      };
      expect([seed, JSON.stringify(reportFailures(analyseFailures(mixed)))]).toEqual([seed, bytes]);
      const { evaluator } = results;
      for (const outcome of shuffled(random, results.outcomes)) {
        const again = evaluator.evaluate(outcome.scenario);
        expect([seed, JSON.stringify({ ...again, scenario: outcome.scenario.id })]).toEqual([
          seed,
          JSON.stringify({ ...outcome, scenario: outcome.scenario.id }),
        ]);
      }
    }
  });

  it('no route uses a failed link, and no traffic is made or lost uncounted', () => {
    for (let seed = 1; seed <= 80; seed++) {
      const [random, input] = planOf(seed);
      const { topology } = input;
      const n = topology.links.length;
      const pairs = Array.from({ length: n < 2 ? 0 : 6 }, () => {
        const first = random.whole(0, n - 2);
        return linkPairFailure(topology, first, random.whole(first + 1, n - 1));
      });
      const results = analyseFailures(input, { others: pairs });
      const { evaluator } = results;
      const { table } = evaluator.base;
      const forest = pathForest(topology, compileRequest(topology, { strategy: 'latency' }));
      for (const outcome of results.outcomes) {
        const { arcs } = outcome.scenario;
        const loads = evaluator.loads(outcome.scenario);
        expect([seed, arcs.filter((a) => loads[a] !== 0)]).toEqual([seed, []]);
        const hops = new Set(
          arcs.map((a) => `${topology.nodes[topology.tail[a]]}>${topology.nodes[topology.head[a]]}`),
        );
        const twice = new Set(
          Array.from({ length: topology.arcCount }, (_, a) => a)
            .filter((a) => !arcs.includes(a))
            .map((a) => `${topology.nodes[topology.tail[a]]}>${topology.nodes[topology.head[a]]}`),
        );
        const { changes, movedMbps, lostMbps } = detail(evaluator, forest, outcome);
        for (const { after, wouldBe, mbps, fate } of changes) {
          for (const path of [...after.map((p) => p.path), ...(wouldBe === null ? [] : [wouldBe])]) {
            const regions = path.split('>').map((r) => r.replace(/\[.*/, ''));
            const used = regions.slice(1).map((r, i) => `${regions[i]}>${r}`);
            // A pair of regions with a parallel link that lives tells nothing.
            const wrong = used.find((h) => hops.has(h) && !twice.has(h));
            if (wrong !== undefined) throw new Error(`seed ${seed}: ${path} uses ${wrong}`);
          }
          const carried = after.reduce((s, p) => s + p.mbps, 0);
          const wanted = fate === 'moved' ? mbps : 0;
          if (Math.abs(carried - wanted) > 1e-6)
            throw new Error(`seed ${seed}: ${carried} of ${wanted} Mbps`);
        }
        const of = (fates: readonly string[]) =>
          changes.filter((c) => fates.includes(c.fate)).reduce((s, c) => s + c.mbps, 0);
        expect(of(['moved'])).toBeCloseTo(movedMbps, 6);
        expect(of(['stranded', 'cut'])).toBeCloseTo(lostMbps, 6);
        expect(loads.every((u) => Number.isInteger(u) && u >= 0 && u <= 2 ** 50)).toBe(true);
        expect(table.topology).toBe(topology);
      }
    }
  });
});

import {
  analyseFailures,
  compileFlows,
  baseState,
  detail,
  failureOf,
  gatewayFailures,
  linkPairFailure,
  joinPairs,
  linkPairs,
  newEvaluator,
  newPairSweep,
  pathForest,
  type FailureInput,
  type FailureResults,
  type Outcome,
} from '../../lib/failure';
import { freezeTopology } from '../../lib/graph';
import { compileRequest } from '../../lib/routing';
import { itemsOf, recompute, type Recomputed } from '../reference/failure-recompute';
import { seeded, type Seeded } from '../support/random-seeded';
import { randomTopology } from '../support/random-topology';
import { against } from './expect-recomputed';
import { randomPlan } from './random-plan';

/** Two gateways in some regions: one or two tunnels for each link. */
function randomTunnels(random: Seeded, { topology: t }: FailureInput) {
  const count = t.nodes.map(() => random.whole(1, 2));
  return t.links.flatMap((link, l) => {
    const a = t.linkArc[2 * l];
    const [x, y] = [t.tail[a], t.head[a]];
    return Array.from({ length: Math.max(count[x], count[y]) }, (_, k) => ({
      link,
      ends: [`${t.nodes[x]}/${(k % count[x]) + 1}`, `${t.nodes[y]}/${(k % count[y]) + 1}`] as const,
    }));
  });
}

function expectDetailEqual(
  input: FailureInput,
  results: FailureResults,
  outcome: Outcome,
  place: ReadonlyMap<string, number>,
  twin: Recomputed,
): void {
  const { topology } = input;
  const forest = pathForest(topology, compileRequest(topology, { strategy: 'latency' }));
  const dead = new Set(outcome.scenario.arcs);
  for (const change of detail(results.evaluator, forest, outcome).changes) {
    const route = `route ${change.from} ${change.to} ${change.classes.join()}`;
    for (const name of [...change.demands.map((d) => `demand ${d}`), ...(place.has(route) ? [route] : [])]) {
      if (name === route && change.demands.length === 1 && place.has(`demand ${change.demands[0]}`)) {
        const own = input.demands.find((d) => d.id === change.demands[0])!;
        if ((own.splits ?? []).length > 0) continue;
      }
      const at = place.get(name)!;
      const theirs = twin.ways[at];
      const ours = [change.fate, change.afterMs ?? 0, change.after.length].join();
      const wanted = [twin.fates[at], Math.max(0, ...theirs.map((w) => w.ms)), theirs.length].join();
      if (ours !== wanted) throw new Error(`${outcome.scenario.id}, ${name}: ${ours}, not ${wanted}`);
      const wrong = theirs.flatMap((w) => w.arcs).find((a) => dead.has(a));
      if (wrong !== undefined) throw new Error(`${name} uses arc ${wrong}`);
    }
    if (change.fate === 'stranded') expect(change.wouldBe).not.toBeNull();
  }
}

describe('failures against a full recomputation', () => {
  it('single failures of links, regions, gateways and groups on 300 random networks', () => {
    let [checked, stranded, cut, congested] = [0, 0, 0, 0];
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed);
      try {
        const input = randomPlan(random, freezeTopology(randomTopology(random)));
        const results = analyseFailures(input, { tunnels: randomTunnels(random, input) });
        const { place, expectEqual } = against(input, results);
        for (const outcome of [results.noFailure, ...results.outcomes]) {
          const twin = expectEqual(outcome);
          if (outcome.scenario.kind !== 'region' && checked++ % 3 === 0)
            expectDetailEqual(input, results, outcome, place, twin);
          stranded += outcome.stranded.length;
          cut += outcome.cut.length;
          congested += outcome.congested.length;
        }
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
    // The networks are hard enough to have met every case.
    expect(Math.min(checked, stranded, cut, congested)).toBeGreaterThan(500);
  });

  it('every pair of link failures on 100 random networks, whole and in ranges', () => {
    for (let seed = 1001; seed <= 1100; seed++) {
      const random = seeded(seed);
      const input = randomPlan(random, freezeTopology(randomTopology(random)));
      const evaluator = newEvaluator(baseState(compileFlows(input)));
      const { table } = evaluator.base;
      const rows = linkPairs(evaluator);
      const n = input.topology.links.length;
      const items = itemsOf(input);
      const lostBy = (link: number) => {
        const arcs = [0, 1].map((i) => input.topology.linkArc[2 * link + i]).filter((a) => a !== -1);
        const { stranded, cut } = evaluator.evaluate(failureOf(input.topology, 'link', 'one', arcs));
        return [...stranded, ...cut];
      };
      expect([seed, rows.first.length]).toEqual([seed, (n * (n - 1)) / 2]);
      rows.first.forEach((first, r) => {
        const scenario = linkPairFailure(input.topology, first, rows.second[r]);
        const o = evaluator.evaluate(scenario);
        const routes = (flows: readonly number[]) => flows.reduce((s, f) => s + table.leads[f], 0);
        expect([
          seed,
          rows.routesAffected[r],
          rows.routesLost[r],
          rows.routesCut[r],
          rows.lostUnits[r],
          rows.fullestArc[r],
          rows.fullestRatio[r],
        ]).toEqual([
          seed,
          o.routesAffected,
          routes(o.stranded) + routes(o.cut),
          routes(o.cut),
          o.lostUnits,
          o.fullest?.arc ?? -1,
          o.fullest?.ratio ?? -1,
        ]);
        const alone = new Set([...lostBy(first), ...lostBy(rows.second[r])]);
        const newly = [...rows.newly.subarray(rows.newlyFirst[r], rows.newlyFirst[r + 1])];
        expect([seed, newly.sort((a, b) => a - b)]).toEqual([
          seed,
          [...o.stranded, ...o.cut].filter((f) => !alone.has(f)).sort((a, b) => a - b),
        ]);
        if (r % 7 === 0) expect([...evaluator.loads(scenario)]).toEqual(recompute(items, scenario).load);
      });
      const border = random.whole(0, n);
      // The ranges of one sweep leave nothing to each other, in whatever order they come.
      const sweep = newPairSweep(evaluator);
      const high = sweep({ from: border, to: n });
      const low = sweep({ from: 0, to: border });
      expect(joinPairs([low, high])).toEqual(rows);
      expect(joinPairs([linkPairs(evaluator, { from: 0, to: border }), high])).toEqual(rows);
    }
  });

  it('gateways with two tunnels lose half of a link, with one the whole', () => {
    const topology = freezeTopology({
      nodes: ['a', 'b'],
      arcs: [
        { from: 'a', to: 'b', link: 'x', latencyMs: 1, costPerGbUsd: 0, availableMbps: 100 },
        { from: 'b', to: 'a', link: 'x', latencyMs: 1, costPerGbUsd: 0, availableMbps: 100 },
      ],
    });
    const failures = gatewayFailures(topology, [
      { link: 'x', ends: ['a/1', 'b/1'] },
      { link: 'x', ends: ['a/2', 'b/1'] },
    ]);
    expect(
      failures.map(({ id, arcs, degraded }) => [id, arcs.length, degraded.map((d) => d.lostRatio)]),
    ).toEqual([
      ['a/1', 0, [0.5, 0.5]],
      ['a/2', 0, [0.5, 0.5]],
      ['b/1', 2, []],
    ]);
  });
});

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
import { compileRequest, routeSet } from '../../lib/routing';
import { recompute } from '../reference/failure-recompute';
import { skipped } from '../net/skipped';
import { seeded, type Seeded } from '../support/random-seeded';
import { randomTopology } from '../support/random-topology';
import { zooFiles } from '../support/zoo-files';
import { zooNetwork } from '../support/zoo-network';
import { namesOf, outcomeFates } from './outcome-fates';
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

function expectEqual(input: FailureInput, results: FailureResults, outcome: Outcome): void {
  const { evaluator } = results;
  const { table } = evaluator.base;
  const twin = recompute(input, outcome.scenario);
  const fates = outcomeFates(table, outcome);
  for (const [name, { fate }] of twin.fates) {
    const ours = fates.get(name) ?? 'served';
    const theirs = fate === 'kept' || fate === 'moved' || fate === 'unserved' ? 'served' : fate;
    if (ours !== theirs) throw new Error(`${outcome.scenario.id}, ${name}: ${ours}, not ${theirs}`);
  }
  const names = [...twin.fates.entries()];
  const affected = (kind: string) =>
    names.filter(([n, f]) => n.startsWith(kind) && f.fate !== 'kept' && f.fate !== 'unserved').length;
  expect([outcome.routesAffected, outcome.demandsAffected]).toEqual([affected('route'), affected('demand')]);
  expect([...evaluator.loads(outcome.scenario)]).toEqual(twin.load);
  expect(outcome.fullest).toEqual(twin.fullest);
  expect([outcome.lostUnits, outcome.endedUnits]).toEqual([twin.lostBps, twin.endedBps]);
  // A demand of 0 Mbps shares the fate of what follows the same route; the twin lets it fit anywhere.
  const some = new Set(input.demands.filter((d) => d.mbps > 0).map((d) => `demand ${d.id}`));
  const congested = outcome.congested.flatMap((c) => namesOf(table, c.flow)).filter((n) => some.has(n));
  const misfit = names.filter(([n, f]) => n.startsWith('d') && f.paths.length > 0 && !f.fits);
  expect(congested.sort()).toEqual(misfit.map(([n]) => n).sort());
}

function expectDetailEqual(input: FailureInput, results: FailureResults, outcome: Outcome): void {
  const { topology } = input;
  const forest = pathForest(topology, compileRequest(topology, { strategy: 'latency' }));
  const twin = recompute(input, outcome.scenario);
  const dead = new Set(outcome.scenario.arcs.map((a) => topology.links[topology.link[a]]));
  for (const change of detail(results.evaluator, forest, outcome).changes) {
    const route = `route ${change.from} ${change.to} ${change.classes.join()}`;
    for (const name of [
      ...change.demands.map((d) => `demand ${d}`),
      ...(twin.fates.has(route) ? [route] : []),
    ]) {
      if (name === route && change.demands.length === 1 && twin.fates.get(`demand ${change.demands[0]}`)) {
        const own = input.demands.find((d) => d.id === change.demands[0])!;
        if ((own.splits ?? []).length > 0) continue;
      }
      const theirs = twin.fates.get(name)!;
      const ours = [change.fate, change.afterMs ?? 0, change.after.length].join();
      const wanted = [theirs.fate, theirs.slowestMs, theirs.paths.length].join();
      if (ours !== wanted) throw new Error(`${outcome.scenario.id}, ${name}: ${ours}, not ${wanted}`);
      const wrong = theirs.paths.flatMap((p) => p.split(' ')).find((link) => dead.has(link));
      if (wrong !== undefined) throw new Error(`${name} uses ${wrong}`);
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
        for (const outcome of [results.noFailure, ...results.outcomes]) {
          expectEqual(input, results, outcome);
          if (outcome.scenario.kind !== 'region' && checked++ % 3 === 0)
            expectDetailEqual(input, results, outcome);
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
        if (r % 7 === 0) expect([...evaluator.loads(scenario)]).toEqual(recompute(input, scenario).load);
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

  it('single link failures on networks of the Topology Zoo', () => {
    const files = zooFiles();
    if (files === null) return skipped('../shared/data has no Topology Zoo');
    const names = ['Abilene', 'Aarnet', 'Nsfnet', 'Garr200109', 'Sprint', 'Bellcanada'];
    for (const { name, graphml } of files.filter((f) => names.includes(f.name))) {
      const { topology, demands } = zooNetwork(name, graphml, 7);
      const request = compileRequest(topology, { strategy: 'latency' });
      const sum = demands.reduce((s, d) => s + d.mbps, 0);
      const input: FailureInput = {
        topology,
        routes: demands.map(({ from, to }) => {
          const { primary, backups } = routeSet(topology, request, from, to, { backups: 1 });
          return {
            from,
            to,
            classes: ['bulk'],
            primary: { hops: primary!.arcs },
            backups: backups.map((b) => ({ hops: b.path.links })),
          };
        }),
        demands: demands.map((d) => ({
          ...d,
          id: `${d.from} ${d.to}`,
          class: 'bulk',
          mbps: (d.mbps / sum) * 60_000,
        })),
      };
      const results = analyseFailures(input);
      const links = results.outcomes.filter((o) => o.scenario.kind === 'link');
      // The twin is slow: every k-th link of the larger networks.
      const step = Math.ceil((links.length * demands.length) / 6000);
      links.filter((_, i) => i % step === 0).forEach((o) => expectEqual(input, results, o));
      expect([name, links.length]).toEqual([name, topology.links.length]);
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

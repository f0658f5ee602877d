import { spawnSync } from 'node:child_process';
import { loadSolver } from '../../lib/cli/load-solver';
import {
  baseState,
  compileFlows,
  linkFailures,
  linkPairs,
  newEvaluator,
  type FailureInput,
} from '../../lib/failure';
import type { Topology } from '../../lib/graph';
import { compileRequest, kShortest, routeSet, allPairs } from '../../lib/routing';
import { placeTraffic } from '../../lib/traffic';
import { arcLpUtilisation } from '../reference/traffic-arc-lp';
import { zooFiles } from '../support/zoo-files';
import { zooNetwork, type ZooNetwork } from '../support/zoo-network';
import { showTime } from './measure';

/** What was measured, and in how long. */
export interface PlanningRow {
  readonly what: string;
  readonly figure: string;
}

const seed = 7;

function timed<T>(work: () => T): { ms: number; value: T } {
  const start = process.hrtime.bigint();
  const value = work();
  return { ms: Number(process.hrtime.bigint() - start) / 1e6, value };
}

/**
 * Splits, disjoint pairs, failures and all-pairs on real networks; null without the Topology Zoo beside us.
 */
export function planningRows(): PlanningRow[] | null {
  const files = zooFiles();
  if (files === null) return null;
  const zoo = files.map(({ name, graphml }) => zooNetwork(name, graphml, seed));
  const cogentco = zoo.find((z) => z.name === 'Cogentco')!;
  return [...splitRows(zoo), ...pathRows(cogentco.topology), ...failureRows(cogentco), ...distanceRows(zoo)];
}

/** Exact splits of every network up to 300 nodes, beside HiGHS on the whole arc model. */
function splitRows(zoo: readonly ZooNetwork[]): PlanningRow[] {
  const solver = loadSolver();
  let [ours, theirs, networks, worst] = [0, 0, 0, 0];
  for (const { topology, demands } of zoo) {
    if (topology.nodes.length > 300 || demands.length === 0) continue;
    const index = (id: string) => topology.nodeIndex.get(id)!;
    const arcs = Array.from(topology.tail as Int32Array, (tail, a) => ({
      tail,
      head: topology.head[a],
      capacity: topology.availableMbps[a],
    }));
    const flows = demands.map((d) => ({ source: index(d.from), target: index(d.to), mbps: d.mbps }));
    const lp = timed(() => arcLpUtilisation(solver, { nodes: topology.nodes.length, arcs, demands: flows }));
    const scale = 0.6 / lp.value;
    const request = compileRequest(topology, { strategy: 'latency' });
    const wanted = demands.map((d, i) => ({
      ...d,
      id: `d${String(i).padStart(6, '0')}`,
      mbps: d.mbps * scale,
      class: 'bulk' as const,
      maxLatencyMs: null,
      request,
    }));
    const split = timed(() => placeTraffic({ topology, demands: wanted, modes: { bulk: 'te' }, solver }));
    theirs += lp.ms;
    ours += split.ms;
    networks++;
    worst = Math.max(worst, (split.value.classes[0].offeredRatio ?? Infinity) / 0.6);
  }
  return [
    { what: `splits of ${networks} networks, rounded to weights`, figure: showTime(ours) },
    { what: 'HiGHS on the whole arc model of the same', figure: showTime(theirs) },
    { what: 'worst utilisation over the optimum', figure: worst.toFixed(7) },
  ];
}

function pathRows(topology: Topology): PlanningRow[] {
  const n = topology.nodes.length;
  const request = compileRequest(topology, { strategy: 'latency' });
  const pairs = Array.from({ length: n }, (_, s) => s).flatMap((s) =>
    Array.from({ length: n - s - 1 }, (_, k) => [s, s + 1 + k] as const),
  );
  const some = pairs.filter((_, i) => i % 10 === 0);
  const shortest = timed(() => some.forEach(([s, t]) => kShortest(topology, request, s, t, 8)));
  const options = { backups: 1, disjoint: 'link', ecmpPaths: 1 } as const;
  const disjoint = timed(() => pairs.forEach(([s, t]) => routeSet(topology, request, s, t, options)));
  return [
    { what: `8 shortest paths of a pair, ${n} nodes`, figure: showTime(shortest.ms / some.length) },
    { what: `all ${pairs.length} link-disjoint pairs of Cogentco`, figure: showTime(disjoint.ms) },
  ];
}

function failureRows({ topology, demands }: ZooNetwork): PlanningRow[] {
  const request = compileRequest(topology, { strategy: 'latency' });
  const classes = ['bulk'] as const;
  const routes = demands.map(({ from, to }) => {
    const { primary, backups } = routeSet(topology, request, from, to, { backups: 2, ecmpPaths: 1 });
    const hops = (arcs: readonly number[]) => ({ hops: arcs });
    return {
      from,
      to,
      classes,
      primary: hops(primary!.arcs),
      backups: backups.map((b) => hops(b.path.arcs)),
    };
  });
  const placed = demands.map((d, i) => ({ ...d, id: `d${i}`, class: 'bulk' as const, mbps: d.mbps / 1e4 }));
  const input: FailureInput = { topology, routes, demands: placed };
  const compiled = timed(() => newEvaluator(baseState(compileFlows(input))));
  const failures = linkFailures(topology);
  const single = timed(() => failures.forEach((failure) => compiled.value.evaluate(failure)));
  const dual = timed(() => linkPairs(compiled.value));
  return [
    { what: 'routes and demands of Cogentco taken in, once', figure: showTime(compiled.ms) },
    {
      what: `all ${failures.length} single link failures of Cogentco with loads`,
      figure: showTime(single.ms),
    },
    { what: `all ${dual.value.first.length} pairs of link failures`, figure: showTime(dual.ms) },
  ];
}

/** All pairs of the six largest networks beside igraph in C, where Debian's python3-igraph is installed. */
function distanceRows(zoo: readonly ZooNetwork[]): PlanningRow[] {
  const largest = [...zoo].sort((x, y) => y.topology.nodes.length - x.topology.nodes.length).slice(0, 6);
  const times = largest.map(({ topology }) => {
    const best = (work: () => void) => Math.min(...Array.from({ length: 7 }, () => timed(work).ms));
    const ours = best(() => allPairs(topology, compileRequest(topology, { strategy: 'latency' })));
    const edges = Array.from({ length: topology.arcCount }, (_, a) => [topology.tail[a], topology.head[a]]);
    const input = JSON.stringify({ n: topology.nodes.length, edges, weights: [...topology.latencyMs] });
    const run = spawnSync('/usr/bin/python3', ['-c', igraphProgram], { input, encoding: 'utf8' });
    return { ours, theirs: run.status === 0 ? Number(run.stdout) : null };
  });
  const sizes = largest.map((z) => z.topology.nodes.length).join(', ');
  const total = times.reduce((sum, t) => sum + t.ours, 0);
  const ratios = times.flatMap((t) => (t.theirs === null ? [] : [Math.log(t.ours / t.theirs)]));
  const mean = Math.exp(ratios.reduce((sum, r) => sum + r, 0) / Math.max(1, ratios.length));
  const beside = ratios.length === 0 ? 'python3-igraph is not installed' : `${mean.toFixed(2)} x igraph in C`;
  return [{ what: `all pairs of networks of ${sizes} nodes`, figure: `${showTime(total)}, ${beside}` }];
}

const igraphProgram = `
import json, sys, time
import igraph
given = json.load(sys.stdin)
graph = igraph.Graph(n=given["n"], edges=given["edges"], directed=True)
best = 1e9
for _ in range(7):
    start = time.perf_counter()
    graph.distances(weights=given["weights"])
    best = min(best, time.perf_counter() - start)
print(best * 1000)
`;

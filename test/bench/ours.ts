import { availableParallelism } from 'node:os';
import { loadSolver } from '../../lib/project/solver';
import { sweepPairs } from '../../lib/cli/pair-threads';
import {
  baseState,
  compileFlows,
  linkFailures,
  linkPairs,
  newEvaluator,
  pathForest,
  repairForest,
  type FailureInput,
} from '../../lib/failure';
import type { Topology } from '../../lib/graph';
import { allPairs, compileRequest, kShortest, routeSet } from '../../lib/routing';
import { placeTraffic } from '../../lib/traffic';
import { flowProblem } from '../../lib/traffic/flow-problem';
import { minMaxFlow } from '../../lib/traffic/min-max-flow';
import { arcLpUtilisation } from '../reference/traffic-arc-lp';
import type { ZooNetwork } from '../support/zoo-network';
import type { Run } from './contest';
import { median } from './measure';
import { networkNamed, zooNetworks } from './networks';

/* eslint-disable no-console -- a program that prints one line of JSON */

// node ours.js <task> <network> [step]: our side of the contests.

type Answer = Omit<Run, 'peakMb'>;

function timed<T>(work: () => T): { ms: number; value: T } {
  const start = process.hrtime.bigint();
  const value = work();
  return { ms: Number(process.hrtime.bigint() - start) / 1e6, value };
}

/** Median of some runs after others that warm up. */
function warm<T>(work: () => T, runs = 5, warmups = 10): { ms: number; value: T } {
  for (let i = 0; i < warmups; i++) work();
  const all = Array.from({ length: runs }, () => timed(work));
  return { ms: median(all.map((run) => run.ms)), value: all[0].value };
}

/** Pairs of nodes, each once, source before target. */
function pairsOf(topology: Topology): (readonly [number, number])[] {
  const n = topology.nodes.length;
  return Array.from({ length: n }, (_, s) => s).flatMap((s) =>
    Array.from({ length: n - s - 1 }, (_, k) => [s, s + 1 + k] as const),
  );
}

function every<T>(list: readonly T[], step: number): T[] {
  return list.filter((_, i) => i % step === 0);
}

const nanoseconds = (ms: number) => Math.round(ms * 1e6);

function distances(name: string): Answer {
  const topology = networkNamed(name);
  const { ms, value } = warm(() => allPairs(topology, compileRequest(topology, { strategy: 'latency' })));
  let sum = 0;
  for (const d of value) if (d < Infinity) sum += nanoseconds(d);
  return { ms: { distances: ms }, check: [sum] };
}

function shortest(name: string, step: number): Answer {
  const topology = networkNamed(name);
  const all = pairsOf(topology);
  const some = every(all, step);
  const ask = () => {
    const request = compileRequest(topology, { strategy: 'latency' });
    return some.map(([s, t]) => kShortest(topology, request, s, t, 8).paths);
  };
  const { ms } = warm(ask, 1, 1);
  const request = compileRequest(topology, { strategy: 'latency' });
  const check = every(all, 1000).map(([s, t]) =>
    kShortest(topology, request, s, t, 8).paths.reduce((sum, p) => sum + nanoseconds(p.latencyMs), 0),
  );
  return { ms: { pair: ms / some.length }, check };
}

function disjoint(name: string): Answer {
  const topology = networkNamed(name);
  const pairs = pairsOf(topology);
  const options = { backups: 1, disjoint: 'link', ecmpPaths: 1 } as const;
  const ask = (list: typeof pairs) => {
    const request = compileRequest(topology, { strategy: 'latency' });
    return list.map(([s, t]) => {
      const { primary, backups } = routeSet(topology, request, s, t, options);
      if (!primary || backups.length === 0 || backups[0].sharedLinks.length > 0) return 0;
      return nanoseconds(primary.latencyMs) + nanoseconds(backups[0].path.latencyMs);
    });
  };
  ask(every(pairs, 10));
  const { ms, value } = timed(() => ask(pairs));
  return { ms: { all: ms, pair: ms / pairs.length }, check: every(value, 1000) };
}

async function failures(name: string): Promise<Answer> {
  const [{ topology, demands }] = zooNetworks([name])!;
  const request = compileRequest(topology, { strategy: 'latency' });
  const routes = demands.map(({ from, to }) => {
    const { primary, backups } = routeSet(topology, request, from, to, { backups: 2, ecmpPaths: 1 });
    const hops = backups.map((b) => ({ hops: b.path.arcs }));
    return { from, to, classes: ['bulk'] as const, primary: { hops: primary!.arcs }, backups: hops };
  });
  const placed = demands.map((d, i) => ({ ...d, id: `d${i}`, class: 'bulk' as const, mbps: d.mbps / 1e4 }));
  const input: FailureInput = { topology, routes, demands: placed };
  const intake = warm(() => newEvaluator(baseState(compileFlows(input))), 5, 3);
  const evaluator = intake.value;
  const links = linkFailures(topology);
  const single = warm(() => links.map((failure) => evaluator.evaluate(failure)), 5, 2);
  const dual = timed(() => linkPairs(evaluator));
  const start = process.hrtime.bigint();
  await sweepPairs(evaluator, availableParallelism());
  const threads = Number(process.hrtime.bigint() - start) / 1e6;
  return {
    ms: {
      intake: intake.ms,
      single: single.ms,
      failure: single.ms / links.length,
      dual: dual.ms,
      threads,
    },
    check: null,
  };
}

/** After each link failure: the trees repaired, and the path of every pair that was affected. */
function repair(name: string, step: number): Answer {
  const topology = networkNamed(name);
  const n = topology.nodes.length;
  const forest = pathForest(topology, compileRequest(topology, { strategy: 'latency' }));
  const links = linkFailures(topology);
  const one = (arcs: readonly number[]) => {
    const repaired = repairForest(forest, arcs);
    const { rerouted } = repaired;
    let found = 0;
    for (let i = 0; i < rerouted.length; i += 2)
      if (repaired.tryPath(rerouted[i], rerouted[i + 1]) !== null) found++;
    return { repaired, found };
  };
  for (const { arcs } of links) one(arcs);
  const times = links.map(({ arcs }) => timed(() => one(arcs)).ms);
  const { hopRadix, scale } = forest.request;
  const check = every(links, step).map(({ arcs }) => {
    const { repaired } = one(arcs);
    let sum = 0;
    for (let s = 0; s < n; s++) {
      for (let t = 0; t < n; t++) {
        const key = repaired.distance(s, t);
        if (key < Infinity) sum += nanoseconds(Math.floor(key / hopRadix) / scale);
      }
    }
    return sum;
  });
  return { ms: { failure: median(times), worst: Math.max(...times) }, check };
}

const mostNodes = 300;
const splitNetworks = () =>
  zooNetworks()!.filter((z) => z.topology.nodes.length <= mostNodes && z.demands.length > 0);

function flowsOf({ topology, demands }: ZooNetwork) {
  const index = (id: string) => topology.nodeIndex.get(id)!;
  return demands.map((d) => ({ source: index(d.from), target: index(d.to), mbps: d.mbps }));
}

/** Exact splits of every network of the Zoo up to 300 nodes, and the same placed with weights. */
function splits(): Answer {
  const solver = loadSolver();
  let [exact, rounded] = [0, 0];
  const check = splitNetworks().map((network) => {
    const { topology, demands } = network;
    const request = compileRequest(topology, { strategy: 'latency' });
    const flows = flowsOf(network).map((flow) => ({ ...flow, request, maxLatencyMs: null }));
    const best = timed(() => minMaxFlow(flowProblem(topology, topology.availableMbps, flows), solver));
    exact += best.ms;
    const scale = 0.6 / best.value.utilisation;
    const wanted = demands.map((d, i) => ({
      ...d,
      id: `d${String(i).padStart(6, '0')}`,
      mbps: d.mbps * scale,
      class: 'bulk' as const,
      maxLatencyMs: null,
      request,
    }));
    rounded += timed(() => placeTraffic({ topology, demands: wanted, modes: { bulk: 'te' }, solver })).ms;
    return best.value.utilisation;
  });
  return { ms: { exact, rounded }, check };
}

/** HiGHS on the whole arc model of the same. */
function arcModels(): Answer {
  const solver = loadSolver();
  let exact = 0;
  const check = splitNetworks().map((network) => {
    const { topology } = network;
    const arcs = Array.from(topology.tail as Int32Array, (tail, a) => ({
      tail,
      head: topology.head[a],
      capacity: topology.availableMbps[a],
    }));
    const demands = flowsOf(network);
    const lp = timed(() => arcLpUtilisation(solver, { nodes: topology.nodes.length, arcs, demands }));
    exact += lp.ms;
    return lp.value;
  });
  return { ms: { exact }, check };
}

const tasks: Readonly<Record<string, (name: string, step: number) => Answer | Promise<Answer>>> = {
  distances,
  'k-shortest': shortest,
  disjoint,
  failures,
  repair,
  splits,
  'arc-models': arcModels,
};

async function main([task, name = '', step = '1']: readonly string[]): Promise<void> {
  const answer = await tasks[task](name, Number(step));
  // maxRSS is in kilobytes (getrusage).
  console.log(JSON.stringify({ ...answer, peakMb: process.resourceUsage().maxRSS / 1000 }));
}

void main(process.argv.slice(2));

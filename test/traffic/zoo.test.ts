import type { Topology } from '../../lib/graph';
import { compileRequest } from '../../lib/routing';
import { loadSolver } from '../../lib/project/solver';
import { boundOf, placeTraffic } from '../../lib/traffic';
import { deployableSplit } from '../../lib/traffic/deployable-split';
import { flowProblem } from '../../lib/traffic/flow-problem';
import { minMaxFlow } from '../../lib/traffic/min-max-flow';
import { morePaths } from '../../lib/traffic/more-paths';
import { arcLpUtilisation } from '../reference/traffic-arc-lp';
import { zooFiles } from '../support/zoo-files';
import { zooNetwork } from '../support/zoo-network';

const seed = 7;
/** What demands are scaled to: the optimum of the arc LP. */
const wanted = 0.6;

/** Least length of a path to one node by node; the obvious way, apart from the room's own search. */
function distancesTo(topology: Topology, length: Float64Array, target: number): Float64Array {
  const distance = new Float64Array(topology.nodes.length).fill(Infinity);
  distance[target] = 0;
  for (let changed = true; changed;) {
    changed = false;
    for (let a = 0; a < topology.arcCount; a++) {
      const through = distance[topology.head[a]] + length[a];
      if (through < distance[topology.tail[a]] - 1e-18) {
        distance[topology.tail[a]] = through;
        changed = true;
      }
    }
  }
  return distance;
}

/** CPU time of this process: machines that run tests are shared. */
function cpuMs(): number {
  return process.cpuUsage().user / 1000;
}

function quantile(list: readonly number[], q: number): number {
  const sorted = [...list].sort((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

/** The networks up to 300 nodes that have demands, scaled, with the optimum of the arc LP before scaling. */
async function networks() {
  const files = zooFiles();
  if (files === null) return null;
  const solver = loadSolver();
  return files
    .map(({ name, graphml }) => zooNetwork(name, graphml, seed))
    .filter((z) => z.topology.nodes.length <= 300 && z.demands.length > 0)
    .map(({ name, topology, demands }) => {
      const flows = demands.map(({ from, to, mbps }) => ({
        source: topology.nodeIndex.get(from)!,
        target: topology.nodeIndex.get(to)!,
        mbps,
      }));
      const arcs = Array.from(topology.tail as Int32Array, (tail, a) => ({
        tail,
        head: topology.head[a],
        capacity: topology.availableMbps[a],
      }));
      const optimum = arcLpUtilisation(solver, { nodes: topology.nodes.length, arcs, demands: flows });
      const scaled = flows.map((d) => ({ ...d, mbps: (d.mbps * wanted) / optimum }));
      return { name, topology, flows: scaled };
    });
}

describe('splits of the Internet Topology Zoo, up to 300 nodes', () => {
  it('are optimal, certified, and hardly worse with whole-number weights', async () => {
    const solver = loadSolver();
    const zoo = await networks();
    if (zoo === null) {
      process.stderr.write('skipped: ../shared/data/internet-topology-zoo-graphml.tar.xz is absent\n');
      return;
    }
    const wrong: string[] = [];
    const ratios: Record<number, number[]> = { 16: [], 64: [] };
    let [exactMs, roundMs, worst, worstGap] = [0, 0, 0, 0];
    for (const { name, topology, flows } of zoo) {
      const request = compileRequest(topology, { strategy: 'latency' });
      let begin = cpuMs();
      const problem = flowProblem(
        topology,
        topology.availableMbps,
        flows.map((d) => ({ ...d, request, maxLatencyMs: null })),
      );
      const best = minMaxFlow(problem, solver);
      exactMs += cpuMs() - begin;
      worst = Math.max(worst, best.utilisation / wanted);
      worstGap = Math.max(worstGap, best.certificate.gapRatio);
      if (best.method !== 'exact' || best.utilisation > wanted * 1.0001 || best.utilisation < wanted * 0.9999)
        wrong.push(`${name}: ${best.method} ${best.utilisation}`);

      const length = new Float64Array(topology.arcCount);
      for (const l of best.certificate.lengths) length[l.arc] = l.length;
      const byTarget = new Map<number, Float64Array>();
      const distance = flows.map(({ source, target }) => {
        if (!byTarget.has(target)) byTarget.set(target, distancesTo(topology, length, target));
        return byTarget.get(target)![source];
      });
      const bound = boundOf(length, topology.availableMbps, flows, distance);
      if (Math.abs(bound - best.certificate.bound) > 1e-9 || bound < best.utilisation * (1 - 1e-4))
        wrong.push(`${name}: bound ${bound}, said ${best.certificate.bound}`);

      for (const units of [16, 64]) {
        begin = cpuMs();
        const more = morePaths(problem);
        const demands = flows.map(({ mbps }, d) => ({ mbps, paths: best.paths[d], more: more(d) }));
        const split = deployableSplit(
          problem.capacity,
          demands,
          { mostPaths: 4, units },
          best.certificate.bound,
        );
        roundMs += units === 16 ? cpuMs() - begin : 0;
        const load = new Float64Array(topology.arcCount);
        split.paths.forEach((paths, d) => {
          const sum = paths.reduce((s, p) => s + p.weight, 0);
          if (sum !== units || paths.length > 4) wrong.push(`${name}: ${paths.length} paths, ${sum} units`);
          for (const p of paths) for (const a of p.arcs) load[a] += (flows[d].mbps * p.weight) / units;
        });
        const peak = load.reduce((most, l, a) => Math.max(most, l / topology.availableMbps[a]), 0);
        ratios[units].push(peak / wanted);
      }
    }
    process.stderr.write(
      `zoo, seed ${seed}, ${zoo.length} networks, CPU time: exact ${(exactMs / 1000).toFixed(1)} s, ` +
        `16 units ${(roundMs / 1000).toFixed(1)} s; utilisation / arc LP at most ${worst.toFixed(7)}, ` +
        `certified gap at most ${worstGap.toExponential(1)}; ` +
        [16, 64]
          .map((u) => `${u} units: ${[0.5, 0.95, 1].map((q) => quantile(ratios[u], q).toFixed(5)).join(' ')}`)
          .join('; ') +
        ' (median, p95, most)\n',
    );
    expect(wrong).toEqual([]);
    expect(quantile(ratios[16], 0.5)).toBeLessThanOrEqual(1.01);
    expect(quantile(ratios[16], 0.95)).toBeLessThanOrEqual(1.05);
    expect(quantile(ratios[64], 0.95)).toBeLessThanOrEqual(1.01);
  }, 600_000);

  it('come out in the same bytes through the room, on a second run and in any order of demands', async () => {
    const files = zooFiles()?.filter((f) =>
      ['Abilene', 'Epoch', 'Globalcenter', 'Geant2012'].includes(f.name),
    );
    if (files === undefined) return;
    const solver = loadSolver();
    for (const { name, graphml } of files) {
      const { topology, demands } = zooNetwork(name, graphml, seed);
      const request = compileRequest(topology, { strategy: 'latency' });
      const all = demands.map((d) => ({
        ...d,
        id: `${d.from}-${d.to}`,
        mbps: d.mbps * 2,
        class: 'bulk' as const,
        maxLatencyMs: null,
        request,
      }));
      const bytes = [all, all, [...all].reverse()].map((list) =>
        JSON.stringify(placeTraffic({ topology, demands: list, solver })),
      );
      expect(new Set(bytes).size).toBe(1);
    }
  });
});

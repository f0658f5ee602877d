import { freezeTopology } from '../../lib/graph';
import { compileRequest } from '../../lib/routing';
import type { TrafficDemand } from '../../lib/traffic';
import { loadSolver } from '../../lib/project/solver';
import { gbPerMbpsMonth, placeTraffic } from '../../lib/traffic';
import { cheapestRepair } from '../../lib/traffic/cheapest-repair';
import { deployableSplit } from '../../lib/traffic/deployable-split';
import { flowDemand } from '../../lib/traffic/flow-demand';
import { flowProblem } from '../../lib/traffic/flow-problem';
import { maxMinFlow } from '../../lib/traffic/max-min-flow';
import { minMaxFlow } from '../../lib/traffic/min-max-flow';
import { mostThroughPaths } from '../../lib/traffic/most-through-paths';
import { routable } from '../../lib/traffic/routable';
import { listPaths } from '../reference/routing-enumeration';
import type { PathLpInput } from '../reference/traffic-path-lp';
import { pathLpMaxMin, pathLpRepair, pathLpUtilisation } from '../reference/traffic-path-lp';
import type { Seeded } from '../support/random-seeded';
import { seeded } from '../support/random-seeded';
import { randomConstraints, randomTopology } from '../support/random-topology';

const seed = 20261123;

/** A small random network with constrained demands, and every path each may take, listed. */
function randomCase(random: Seeded) {
  const input = randomTopology(random);
  const topology = freezeTopology(input);
  const ids = input.nodes.map((v) => v.id);
  const demands: TrafficDemand[] = [];
  const paths: number[][][] = [];
  const constraintSets = [{}, random.chance(0.6) ? randomConstraints(random, input) : {}];
  const requests = constraintSets.map((constraints) =>
    compileRequest(topology, { strategy: 'latency', constraints }),
  );
  const count = random.whole(1, 5);
  for (let i = 0; i < count; i++) {
    const [from, to] = [random.pick(ids), random.pick(ids)];
    const which = random.whole(0, 1);
    const maxLatencyMs = random.chance(0.3) ? random.pick([2, 5, 10, 20]) : null;
    const own = (constraintSets[which] as { maxLatencyMs?: number | null }).maxLatencyMs ?? Infinity;
    const bound = Math.min(own, maxLatencyMs ?? Infinity);
    const constraints = { ...constraintSets[which], maxLatencyMs: bound === Infinity ? null : bound };
    const listed = listPaths({ input, strategy: 'latency', constraints }, from, to);
    const mbps = random.pick([50, 100, 150, 300, 700]);
    demands.push({ id: `d${i}`, from, to, mbps, class: 'bulk', maxLatencyMs, request: requests[which] });
    paths.push(listed.map((p) => p.arcs.map((arc) => arcNumber(topology, arc.link, arc.from))));
  }
  const flows = demands.map((d) => flowDemand(topology, d));
  const open = routable(topology, topology.availableMbps, flows);
  const kept = demands.map((_, d) => d).filter((d) => open[d]);
  const listed: PathLpInput = {
    capacity: [...topology.availableMbps],
    demands: kept.map((d) => ({ mbps: demands[d].mbps, paths: paths[d] })),
  };
  return { topology, demands, paths, open, flows: kept.map((d) => flows[d]), listed };
}

function arcNumber(topology: ReturnType<typeof freezeTopology>, link: string, from: string): number {
  const [l, v] = [topology.linkIndex.get(link)!, topology.nodeIndex.get(from)!];
  return [topology.linkArc[2 * l], topology.linkArc[2 * l + 1]].find(
    (a) => a >= 0 && topology.tail[a] === v,
  )!;
}

describe(`splits on random networks against every path listed, seed ${seed}`, () => {
  it('reach the optimum of the whole path LP and prove it, with latency bounds and any constraint', async () => {
    const solver = loadSolver();
    const random = seeded(seed);
    let solved = 0;
    for (let i = 0; i < 400; i++) {
      const { topology, paths, open, flows, listed } = randomCase(random);
      expect(open).toEqual(paths.map((list) => list.length > 0));
      if (flows.length === 0) continue;
      const best = minMaxFlow(flowProblem(topology, topology.availableMbps, flows), solver);
      const optimum = pathLpUtilisation(solver, listed);
      expect(best.method).toBe('exact');
      expect(Math.abs(best.utilisation / optimum - 1)).toBeLessThan(1e-5);
      expect(best.certificate.bound).toBeLessThanOrEqual(optimum * (1 + 1e-9));
      expect(best.certificate.gapRatio).toBeLessThan(1e-5);
      const length = new Map(best.certificate.lengths.map((l) => [l.arc, l.length]));
      const bound = listed.demands.reduce((sum, d) => {
        const least = Math.min(...d.paths.map((p) => p.reduce((s, a) => s + (length.get(a) ?? 0), 0)));
        return sum + d.mbps * least;
      }, 0);
      expect(best.certificate.bound).toBeCloseTo(bound, 9);
      best.paths.forEach((list, d) =>
        list.forEach((p) => expect(listed.demands[d].paths).toContainEqual([...p.arcs])),
      );
      solved++;
    }
    process.stderr.write(`random splits solved: ${solved}\n`);
    expect(solved).toBeGreaterThan(200);
  });

  it('are lexicographically max-min fair when the network is full', async () => {
    const solver = loadSolver();
    const random = seeded(seed + 1);
    let full = 0;
    for (let i = 0; i < 1700; i++) {
      const { topology, flows, listed } = randomCase(random);
      if (flows.length === 0) continue;
      const problem = flowProblem(topology, topology.availableMbps, flows);
      const best = minMaxFlow(problem, solver);
      if (best.utilisation <= 1 + 1e-9) continue;
      const fair = maxMinFlow(problem, best, solver);
      expect(fair.method).toBe('exact');
      const slow = pathLpMaxMin(solver, listed);
      slow.forEach((ratio, d) => expect(Math.abs(fair.ratio[d] - ratio)).toBeLessThan(2e-5));
      full++;
    }
    process.stderr.write(`full networks: ${full}\n`);
    expect(full).toBeGreaterThan(250);
  });

  it('are repaired at the least price', async () => {
    const solver = loadSolver();
    const random = seeded(seed + 2);
    for (let i = 0; i < 150; i++) {
      const { topology, flows, listed } = randomCase(random);
      if (flows.length === 0) continue;
      const repair = cheapestRepair(topology, topology.availableMbps, flows, solver)!;
      const known = [...topology.costPerGbUsd].filter((usd) => !Number.isNaN(usd));
      const dearest = known.length > 0 ? Math.max(...known) : 1;
      const price = [...topology.costPerGbUsd].map(
        (usd) => Math.max(1e-6, Number.isNaN(usd) ? dearest : usd) * gbPerMbpsMonth,
      );
      const least = pathLpRepair(solver, listed, price);
      const paid = repair.upgrades.reduce((sum, u) => {
        const a = arcNumber(topology, u.link, u.from);
        return sum + price[a] * u.addMbps;
      }, 0);
      expect(Math.abs(paid - least)).toBeLessThan(1e-4 * Math.max(1, least));
      const unknown = repair.upgrades.filter((u) =>
        Number.isNaN(topology.costPerGbUsd[arcNumber(topology, u.link, u.from)]),
      );
      expect(repair.usdPerMonth === null).toBe(unknown.length > 0);
      expect(repair.unknownCostLinks).toEqual([...new Set(unknown.map((u) => u.link))]);
    }
  });

  it('name an irreducible conflict: together its demands do not fit, without any one of them they do', async () => {
    const solver = loadSolver();
    const random = seeded(seed + 3);
    let [conflicts, smallest] = [0, 0];
    for (let i = 0; i < 200; i++) {
      const { topology, demands, listed, open } = randomCase(random);
      const inelastic = demands.map((d) => ({ ...d, class: 'realtime' as const }));
      const modes = { realtime: 'te' as const };
      const [placed] = placeTraffic({ topology, demands: inelastic, modes, solver }).classes;
      const fits = (list: readonly string[]) => {
        const ids = demands.map((d) => d.id).filter((_, d) => open[d]);
        const chosen = listed.demands.filter((_, k) => list.includes(ids[k]));
        return chosen.length === 0 || pathLpUtilisation(solver, { ...listed, demands: chosen }) <= 1 + 1e-6;
      };
      const all = demands.map((d) => d.id);
      expect(placed.conflict === null).toBe(fits(all));
      if (placed.conflict === null) continue;
      const named = placed.conflict.demands;
      expect(fits(named)).toBe(false);
      for (const left of named) expect(fits(named.filter((id) => id !== left))).toBe(true);
      let least = Infinity;
      for (let set = 1; set < 1 << all.length; set++) {
        const list = all.filter((_, d) => (set >> d) & 1);
        if (list.length < least && !fits(list)) least = list.length;
      }
      conflicts++;
      if (named.length === least) smallest++;
    }
    process.stderr.write(`conflicts: ${conflicts}, of the smallest size: ${smallest}\n`);
    expect(conflicts).toBeGreaterThan(20);
    expect(smallest / conflicts).toBeGreaterThan(0.95);
  });
});

describe(`whole-number weights against exhaustive search, seed ${seed}`, () => {
  it('are as good for up to six paths and 32 units', () => {
    const random = seeded(seed + 4);
    const sizes = [
      ...Array.from({ length: 60 }, () => [random.whole(2, 4), 16]),
      ...Array.from({ length: 40 }, () => [random.whole(1, 5), random.whole(1, 32)]),
      ...[2, 3, 4, 5, 6, 6].map((count) => [count, 32]),
    ];
    let searched = 0;
    for (const [count, units] of sizes) {
      const arcs = 8;
      const capacity = Float64Array.from({ length: arcs }, () => random.whole(10, 100));
      const paths = Array.from({ length: count }, (_, j) => {
        const set = Array.from({ length: arcs }, (_, a) => a).filter(() => random.chance(0.35));
        return { arcs: set.length > 0 ? set : [j % arcs], share: 1 / count };
      });
      const mostPaths = random.chance(0.5) ? 6 : random.whole(1, 4);
      const split = deployableSplit(capacity, [{ mbps: 100, paths, more: null }], { mostPaths, units });
      let least = Infinity;
      const load = new Float64Array(arcs);
      const every = (j: number, left: number, used: number) => {
        if (used > mostPaths) return;
        if (j === count) {
          if (left > 0) return;
          searched++;
          let peak = 0;
          for (let a = 0; a < arcs; a++) peak = Math.max(peak, (load[a] * 100) / units / capacity[a]);
          least = Math.min(least, peak);
          return;
        }
        for (let w = 0; w <= left; w++) {
          for (const a of paths[j].arcs) load[a] += w;
          every(j + 1, left - w, used + (w > 0 ? 1 : 0));
          for (const a of paths[j].arcs) load[a] -= w;
        }
      };
      every(0, units, 0);
      expect(split.utilisation).toBeCloseTo(least, 9);
      expect(split.paths[0].length).toBeLessThanOrEqual(mostPaths);
    }
    process.stderr.write(`${sizes.length} splits equal the best of ${searched} combinations\n`);
  });

  it('are as good for two demands that share links, with up to six paths together', () => {
    const random = seeded(seed + 6);
    let searched = 0;
    for (let n = 0; n < 40; n++) {
      const units = random.pick([4, 8, 8, 16]);
      const counts = [random.whole(1, 3), random.whole(1, 3)];
      const capacity = Float64Array.from({ length: 7 }, () => random.whole(10, 100));
      const demands = counts.map((count) => ({
        mbps: random.whole(20, 120),
        paths: Array.from({ length: count }, (_, j) => {
          const set = [...capacity.keys()].filter(() => random.chance(0.35));
          return { arcs: set.length > 0 ? set : [j], share: 1 / count };
        }),
        more: null,
      }));
      const split = deployableSplit(capacity, demands, { mostPaths: 4, units });
      let least = Infinity;
      const load = new Float64Array(capacity.length);
      const every = (d: number, j: number, left: number): void => {
        if (d === demands.length) {
          searched++;
          least = Math.min(
            least,
            load.reduce((p, l, a) => Math.max(p, l / capacity[a]), 0),
          );
          return;
        }
        const { mbps, paths } = demands[d];
        const lay = (w: number) => {
          for (const a of paths[j].arcs) load[a] += (w * mbps) / units;
        };
        for (let w = j === paths.length - 1 ? left : 0; w <= left; w++) {
          lay(w);
          if (j === paths.length - 1) every(d + 1, 0, units);
          else every(d, j + 1, left - w);
          lay(-w);
        }
      };
      every(0, 0, units);
      expect(split.utilisation).toBeCloseTo(least, 9);
    }
    process.stderr.write(`40 splits of two demands equal the best of ${searched} combinations\n`);
  });

  it('carry through given paths what the solver says they can', async () => {
    const solver = loadSolver();
    const random = seeded(seed + 5);
    for (let i = 0; i < 200; i++) {
      const capacity = Array.from({ length: 7 }, () => random.whole(0, 20) * 10);
      const paths = Array.from({ length: random.whole(1, 6) }, () => {
        const set = capacity.map((_, a) => a).filter(() => random.chance(0.4));
        return set.length > 0 ? set : [0];
      });
      const x = mostThroughPaths(Float64Array.from(capacity), paths);
      const sum = x.reduce((s, v) => s + v, 0);
      const closed = paths.every((p) => p.some((a) => capacity[a] === 0));
      const open = paths.filter((p) => p.every((a) => capacity[a] > 0));
      const utilisation = closed
        ? Infinity
        : pathLpUtilisation(solver, { capacity, demands: [{ mbps: 1, paths: open }] });
      expect(sum).toBeCloseTo(1 / utilisation, 5);
    }
  });
});

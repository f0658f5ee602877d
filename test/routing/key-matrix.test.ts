import type { ArcInput } from '../../lib/graph';
import { freezeTopology } from '../../lib/graph';
import type { StrategyName } from '../../lib/model';
import { allPairs, compileRequest, tryBestPath, type Request } from '../../lib/routing';
import { eliminate } from '../../lib/routing/elimination';
import { keyMatrix } from '../../lib/routing/key-matrix';
import { leastKeysTo } from '../reference/routing-least-keys';
import { meshGraph, sparseGraph } from '../support/formula-graphs';
import { seeded, type Seeded } from '../support/random-seeded';
import { waxmanNetwork } from '../support/waxman-network';

const strategies: readonly StrategyName[] = ['latency', 'cost', 'balanced', 'metric'];

function expectEqual(request: Request): void {
  const n = request.topology.nodes.length;
  const [bySource, byTarget] = [keyMatrix(request), keyMatrix(request, true)];
  for (let to = 0; to < n; to++) {
    const wanted = leastKeysTo(request, to);
    expect([...byTarget.subarray(to * n, to * n + n)]).toEqual(wanted);
    expect(wanted.map((_, from) => bySource[from * n + to])).toEqual(wanted);
  }
}

/** Trees, chains, rings, dense parts and islands; one-way, parallel and free links; figures that tie. */
function randomArcs(random: Seeded, n: number, m: number): ArcInput[] {
  const twoWay = random.chance(0.3);
  const even = random.chance(0.3);
  const dense = random.whole(2, n);
  return Array.from({ length: m }, (_, i) => {
    const size = random.chance(0.5) ? dense : n;
    const a = random.whole(0, size - 1);
    const b = random.chance(0.3) ? (a + 1) % n : random.whole(0, size - 1);
    const figures = () => ({
      link: `l${i}`,
      latencyMs: even ? 10 : random.pick([0, 0.1, 1, 1, 2, 5, 7.5, 123.456]),
      costPerGbUsd: even ? 0.02 : random.pick([0, 0.01, 0.02, 0.09, null]),
      availableMbps: 100,
      utilisationRatio: random.pick([0, 0.5]),
    });
    const there = { ...figures(), from: `r${a}`, to: `r${b}` };
    if (a === b) return [];
    if (!twoWay && random.chance(0.3)) return [there];
    return [there, { ...(twoWay ? there : figures()), from: `r${b}`, to: `r${a}` }];
  }).flat();
}

describe('all-pairs distances by elimination', () => {
  it('equal plain relaxation on 400 random networks, with regions and links closed', () => {
    const cores = new Set<string>();
    for (let seed = 1; seed <= 400; seed++) {
      const random = seeded(seed);
      const n = random.whole(2, 40);
      const arcs = randomArcs(random, n, random.whole(0, random.pick([n, 2 * n, 12 * n])));
      const nodes = Array.from({ length: n }, (_, v) => `r${v}`);
      const topology = freezeTopology({ nodes, arcs });
      const request = compileRequest(topology, {
        strategy: strategies[seed % 4],
        constraints: {
          avoidRegions: nodes.filter(() => random.chance(seed % 2 === 0 ? 0.15 : 0)),
          avoidLinks: topology.links.filter(() => random.chance(0.05)),
        },
      });
      try {
        expectEqual(request);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
      const { core, symmetric } = eliminate(request);
      cores.add(`${core.length > 0 ? 'core' : 'no core'}, ${symmetric ? 'symmetric' : 'not symmetric'}`);
    }
    expect([...cores].sort()).toEqual([
      'core, not symmetric',
      'core, symmetric',
      'no core, not symmetric',
      'no core, symmetric',
    ]);
  });

  it('equal plain relaxation on backbones, where a core is searched, and on a mesh', () => {
    for (const topology of [
      waxmanNetwork(120, 2.2, 1),
      waxmanNetwork(250, 6, 2),
      freezeTopology(meshGraph(30)),
      freezeTopology(sparseGraph(90)),
    ]) {
      expectEqual(compileRequest(topology, { strategy: 'latency' }));
    }
  });

  it('are the metrics of the best paths under a bound on the metric, with regions to avoid', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = seeded(seed);
      const n = random.whole(2, 16);
      const nodes = Array.from({ length: n }, (_, v) => `r${v}`);
      const topology = freezeTopology({ nodes, arcs: randomArcs(random, n, 3 * n) });
      const request = compileRequest(topology, {
        strategy: 'latency',
        constraints: {
          maxLatencyMs: random.pick([1, 5, 20, 200]),
          avoidRegions: nodes.filter(() => random.chance(0.1)),
        },
      });
      const wanted = nodes.flatMap((from) =>
        nodes.map((to) =>
          from === to ? 0 : (tryBestPath(topology, request, from, to)?.latencyMs ?? Infinity),
        ),
      );
      const byNumber = nodes.map((id) => topology.nodeIndex.get(id)!);
      const got = allPairs(topology, request);
      const found = byNumber.flatMap((from) => byNumber.map((to) => got[from * n + to]));
      expect([seed, found]).toEqual([seed, wanted]);
    }
  });
});

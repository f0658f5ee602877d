import { failureOf, linkFailures, pathForest, regionFailures, repairForest } from '../../lib/failure';
import { freezeTopology, type Topology } from '../../lib/graph';
import { bestPath, compileRequest, type RequestInput } from '../../lib/routing';
import { skipped } from '../net/skipped';
import { seeded } from '../support/random-seeded';
import { randomTopology } from '../support/random-topology';
import { ring } from '../support/routing-fixtures';
import { zooFiles } from '../support/zoo-files';
import { zooNetwork } from '../support/zoo-network';

/** The topology without some arcs, made anew. */
function without(topology: Topology, dead: readonly number[]): Topology {
  const { nodes, countries, noTransit, links, groups, tail, head, link } = topology;
  return freezeTopology({
    nodes: nodes.map((id, v) => ({ id, country: countries[v], transit: noTransit[v] === 0 })),
    arcs: Array.from({ length: topology.arcCount }, (_, a) => a)
      .filter((a) => !dead.includes(a))
      .map((a) => ({
        from: nodes[tail[a]],
        to: nodes[head[a]],
        link: links[link[a]],
        latencyMs: topology.latencyMs[a],
        costPerGbUsd: Number.isNaN(topology.costPerGbUsd[a]) ? null : topology.costPerGbUsd[a],
        availableMbps: topology.availableMbps[a],
        utilisationRatio: topology.utilisationRatio[a],
        srlgs: [...topology.group.slice(topology.groupFirst[a], topology.groupFirst[a + 1])].map(
          (g) => groups[g],
        ),
      })),
  });
}

function expectSamePaths(
  topology: Topology,
  input: RequestInput,
  dead: readonly number[],
  seed: number,
): number {
  const forest = pathForest(topology, compileRequest(topology, input));
  const repaired = repairForest(forest, dead);
  const less = without(topology, dead);
  const request = compileRequest(less, input);
  const rerouted = new Set<string>();
  for (let k = 0; k < repaired.rerouted.length; k += 2) {
    rerouted.add(`${repaired.rerouted[k]} ${repaired.rerouted[k + 1]}`);
  }
  const usual = repairForest(forest, []);
  for (let s = 0; s < topology.nodes.length; s++) {
    for (let t = 0; t < topology.nodes.length; t++) {
      if (s === t) continue;
      const arcs = repaired.tryPath(s, t);
      const links = arcs === null ? null : arcs.map((a) => topology.links[topology.link[a]]);
      const twin = bestPath(less, request, s, t).path;
      const [ours, theirs] = [String(links), String(twin === null ? null : twin.links)];
      if (ours !== theirs) throw new Error(`seed ${seed}, ${s} to ${t}: ${ours}, not ${theirs}`);
      const before = usual.tryPath(s, t);
      const hit = before !== null && before.some((a) => dead.includes(a));
      const reported = rerouted.has(`${s} ${t}`);
      if (reported !== hit) throw new Error(`seed ${seed}, ${s} to ${t}: rerouted is ${reported}`);
      if ((repaired.distance(s, t) === Infinity) !== (arcs === null))
        throw new Error(`seed ${seed}, ${s} to ${t}`);
    }
  }
  return rerouted.size;
}

describe('repair of shortest-path trees', () => {
  it('equals full recomputation on 400 random networks, by latency, cost and balance', () => {
    let rerouted = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = seeded(seed);
      const topology = freezeTopology(randomTopology(random));
      // Costs keep unknown prices as the dearest one: a repair keeps the price of a link that failed.
      const strategy = random.pick(['latency', 'balanced'] as const);
      const avoidRegions = random.chance(0.3) ? [random.pick(topology.nodes)] : [];
      const input = {
        strategy,
        weights: { latency: 1, cost: 0, utilisation: 1 },
        constraints: { avoidRegions },
      };
      const dead = Array.from({ length: topology.arcCount }, (_, a) => a).filter(() => random.chance(0.25));
      rerouted += expectSamePaths(topology, input, dead, seed);
    }
    expect(rerouted).toBeGreaterThan(1000);
  });

  it('equals full recomputation on networks of the Topology Zoo', () => {
    const files = zooFiles();
    if (files === null) return skipped('../shared/data has no Topology Zoo');
    for (const { name, graphml } of files.filter((f) => ['Abilene', 'Nsfnet', 'Bics'].includes(f.name))) {
      const { topology } = zooNetwork(name, graphml, 3);
      const some = [...linkFailures(topology), ...regionFailures(topology)].filter((_, i) => i % 9 === 0);
      for (const { arcs } of some) expectSamePaths(topology, { strategy: 'latency' }, arcs, 3);
    }
  });

  it('a repaired tree does not use a failed link again after recovery of another', () => {
    const topology = freezeTopology(ring);
    const forest = pathForest(topology, compileRequest(topology, { strategy: 'latency' }));
    const [ab, , bc] = linkFailures(topology).map((s) => s.arcs);
    const a = topology.nodeIndex.get('a')!;
    const b = topology.nodeIndex.get('b')!;
    expect(repairForest(forest, [...ab, ...bc]).tryPath(a, b)).toBeNull();
    const recovered = repairForest(forest, ab).tryPath(a, b)!;
    expect(recovered.map((arc) => topology.links[topology.link[arc]])).toEqual([
      'link-a-d',
      'link-c-d',
      'link-b-c',
    ]);
  });

  it('refuses arcs and requests of another topology, and requests that trees do not answer', () => {
    const topology = freezeTopology(ring);
    const forest = pathForest(topology, compileRequest(topology, { strategy: 'latency' }));
    expect(() => repairForest(forest, [99])).toThrow('no arc 99');
    expect(() => pathForest(freezeTopology(ring), forest.request)).toThrow('another topology');
    for (const input of [
      { strategy: 'bandwidth' },
      { strategy: 'latency', constraints: { maxHops: 2 } },
      { strategy: 'latency', constraints: { maxLatencyMs: 5 } },
      { strategy: 'cost', constraints: { requireRegions: ['a'] } },
    ] as const) {
      expect(() => pathForest(topology, compileRequest(topology, input))).toThrow('without bounds');
    }
    expect(failureOf(topology, 'events', 'x', [3, 1, 3]).arcs).toEqual([1, 3]);
  });
});

import type { ArcInput } from '../../lib/graph';
import { freezeTopology } from '../../lib/graph';
import type { StrategyName } from '../../lib/model';
import { allPairs, compileRequest, tryBestPath } from '../../lib/routing';

/** Region numbers that keep their order as text. */
const id = (i: number) => `r${String(i).padStart(3, '0')}`;

function arc(a: number, b: number): ArcInput {
  const bandwidth = 100 * (1 + ((13 * a + 7 * b) % 100));
  const utilisation = (11 * a + 19 * b) % 90;
  return {
    from: id(a),
    to: id(b),
    link: `${id(a)}-${id(b)}`,
    latencyMs: 5 + ((31 * a + 17 * b) % 196),
    costPerGbUsd: 1 + ((5 * a + 3 * b) % 50),
    availableMbps: Math.floor((bandwidth * (100 - utilisation)) / 100),
    utilisationRatio: utilisation / 100,
  };
}

function sparse(n: number): ArcInput[] {
  const arcs = new Map<string, ArcInput>();
  for (let i = 0; i < n; i++) {
    for (const j of [(i + 1) % n, (7 * i + 3) % n, (i + Math.floor(n / 2)) % n]) {
      for (const [a, b] of [
        [i, j],
        [j, i],
      ])
        if (a !== b) arcs.set(`${a} ${b}`, arc(a, b));
    }
  }
  return [...arcs.values()];
}

function mesh(n: number): ArcInput[] {
  return Array.from({ length: n * n }, (_, x) => [Math.floor(x / n), x % n]).flatMap(([a, b]) =>
    a === b ? [] : [arc(a, b)],
  );
}

describe.each([
  ['sparse 10', 10, sparse(10), 38, { latency: 11672, cost: 2606, bandwidth: 253312, balanced: 31.0496 }],
  ['mesh 20', 20, mesh(20), 380, { latency: 15447, cost: 3295, bandwidth: 2002978, balanced: 79.4454 }],
  [
    'sparse 100',
    100,
    sparse(100),
    488,
    { latency: 2643194, cost: 648242, bandwidth: 29778024, balanced: 7845.8962 },
  ],
] as const)('on %s', (_, n, arcs, links, sums) => {
  const topology = freezeTopology({ nodes: Array.from({ length: n }, (__, i) => id(i)), arcs });

  it(`there are ${links} links`, () => expect(topology.arcCount).toBe(links));

  it.each(Object.entries(sums) as [StrategyName, number][])('the optima by %s sum to %d', (strategy, sum) => {
    const request = compileRequest(topology, { strategy });
    const matrix = allPairs(topology, request);
    let [total, single] = [0, 0];
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        if (a === b) continue;
        total += matrix[a * n + b];
        // A fresh request: the single pair search must not lean on the matrix's trees.
        if (n <= 20) single += tryBestPath(topology, compileRequest(topology, { strategy }), a, b)!.metric;
      }
    }
    expect(total.toFixed(4)).toBe(sum.toFixed(4));
    if (n <= 20) expect(single.toFixed(4)).toBe(sum.toFixed(4));
  });
});

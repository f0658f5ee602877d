import { freezeTopology } from '../../lib/graph';
import {
  allPairs,
  bestPath,
  compileRequest,
  equalCost,
  kShortest,
  routeSet,
  tryBestPath,
} from '../../lib/routing';
import { seeded } from '../support/random-seeded';
import { randomTopology } from '../support/random-topology';
import { both, grid, network, ring } from '../support/routing-fixtures';

const strategies = ['latency', 'cost', 'bandwidth', 'balanced'] as const;

describe('what the origin got wrong', () => {
  it('a route is never served over a dead (drained or removed) link because a cache ignored the topology', () => {
    for (const strategy of strategies) {
      const before = freezeTopology(ring);
      const request = compileRequest(before, { strategy });
      expect(tryBestPath(before, request, 'a', 'b')!.id).toBe('a>b');
      routeSet(before, request, 'a', 'b');
      const without = ring.arcs.filter((arc) => arc.link !== 'link-a-b');
      const drained = ring.arcs.map((arc) => ({ ...arc, drained: arc.link === 'link-a-b' }));
      for (const arcs of [without, drained]) {
        const after = freezeTopology({ nodes: ring.nodes, arcs });
        expect(() => tryBestPath(after, request, 'a', 'b')).toThrow('compiled for another topology');
        const set = routeSet(after, compileRequest(after, { strategy }), 'a', 'b');
        expect([set.primary, ...set.backups.map((b) => b.path), ...set.equalCost].map((p) => p!.id)).toEqual([
          'a>d>c>b',
          'a>d>c>b',
        ]);
      }
    }
  });

  it('source equal to destination does not crash', () => {
    const topology = freezeTopology(ring);
    const request = compileRequest(topology, { strategy: 'latency' });
    expect(bestPath(topology, request, 'a', 'a').refusal?.code).toBe('same-region');
    expect(tryBestPath(topology, request, 'a', 'a')).toBeUndefined();
    expect(kShortest(topology, request, 'a', 'a', 3)).toMatchObject({
      paths: [],
      refusal: { code: 'same-region' },
    });
    expect(equalCost(topology, request, 'a', 'a', 0.1, 4)).toMatchObject({ paths: [], more: false });
    expect(routeSet(topology, request, 'a', 'a')).toMatchObject({
      primary: null,
      backups: [],
      refusal: { code: 'same-region' },
    });
    expect(allPairs(topology, request)[0]).toBe(0);
  });

  it('sub-millisecond latencies are not rounded to zero', () => {
    const topology = freezeTopology(
      network([both('a', 'b', { latencyMs: 0.35 }), both('b', 'c', { latencyMs: 0.000001 })]),
    );
    const path = tryBestPath(topology, compileRequest(topology, { strategy: 'latency' }), 'a', 'c')!;
    expect(path.latencyMs).toBe(0.350001);
    expect(path.metric).toBe(0.350001);
  });

  it('a parallel link does not overwrite the first', () => {
    const fast = both('a', 'b', { link: 'fast', latencyMs: 1, costPerGbUsd: 0.09, availableMbps: 100 });
    const wide = both('a', 'b', { link: 'wide', latencyMs: 9, costPerGbUsd: 0.02, availableMbps: 900 });
    for (const links of [
      [fast, wide],
      [wide, fast],
    ]) {
      const topology = freezeTopology(network(links));
      const links2 = strategies.map(
        (strategy) => tryBestPath(topology, compileRequest(topology, { strategy }), 'a', 'b')!.links,
      );
      expect(links2).toEqual([['fast'], ['wide'], ['wide'], ['fast']]);
      const set = routeSet(topology, compileRequest(topology, { strategy: 'latency' }), 'a', 'b', {
        disjoint: 'node',
      });
      expect(set.backups.map((b) => b.path.id)).toEqual(['a>b[wide]']);
    }
  });

  it('ties are broken by the written rule, never at random', () => {
    const topology = freezeTopology(grid);
    const paths = kShortest(
      topology,
      compileRequest(topology, { strategy: 'latency' }),
      'r00',
      'r22',
      6,
    ).paths;
    // All six have four hops of 10 ms; link-r00-r01 stands before link-r00-r10, and so on.
    expect(paths.map((p) => p.id)).toEqual([
      'r00>r01>r02>r12>r22',
      'r00>r01>r11>r12>r22',
      'r00>r01>r11>r21>r22',
      'r00>r10>r11>r12>r22',
      'r00>r10>r11>r21>r22',
      'r00>r10>r20>r21>r22',
    ]);
    const fewer = freezeTopology(
      network([both('a', 'b', { latencyMs: 20 }), both('a', 'c'), both('c', 'b')]),
    );
    expect(tryBestPath(fewer, compileRequest(fewer, { strategy: 'latency' }), 'a', 'b')!.hops).toBe(1);
    for (let seed = 1; seed <= 150; seed++) {
      const { nodes, arcs } = randomTopology(seeded(seed));
      const [one, other] = [
        { nodes, arcs },
        { nodes: [...nodes].reverse(), arcs: [...arcs].reverse() },
      ].map((input) => {
        const t = freezeTopology(input);
        return routeSet(t, compileRequest(t, { strategy: strategies[seed % 4] }), nodes[0].id, nodes[1].id);
      });
      expect({ seed, set: one }).toEqual({ seed, set: other });
    }
  });

  it('equal-cost search changes no shared state', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const input = randomTopology(seeded(seed));
      const topology = freezeTopology(input);
      const request = compileRequest(topology, { strategy: strategies[seed % 4] });
      const [from, to] = [input.nodes[0].id, input.nodes[1].id];
      const state = JSON.stringify([topology, Array.from(request.key), Array.from(request.noTransit)]);
      const best = tryBestPath(topology, request, from, to);
      const first = equalCost(topology, request, from, to, 0.5, 3);
      expect(JSON.stringify([topology, Array.from(request.key), Array.from(request.noTransit)])).toBe(state);
      // Asked again, in whatever order, the answers are the same; and the earlier answer has not changed
      // under our hands.
      const copy = structuredClone(first);
      routeSet(topology, request, to, from);
      kShortest(topology, request, from, to, 10);
      expect(equalCost(topology, request, from, to, 0.5, 3)).toEqual(copy);
      expect(first).toEqual(copy);
      expect(tryBestPath(topology, request, from, to)).toEqual(best);
    }
  });
});

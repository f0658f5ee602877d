import type { Constraints, Link, StrategyName } from '../../lib/model';
import type { PlanDocument } from '../../lib/plan';
import { bestPath } from '../../lib/verify/best-path';
import { findDisjoint } from '../../lib/verify/disjoint';
import { rankedPaths } from '../../lib/verify/ranked-paths';
import { noConstraints, rulesOf } from '../../lib/verify/rules';
import { sharedPenalty } from '../../lib/verify/sharing';
import { worldOf, type Lane } from '../../lib/verify/world';
import { listBackup, listPair, listPaths, type ListedPath } from '../reference/routing-enumeration';
import { seeded } from '../support/random-seeded';
import { randomConstraints, randomTopology, type TopologyInput } from '../support/random-topology';

const strategies: readonly StrategyName[] = ['latency', 'cost', 'bandwidth', 'balanced', 'metric'];
const text = (links: readonly string[] | undefined) => links?.join(' ') ?? 'none';
const linksOf = (lanes: readonly Lane[] | undefined) => lanes?.map((l) => l.link);

/** The part of a plan that the verifier lays out, of nothing but a network. */
function planOf({ nodes, arcs }: TopologyInput): PlanDocument {
  const links = [...new Set(arcs.map((a) => a.link))].sort().map((id) => {
    const directions = arcs
      .filter((a) => a.link === id)
      .map((a) => ({ ...a, utilisationRatio: a.utilisationRatio ?? 0, metric: a.metric! }));
    return { id, srlgs: directions[0].srlgs ?? [], drained: false, directions } as unknown as Link;
  });
  const regions = [...nodes]
    .sort((x, y) => (x.id < y.id ? -1 : 1))
    .map((v) => ({ ...v, drained: false, transit: v.transit ?? true }));
  return { regions, links, paths: [], demands: [], tunnels: [] } as unknown as PlanDocument;
}

/** Runs a check on many seeds; a failure names the seed. */
function each(seeds: number, constrained: boolean, check: (a: ReturnType<typeof ask>) => void): void {
  for (let seed = 1; seed <= seeds; seed++) {
    try {
      check(ask(seed, constrained));
    } catch (error) {
      throw new Error(`seed ${seed}, ${constrained ? 'constrained' : 'free'}`, { cause: error });
    }
  }
}

function ask(seed: number, constrained: boolean) {
  const random = seeded(seed);
  const input = randomTopology(random);
  const strategy = strategies[seed % 5];
  const given = constrained ? randomConstraints(random, input) : {};
  const from = random.pick(input.nodes).id;
  const to = random.pick(input.nodes.filter((v) => v.id !== from)).id;
  const world = worldOf(planOf(input));
  const constraints: Constraints = { ...noConstraints, ...given };
  const rules = rulesOf(world, strategy, undefined, constraints);
  const paths = listPaths({ input, strategy, constraints: given }, from, to);
  const [source, target] = [world.nodeOf.get(from)!, world.nodeOf.get(to)!];
  const lanesOf = (p: ListedPath) => p.arcs.map((a) => world.laneOf.get(`${a.link} ${a.from}`)!);
  return { random, world, rules, strategy, source, target, paths, lanesOf };
}

describe.each([
  ['free', false],
  ['constrained', true],
])('the searches of the verifier, on small random networks, %s, seeds from 1', (_, constrained) => {
  it('find the best path, and all paths in order', () => {
    each(1500, constrained, ({ world, rules, source, target, paths }) => {
      expect(text(linksOf(bestPath(world, rules, source, target)?.lanes))).toBe(text(paths[0]?.links));
      const all = [...rankedPaths(world, rules, source, target)].map((p) => text(linksOf(p.lanes)));
      expect(all).toEqual(paths.map((p) => text(p.links)));
    });
  });

  it('find the backup that shares least with some earlier paths', () => {
    each(1500, constrained, ({ random, world, rules, strategy, source, target, paths, lanesOf }) => {
      const earlier = [...paths].sort(() => random.next() - 0.5).slice(0, random.whole(1, 3));
      if (earlier.length === 0) return;
      const penalty = sharedPenalty(world, earlier.map(lanesOf));
      const taken = new Set(earlier.map((p) => text(p.links)));
      const found = [...rankedPaths(world, { ...rules, penalty }, source, target)].find(
        (p) => !taken.has(text(linksOf(p.lanes))),
      );
      expect(text(linksOf(found?.lanes))).toBe(text(listBackup(strategy, paths, earlier)?.links));
    });
  });

  it('find a disjoint pair of the least sum where there is one', () => {
    each(800, constrained, ({ random, world, rules, strategy, source, target, paths }) => {
      const kind = random.pick(['link', 'node', 'srlg'] as const);
      const pair = findDisjoint(world, rules, source, target, kind);
      const right = listPair(strategy, paths, kind);
      if (pair === 'unknown') throw new Error('it gave up');
      expect(pair !== null).toBe(right !== undefined);
      if (!pair || !right || strategy === 'bandwidth') return;
      const units = (lanes: readonly Lane[]) =>
        Math.floor(lanes.reduce((sum, l) => sum + rules.key[l.number], 0) / rules.radix);
      expect(units(pair.primary) + units(pair.backup)).toBe(right[0].sum + right[1].sum);
    });
  });
});

import { freezeTopology } from '../../lib/graph';
import type { StrategyName } from '../../lib/model';
import { bestPath, compileRequest, equalCost, kShortest, routeSet, tryBestPath } from '../../lib/routing';
import type { ListedPath, Question } from '../reference/routing-enumeration';
import {
  listBackup,
  listCarryingFirst,
  listEqualCost,
  listPair,
  listPaths,
  listServing,
} from '../reference/routing-enumeration';
import { seeded } from '../support/random-seeded';
import { randomConstraints, randomTopology } from '../support/random-topology';

const strategies: readonly StrategyName[] = ['latency', 'cost', 'bandwidth', 'balanced', 'metric'];
const text = (p: { links: readonly string[] } | undefined | null) => p?.links.join(' ') ?? 'none';
const texts = (list: readonly { links: readonly string[] }[]) => list.map(text);

/** One random question with a pair, and all its paths by the twin. */
function ask(seed: number, constrained: boolean) {
  const random = seeded(seed);
  const whole = randomTopology(random);
  // On some networks long paths have no room for the least packet, on others each link has bounds of its own.
  const narrow = random.pick([[Infinity], [2], [1, 2, 3, Infinity], [2, 3]]);
  const mostHops = new Map(whole.arcs.map(({ link }) => [link, random.pick(narrow)]));
  const input = { ...whole, arcs: whole.arcs.map((a) => ({ ...a, mostHops: mostHops.get(a.link) })) };
  const strategy = strategies[seed % 5];
  const constraints = constrained ? randomConstraints(random, input) : {};
  const q: Question = { input, strategy, constraints };
  const topology = freezeTopology(input);
  const request = compileRequest(topology, { strategy, constraints });
  const from = random.pick(input.nodes).id;
  const to = random.pick(input.nodes.filter((v) => v.id !== from)).id;
  return { random, q, strategy, topology, request, from, to, paths: listPaths(q, from, to) };
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

describe.each([
  ['free', false],
  ['constrained', true],
])('on small random networks, %s, seeds from 1', (_, constrained) => {
  it('the best path is the first of all simple paths', () => {
    each(1200, constrained, ({ topology, request, from, to, paths }) => {
      expect(text(tryBestPath(topology, request, from, to))).toBe(text(paths[0]));
      const result = bestPath(topology, request, from, to);
      expect(result.refusal === null).toBe(paths.length > 0);
      const [best] = listServing(paths);
      expect(text(result.path)).toBe(text(best));
      if (paths.length > 0) {
        expect(result.path!.latencyMs).toBeCloseTo(best.latency / 1e6, 9);
        expect(result.path!.bandwidthMbps).toBe(best.width);
      }
    });
  });

  it('the k shortest are the first k of all simple paths', () => {
    each(600, constrained, ({ topology, request, from, to, paths }) => {
      const wanted = listCarryingFirst(paths).slice(0, 12);
      expect(texts(kShortest(topology, request, from, to, 12).paths)).toEqual(texts(wanted));
    });
    each(40, constrained, ({ topology, request, from, to, paths }) => {
      const wanted = texts(listCarryingFirst(paths));
      expect(texts(kShortest(topology, request, from, to, 5000).paths)).toEqual(wanted);
    });
  });

  it('equal-cost paths are all those within the tolerance', () => {
    each(600, constrained, ({ random, strategy, topology, request, from, to, paths }) => {
      const [ratio, limit] = [random.pick([0, 0.1, 0.5, 1]), random.whole(1, 6)];
      const wanted = paths.length === 0 ? [] : listEqualCost(strategy, listServing(paths), ratio);
      const got = equalCost(topology, request, from, to, ratio, limit);
      expect(texts(got.paths)).toEqual(texts(wanted.slice(0, limit)));
      expect(got.more).toBe(wanted.length > limit);
    });
  });

  it('each backup shares the least with the primary, then with the other backups', () => {
    each(800, constrained, ({ strategy, topology, request, from, to, paths }) => {
      const got = routeSet(topology, request, from, to, { backups: 4 });
      const wanted = listServing(paths).slice(0, 1);
      for (
        let next = listBackup(strategy, paths, wanted);
        next && wanted.length < 5;
        next = listBackup(strategy, paths, wanted)
      ) {
        wanted.push(next);
      }
      expect(texts(got.primary === null ? [] : [got.primary, ...got.backups.map((b) => b.path)])).toEqual(
        texts(paths.length === 0 ? [] : wanted),
      );
      got.backups.forEach((b, i) => expect(names(b)).toEqual(shared(wanted[0], wanted[i + 1])));
      const pair = listPair(strategy, paths, 'link');
      const trapped = got.backups.length > 0 && got.backups[0].sharedLinks.length > 0 && pair !== undefined;
      expect(got.hint !== null).toBe(trapped);
    });
  });

  it.each(['link', 'node', 'srlg'] as const)(
    'the %s-disjoint pair is the cheapest, and its absence is said',
    (disjoint) => {
      each(600, constrained, ({ strategy, topology, request, from, to, paths }) => {
        const got = routeSet(topology, request, from, to, { backups: 1, disjoint });
        const pair = listPair(strategy, paths, disjoint);
        if (pair) {
          expect([text(got.primary), text(got.backups[0]?.path)]).toEqual(texts(pair));
          expect(got.refusal).toBeNull();
        } else {
          const [best] = listServing(paths);
          expect(text(got.primary)).toBe(text(best));
          if (paths.length > 0) expect(got.refusal?.code).toBe('not-disjoint');
          expect(text(got.backups[0]?.path)).toBe(text(best && listBackup(strategy, paths, [best])));
        }
      });
    },
  );
});

function names(b: {
  sharedLinks: readonly string[];
  sharedRegions: readonly string[];
  sharedSrlgs: readonly string[];
}) {
  return [b.sharedLinks, b.sharedRegions, b.sharedSrlgs];
}

function shared(a: ListedPath, b: ListedPath): string[][] {
  return [
    a.links.filter((id) => b.links.includes(id)).sort(),
    a.transit.filter((id) => b.transit.includes(id)).sort(),
    [...a.srlgs].filter((g) => b.srlgs.has(g)).sort(),
  ];
}

import { freezeTopology } from '../../lib/graph';
import type { StrategyName } from '../../lib/model';
import { compileRequest, routeSet } from '../../lib/routing';
import {
  listBackup,
  listCarries,
  listEqualCost,
  listPaths,
  listServing,
  order,
  type ListedPath,
} from '../reference/routing-enumeration';
import { seeded } from '../support/random-seeded';
import { randomConstraints, randomTopology } from '../support/random-topology';

const strategies: readonly StrategyName[] = ['latency', 'cost', 'bandwidth', 'balanced', 'metric'];
const text = (path: { readonly links: readonly string[] } | null | undefined) =>
  path?.links.join(' ') ?? 'none';

/** Every path written out: those a pair may use, all that there are, and who rests. */
function listed(seed: number) {
  const random = seeded(seed);
  const drawn = randomTopology(random);
  const links = [...new Set(drawn.arcs.map((a) => a.link))];
  const resting = new Set(links.filter(() => random.chance(0.3)));
  // On some networks long paths have no room for the least IPv6 packet, on others each link has a bound.
  const narrow = random.pick([[Infinity], [2], [1, 2, 3, Infinity], [2, 3]]);
  const mostHops = new Map(links.map((id) => [id, random.pick(narrow)]));
  const arcs = drawn.arcs.map((a) => ({
    ...a,
    standby: resting.has(a.link),
    mostHops: mostHops.get(a.link),
  }));
  const input = { ...drawn, arcs };
  const strategy = strategies[seed % 5];
  const constraints = seed % 2 === 0 ? randomConstraints(random, input) : {};
  const from = random.pick(input.nodes).id;
  const to = random.pick(input.nodes.filter((v) => v.id !== from)).id;
  const all = listPaths({ input, strategy, constraints }, from, to);
  const rests = (p: ListedPath) => p.links.some((id) => resting.has(id));
  const awake = all.filter((p) => !rests(p));
  const topology = freezeTopology(input);
  const request = compileRequest(topology, { strategy, constraints });
  return { strategy, from, to, all, rests, usable: awake.length > 0 ? awake : all, topology, request };
}

/** The backups by the rule, each looked for among all paths. */
function backupsOf(
  { strategy, all, rests, usable }: ReturnType<typeof listed>,
  first: ListedPath[],
  most: number,
) {
  const chosen = [...first];
  const mixed = usable.length < all.length;
  while (chosen.length <= most) {
    let pool: readonly ListedPath[] = usable;
    if (mixed && chosen.length === most) {
      const shared = chosen[0].links.filter((id) => chosen.every((p) => p.links.includes(id)));
      const around = all.filter((p) => !p.links.some((id) => shared.includes(id)));
      if (shared.length > 0 && around.length > 0 && around.every(rests)) pool = around;
    }
    const next = listBackup(strategy, pool, chosen) ?? listBackup(strategy, all, chosen);
    if (!next) break;
    chosen.push(next);
  }
  return chosen.slice(1);
}

/** The cheapest pair of a usable primary and any partner. */
function pairOf({ strategy, all, usable, rests }: ReturnType<typeof listed>): ListedPath[] | undefined {
  let best: { pair: ListedPath[]; total: number[] } | undefined;
  const apart = (p: ListedPath, q: ListedPath) => !p.links.some((id) => q.links.includes(id));
  const inOrder = (p: ListedPath, q: ListedPath) => order(strategy, p, q) < 0;
  const within = usable.some((p) => usable.some((q) => p !== q && apart(p, q)));
  const free = usable.every((p) => !rests(p));
  for (const p of usable) {
    for (const q of within ? usable.filter((x) => inOrder(p, x)) : free ? all : []) {
      if (p === q || !apart(p, q)) continue;
      const width = strategy === 'bandwidth' ? -(p.width + q.width) : 0;
      const less = listCarries(p) && listCarries(q) ? 0 : 1;
      const total = [less, width, p.sum + q.sum, p.links.length + q.links.length];
      const k = best ? total.findIndex((t, i) => t !== best!.total[i]) : 0;
      if (!best || (k !== -1 && total[k] < best.total[k])) best = { pair: [p, q], total };
    }
  }
  return best?.pair;
}

describe('links on standby, on random networks against every path listed', () => {
  it('are used by no primary and no equal-cost path of a pair that has another path', () => {
    let spared = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const given = listed(seed);
      const { strategy, topology, request, from, to, usable, all, rests } = given;
      const set = routeSet(topology, request, from, to, { ecmpToleranceRatio: 0.3 });
      expect([seed, text(set.primary)]).toEqual([seed, text(listServing(usable)[0])]);
      const equal = usable.length > 0 ? listEqualCost(strategy, listServing(usable), 0.3).slice(0, 4) : [];
      expect([seed, set.equalCost.map(text)]).toEqual([seed, equal.map(text)]);
      if (usable.length > 0 && rests(all[0]) && !rests(usable[0])) spared++;
    }
    expect(spared).toBeGreaterThan(50);
  });

  it('are used by backups when no other path is left, and last, around what all others share', () => {
    let [used, around] = [0, 0];
    for (let seed = 1; seed <= 1000; seed++) {
      const given = listed(seed);
      const { topology, request, from, to, usable, all, rests } = given;
      const most = 1 + (seed % 3);
      const set = routeSet(topology, request, from, to, { backups: most });
      const right = usable.length > 0 ? backupsOf(given, listServing(usable).slice(0, 1), most) : [];
      expect([seed, set.backups.map((b) => text(b.path))]).toEqual([seed, right.map(text)]);
      if (usable.length < all.length && right.some(rests)) used++;
      if (usable.length > most + 1 && usable.length < all.length && right.some(rests)) around++;
    }
    expect(used).toBeGreaterThan(50);
    expect(around).toBeGreaterThan(3);
  });

  it('make a disjoint pair with a primary that needs none, where there is none without', () => {
    let mixed = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const given = listed(seed);
      const { topology, request, from, to, rests } = given;
      const set = routeSet(topology, request, from, to, { backups: 1, disjoint: 'link' });
      const pair = pairOf(given);
      if (!pair || set.refusal) {
        expect([seed, set.refusal === null]).toEqual([seed, pair !== undefined]);
        continue;
      }
      expect([seed, text(set.primary), text(set.backups[0].path)]).toEqual([seed, ...pair.map(text)]);
      if (!rests(pair[0]) && rests(pair[1])) mixed++;
    }
    expect(mixed).toBeGreaterThan(20);
  });
});

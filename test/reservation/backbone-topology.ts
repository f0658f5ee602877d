import type { Topology } from '../../lib/graph';
import { freezeTopology } from '../../lib/graph';
import type { Seeded } from '../support/random-seeded';
import { both } from '../support/routing-fixtures';

/**
 * A backbone of the shape of Cogentco (197 regions, 243 links, 12 hops between two regions in the mean):
 * places in a plane, each joined to the nearest before it, then some that are not too far. 1 to 100 Gbps.
 */
export function backboneTopology(random: Seeded, regions = 197, links = 243): Topology {
  const places = Array.from({ length: regions }, (_, i) => ({
    id: `r${String(i).padStart(3, '0')}`,
    x: random.next() * 4000,
    y: random.next() * 2000,
  }));
  const km = (i: number, j: number) => Math.hypot(places[i].x - places[j].x, places[i].y - places[j].y);
  const joined = new Set<string>();
  const pairs: { i: number; j: number }[] = [];
  const join = (i: number, j: number) => {
    if (i === j || joined.has(`${i} ${j}`) || joined.has(`${j} ${i}`)) return;
    joined.add(`${i} ${j}`);
    pairs.push({ i, j });
  };
  const nearestOf = (i: number, others: readonly number[]) =>
    others.reduce((best, j) => (km(i, j) < km(i, best) ? j : best));
  for (let i = 1; i < regions; i++)
    join(
      i,
      nearestOf(
        i,
        Array.from({ length: i }, (_, j) => j),
      ),
    );
  while (pairs.length < links) {
    const i = random.whole(0, regions - 1);
    const some = Array.from({ length: 40 }, () => random.whole(0, regions - 1)).filter((j) => j !== i);
    join(i, nearestOf(i, some));
  }
  const arcs = pairs.flatMap(({ i, j }) =>
    both(places[i].id, places[j].id, {
      latencyMs: km(i, j) / 200,
      availableMbps: random.pick([1000, 10000, 10000, 40000, 100000]),
    }),
  );
  return freezeTopology({ nodes: places.map((p) => p.id), arcs });
}

import type { ArcInput, Topology } from '../../lib/graph';
import { freezeTopology } from '../../lib/graph';
import { seeded } from './random-seeded';

/** Kilometres that the places of a random network span each way: a continent. */
const width = 4000;

/**
 * A random backbone (Waxman 1988): places on a plane, each joined to the nearest one before it, then links
 * between random places, of distance d with probability exp(-d / (0.1 x diagonal)), up to a mean degree.
 * Latency as of the Zoo's networks: 200 km/ms x 1.3. Connected; links both ways, none parallel.
 */
export function waxmanNetwork(nodes: number, degree: number, seed: number): Topology {
  const random = seeded(seed);
  const places = Array.from({ length: nodes }, () => [random.next() * width, random.next() * width]);
  const km = (a: number, b: number) => Math.hypot(places[a][0] - places[b][0], places[a][1] - places[b][1]);
  const id = (v: number) => `n${String(v).padStart(4, '0')}`;
  const arcs: ArcInput[] = [];
  const joined = new Set<number>();
  const join = (a: number, b: number) => {
    const pair = Math.min(a, b) * nodes + Math.max(a, b);
    if (joined.has(pair)) return;
    const figures = {
      link: `e${String(joined.size).padStart(5, '0')}`,
      latencyMs: Math.max(0.05, Math.round((km(a, b) / 200) * 1.3 * 1000) / 1000),
      costPerGbUsd: 0.02,
      availableMbps: 10_000,
    };
    joined.add(pair);
    arcs.push({ ...figures, from: id(a), to: id(b) }, { ...figures, from: id(b), to: id(a) });
  };
  for (let v = 1; v < nodes; v++) {
    let nearest = 0;
    for (let u = 1; u < v; u++) if (km(u, v) < km(nearest, v)) nearest = u;
    join(nearest, v);
  }
  while (joined.size < (nodes * degree) / 2) {
    const [a, b] = [random.whole(0, nodes - 1), random.whole(0, nodes - 1)];
    if (a !== b && random.chance(Math.exp(-km(a, b) / (0.1 * width * Math.SQRT2)))) join(a, b);
  }
  return freezeTopology({ nodes: places.map((_, v) => id(v)), arcs });
}

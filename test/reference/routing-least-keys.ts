import type { Request } from '../../lib/routing';

/**
 * The slow, obvious twin of all-pairs distances: arcs are relaxed until nothing changes (Bellman 1958), for
 * one target. By node; Infinity: no path.
 */
export function leastKeysTo(request: Request, target: number): number[] {
  const { tail, head, arcCount, nodes } = request.topology;
  const least = nodes.map((_, v) => (v === target ? 0 : Infinity));
  for (let changed = true; changed;) {
    changed = false;
    for (let a = 0; a < arcCount; a++) {
      if (head[a] !== target && request.noTransit[head[a]] === 1) continue;
      const through = request.key[a] + least[head[a]];
      if (through >= least[tail[a]]) continue;
      least[tail[a]] = through;
      changed = true;
    }
  }
  return least;
}

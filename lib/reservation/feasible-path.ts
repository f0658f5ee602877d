import type { Ask } from './ask';
import type { Calendar } from './calendar';
import type { OpenPath } from './open-path';
import { openPath } from './open-path';

/** Searches after which every arc is looked at, instead of those on the paths found. */
const patience = 8;

/**
 * The path of an ask with enough free bandwidth in its whole window: the first planned candidate that has it,
 * else the best path by the request's own order over arcs that have it. Most often the first path will do and
 * only its arcs are looked at: an arc is closed when a path over it is found wanting, so the answer is the
 * same as if all had been looked at first. O(hops log n) then, else O(m log n).
 */
export function feasiblePath(calendar: Calendar, ask: Ask): OpenPath {
  const { request, intervals, kbps, candidates } = ask;
  const { topology } = calendar;
  const fits = (arc: number) => calendar.has(arc, ask.class, intervals, kbps);
  for (const arcs of candidates) if (arcs.length > 0 && arcs.every(fits)) return { arcs, limited: false };

  const source = topology.nodeIndex.get(ask.from)!;
  const target = topology.nodeIndex.get(ask.to)!;
  let closed: Float64Array | null = null;
  /** 1: the arc was looked at and has room. */
  let roomy: Uint8Array | null = null;
  for (let tries = 0; ; tries++) {
    const path: OpenPath = openPath(request, source, target, closed);
    if (path.arcs === null) return path;
    const full = path.arcs.filter((arc) => roomy?.[arc] !== 1 && !fits(arc));
    if (full.length === 0) return path;
    closed ??= new Float64Array(topology.arcCount);
    roomy ??= new Uint8Array(topology.arcCount);
    for (const arc of path.arcs) roomy[arc] = 1;
    for (const arc of full) [closed[arc], roomy[arc]] = [1, 0];
    if (tries === patience)
      for (let arc = 0; arc < topology.arcCount; arc++)
        if (closed[arc] === 0 && roomy[arc] === 0 && !fits(arc)) closed[arc] = 1;
  }
}

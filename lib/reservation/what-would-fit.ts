import type { Request } from '../routing';
import { compileRequest } from '../routing';
import type { Alternatives } from './admission';
import type { Ask } from './ask';
import type { Calendar } from './calendar';
import { earliestWindow } from './earliest-window';
import { feasiblePath } from './feasible-path';
import { openPath } from './open-path';

/**
 * What would fit in place of a refused ask, without preemption: less bandwidth in its window, the window
 * later (not before `nowMs`, and starting at most `horizonMs` after it was to start), or a path outside its
 * policy. Some milliseconds on a network of 200 regions.
 */
export function whatWouldFit(calendar: Calendar, ask: Ask, nowMs: number, horizonMs: number): Alternatives {
  const { topology } = calendar;
  const source = topology.nodeIndex.get(ask.from)!;
  const target = topology.nodeIndex.get(ask.to)!;
  const lessBandwidth = widestPath(calendar, ask, source, target);
  const best = openPath(ask.request, source, target, null).arcs;
  const paths = [...ask.candidates, ...(best ? [best] : []), ...(lessBandwidth ? [lessBandwidth.arcs] : [])];
  const leastShiftMs = Math.max(0, nowMs - ask.intervals[0].startMs);
  const free = feasiblePath(calendar, { ...ask, request: unconstrained(ask.request), candidates: [] });
  return {
    lessBandwidth,
    anotherWindow: earliestWindow(calendar, ask, paths, leastShiftMs, horizonMs),
    anotherPath: free.arcs === null ? null : { arcs: free.arcs },
  };
}

/** The most that one path has free in the window: bisection over the arcs' figures. */
function widestPath(
  calendar: Calendar,
  { request, class: name, intervals, candidates }: Ask,
  source: number,
  target: number,
): Alternatives['lessBandwidth'] {
  const { arcCount } = calendar.topology;
  const free = Float64Array.from({ length: arcCount }, (_, a) => calendar.freeKbps(a, name, intervals));
  const leastOn = (arcs: readonly number[]) => arcs.reduce((least, a) => Math.min(least, free[a]), Infinity);
  const closed = new Float64Array(arcCount);
  let best: { kbps: number; arcs: readonly number[] } | null = null;
  for (const arcs of candidates) {
    const kbps = leastOn(arcs);
    if (kbps > (best?.kbps ?? 0) && kbps < Infinity) best = { kbps, arcs };
  }
  const widths = Float64Array.from(new Set(free)).sort();
  for (let low = 0, high = widths.length - 1; low <= high;) {
    const middle = (low + high) >> 1;
    const width = widths[middle];
    for (let a = 0; a < arcCount; a++) closed[a] = free[a] < width || width === 0 ? 1 : 0;
    const { arcs } = openPath(request, source, target, closed);
    if (arcs === null && width > 0) high = middle - 1;
    else low = middle + 1;
    if (arcs !== null && leastOn(arcs) > (best?.kbps ?? 0)) best = { kbps: leastOn(arcs), arcs };
  }
  return best;
}

const withoutConstraints = new WeakMap<Request, Request>();

function unconstrained(request: Request): Request {
  let free = withoutConstraints.get(request);
  if (free === undefined) {
    const { topology, strategy, weights } = request;
    withoutConstraints.set(request, (free = compileRequest(topology, { strategy, weights })));
  }
  return free;
}

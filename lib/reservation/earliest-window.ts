import type { Alternatives } from './admission';
import type { Ask } from './ask';
import type { Calendar } from './calendar';
import { feasiblePath } from './feasible-path';
import type { Interval } from './interval';

/** Starts that are tried over all paths before the best of the known paths is offered unproven. */
const mostStarts = 200;

/**
 * The least shift, above `leastShiftMs` and at most `mostShiftMs`, by which an ask that does not fit now
 * would fit; null if none was found. Known paths give a first answer; then the ends of all busy stretches
 * before it are tried in order over all paths, as only there room can appear.
 */
export function earliestWindow(
  calendar: Calendar,
  ask: Ask,
  paths: readonly (readonly number[])[],
  leastShiftMs: number,
  mostShiftMs: number,
): Alternatives['anotherWindow'] {
  const [{ startMs }] = ask.intervals;
  if (startMs === -Infinity) return null;
  let shiftMs = Infinity;
  let arcs: readonly number[] | null = null;
  for (const path of paths) {
    const own = earliestOn(calendar, ask, path, leastShiftMs, Math.min(mostShiftMs, shiftMs));
    if (own !== null && own < shiftMs) [shiftMs, arcs] = [own, path];
  }
  const { starts, more } = possibleShifts(calendar, ask, leastShiftMs, Math.min(shiftMs, mostShiftMs));
  for (const shift of starts) {
    const path = feasiblePath(calendar, { ...ask, intervals: shifted(ask.intervals, shift) });
    if (path.arcs === null) continue;
    return { shiftMs: shift, startMs: startMs + shift, arcs: path.arcs, earliest: true };
  }
  return arcs === null ? null : { shiftMs, startMs: startMs + shiftMs, arcs, earliest: !more };
}

/** By jumping behind the last busy stretch until there is none. */
function earliestOn(
  calendar: Calendar,
  ask: Ask,
  path: readonly number[],
  leastShiftMs: number,
  mostShiftMs: number,
): number | null {
  let shift = leastShiftMs;
  for (let moved = true; moved;) {
    moved = false;
    for (const arc of path) {
      for (const { startMs, endMs } of ask.intervals) {
        const interval = { startMs: startMs + shift, endMs: endMs + shift };
        const end = calendar.endOfLastExcess(arc, ask.class, interval, ask.kbps);
        if (end === null) continue;
        shift = end - startMs;
        moved = true;
        if (shift > mostShiftMs) return null;
      }
    }
  }
  return shift;
}

/** Where room can appear before `mostShiftMs`, in order, the first `mostStarts` of them. */
function possibleShifts(
  calendar: Calendar,
  { class: name, intervals, kbps }: Ask,
  leastShiftMs: number,
  mostShiftMs: number,
): { starts: number[]; more: boolean } {
  const found = new Set<number>(leastShiftMs > 0 && leastShiftMs < mostShiftMs ? [leastShiftMs] : []);
  for (let arc = 0; arc < calendar.topology.arcCount; arc++) {
    for (const { startMs } of intervals) {
      const span = [{ startMs: startMs + leastShiftMs, endMs: startMs + mostShiftMs }];
      calendar.forEachExcess(arc, name, span, kbps, (_, _from, to) => {
        const shift = to - startMs;
        if (shift > leastShiftMs && shift < mostShiftMs) found.add(shift);
      });
    }
  }
  const sorted = Float64Array.from(found).sort();
  return { starts: [...sorted.subarray(0, mostStarts)], more: sorted.length > mostStarts };
}

function shifted(intervals: readonly Interval[], shiftMs: number): Interval[] {
  return intervals.map(({ startMs, endMs }) => ({ startMs: startMs + shiftMs, endMs: endMs + shiftMs }));
}

import type { Alternatives } from './admission';
import type { Ask } from './ask';
import type { Calendar } from './calendar';
import { feasiblePath } from './feasible-path';
import type { Interval } from './interval';

/** Starts that are tried over all paths before the best of the known paths is offered unproven. */
const mostStarts = 200;
/** Times that a recurring window is moved behind what is in its way. */
const mostMoves = 500;

/**
 * The least shift, above `leastShiftMs` and at most `mostShiftMs`, by which an ask that does not fit now
 * would fit; null if none was found. Known paths give a first answer; then the ends of all busy stretches
 * before it are tried in order over all paths, as only there room can appear. Of a recurring window what is
 * in the way of its first occurrence is tried alone, so the answer is not proven to be the earliest.
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
    const intervals = shifted(ask, shift);
    const path = feasiblePath(calendar, { ...ask, intervals });
    if (path.arcs === null) continue;
    return { shiftMs: shift, startMs: intervals[0].startMs, arcs: path.arcs, earliest: !ask.later };
  }
  if (arcs === null) return null;
  return { shiftMs, startMs: shifted(ask, shiftMs)[0].startMs, arcs, earliest: !more && !ask.later };
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
  const most = ask.later ? mostMoves : Infinity;
  for (let moves = 0; moves < most; moves++) {
    const later = pushed(calendar, ask, path, shift);
    if (later === null) return shift;
    if (later > mostShiftMs) return null;
    shift = later;
  }
  return null;
}

/** A greater shift, behind what is in the way of the first interval that does not fit; null: all fit. */
function pushed(calendar: Calendar, ask: Ask, path: readonly number[], shift: number): number | null {
  const intervals = shifted(ask, shift);
  for (const arc of path) {
    for (const interval of intervals) {
      const end = calendar.endOfLastExcess(arc, ask.class, interval, ask.kbps);
      if (end !== null) return shift + end - interval.startMs;
    }
  }
  return null;
}

/** Where room can appear before `mostShiftMs`, in order, the first `mostStarts` of them. */
function possibleShifts(
  calendar: Calendar,
  { class: name, intervals, kbps, later }: Ask,
  leastShiftMs: number,
  mostShiftMs: number,
): { starts: number[]; more: boolean } {
  const found = new Set<number>(leastShiftMs > 0 && leastShiftMs < mostShiftMs ? [leastShiftMs] : []);
  for (let arc = 0; arc < calendar.topology.arcCount; arc++) {
    for (const { startMs } of later ? intervals.slice(0, 1) : intervals) {
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

function shifted({ intervals, later }: Ask, shiftMs: number): readonly Interval[] {
  if (later) return later(shiftMs);
  return intervals.map(({ startMs, endMs }) => ({ startMs: startMs + shiftMs, endMs: endMs + shiftMs }));
}

import type { Window } from '../../lib/model';
import type { Interval } from '../../lib/reservation';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** The greatest sum at any instant of amounts that are held in lists of intervals, by a sweep. */
export function mostAtOnce(lists: readonly (readonly Interval[])[], amounts: readonly number[]): number {
  const marks = lists.flatMap((list, i) => {
    // What overlaps itself counts once: depth by list.
    const own = list.flatMap(({ startMs, endMs }) => [[startMs, 1] as const, [endMs, -1] as const]);
    own.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    let depth = 0;
    return own.flatMap(([time, by]) => {
      const was = depth > 0;
      depth += by;
      return was === depth > 0 ? [] : [{ time, by: by * amounts[i] }];
    });
  });
  marks.sort((a, b) => a.time - b.time || a.by - b.by);
  let [held, most] = [0, 0];
  for (const { by } of marks) {
    held += by;
    most = Math.max(most, held);
  }
  return most;
}

/** What the clocks of a zone show at an instant, ms as if it were UTC. */
function shown(zone: string, timeMs: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(timeMs);
  const part = Object.fromEntries(parts.map((p) => [p.type, Number(p.value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
}

/** The first instant at which the clocks show a local time; in a gap that time by the clocks before it. */
function slowInstant(zone: string, local: number): number {
  let before = NaN;
  for (let t = local - 30 * hourMs; t <= local + 30 * hourMs; t += hourMs / 4) {
    const now = shown(zone, t);
    if (now === local) return t;
    if (now > local) return before + (local - shown(zone, before));
    before = t;
  }
  throw new RangeError('the clocks never show it');
}

/** Some nights of a daily window, from the local day of an instant on, one by one. */
export function slowNights(window: Window, nearMs: number, count: number): Interval[] {
  const [start, end] = [window.start, window.end ?? window.start].map((t) => Date.parse(`${t}:00Z`));
  const first = Math.floor(nearMs / dayMs) * dayMs + (start % dayMs);
  return Array.from({ length: count }, (_, i) => {
    const local = first + i * dayMs;
    const startMs = slowInstant(window.timeZone, local);
    if (window.durationSeconds !== null) return { startMs, endMs: startMs + window.durationSeconds * 1000 };
    const endMs = slowInstant(window.timeZone, local + end - start);
    return { startMs, endMs: endMs > startMs ? endMs : startMs + end - start };
  });
}

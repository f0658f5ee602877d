import type { Window } from '../model';
import type { Interval } from './interval';
import { always, joinIntervals } from './interval';
import { timeZone } from './time-zone';

const dayMs = 86_400_000;
const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** How far a recurrence without `until` is followed from its first start: 365 days. */
export const defaultHorizonMs = 365 * dayMs;

/**
 * A window as instants, sorted and joined; null: always. Rules of RFC 5545:
 *
 * - a local time in a gap moves forward by the gap, of a repeated one the first is meant (3.3.5), for every
 *   occurrence (end of 3.3.10; an earlier sentence there would drop it, which would break a promise);
 * - `end` gives every occurrence the exact length of the first (3.8.5.3), so after a change of clocks it
 *   ends at another local time; `duration` is exact as well, since the model keeps seconds;
 * - `until` is the last local date on which an occurrence starts, included (3.3.10);
 * - where the days do not name the day of `start` the RFC leaves open what happens: here the days decide,
 *   and `start` is only the earliest.
 *
 * Without `until` occurrences start within `horizonMs` of `start` (default `defaultHorizonMs`). Empty when
 * `until` comes before the first occurrence. An end that the gap swallows leaves the local length.
 */
export function windowIntervals(
  window: Window | null,
  { horizonMs = defaultHorizonMs }: { readonly horizonMs?: number } = {},
): readonly Interval[] {
  if (window === null) return always;
  const zone = timeZone(window.timeZone);
  const first = localTime(window.start);
  const startMs = zone.instantOf(first);
  const lengthMs = lengthOf(window, first, startMs);
  if (window.recur === null) return joinIntervals([{ startMs, endMs: startMs + lengthMs }]);

  const days = window.days.map((day) => weekDays.indexOf(day));
  if (window.recur === 'weekly' && days.length === 0) days.push(weekDay(first));
  const lastDay = window.until === null ? Infinity : dayOf(localTime(window.until));
  const horizon = window.until === null ? startMs + horizonMs : Infinity;
  const found: Interval[] = [];
  for (let local = first; dayOf(local) <= lastDay; local += dayMs) {
    if (window.recur === 'weekly' && !days.includes(weekDay(local))) {
      if (local - dayMs > horizon) break;
      continue;
    }
    const start = zone.instantOf(local);
    if (start >= horizon) break;
    found.push({ startMs: start, endMs: start + lengthMs });
  }
  return joinIntervals(found);
}

function lengthOf({ end, durationSeconds, timeZone: name }: Window, first: number, startMs: number): number {
  if (durationSeconds !== null) return Math.max(1, Math.round(durationSeconds * 1000));
  if (end === null) return Infinity;
  const last = localTime(end);
  const exact = timeZone(name).instantOf(last) - startMs;
  return exact > 0 ? exact : last - first;
}

function dayOf(localMs: number): number {
  return Math.floor(localMs / dayMs);
}

/** 0: Monday; 1970-01-01 was a Thursday. */
function weekDay(localMs: number): number {
  return (((dayOf(localMs) + 3) % 7) + 7) % 7;
}

/** `2026-12-01`, `2026-12-01T22:00` or with seconds, as the model has checked it. */
function localTime(text: string): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text);
  if (!match) throw new RangeError(`'${text}' is no local time`);
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

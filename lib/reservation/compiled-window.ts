import type { Window } from '../model';
import type { Interval } from './interval';
import { timeZone, type TimeZone } from './time-zone';

export const dayMs = 86_400_000;
const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** A window's rule in numbers. Days are local days since 1970-01-01, local times ms since then. */
export interface CompiledWindow {
  readonly zone: TimeZone;
  readonly recurs: boolean;
  /** Day of `start`: no occurrence is before it. */
  readonly firstDay: number;
  /** Day of the last possible occurrence; Infinity: the recurrence has no end. */
  readonly lastDay: number;
  /** Local time of day at which each occurrence starts. */
  readonly timeOfDayMs: number;
  /** By day of the week from Monday, does an occurrence start on it? */
  readonly onDay: readonly boolean[];
  /** Of `end`: local time from start to end. */
  readonly localLengthMs: number | null;
  /** Of `duration`: elapsed time, 1 ms or more. */
  readonly elapsedMs: number;
}

/** One opening of a window, and its day. */
export interface Occurrence extends Interval {
  readonly day: number;
}

/**
 * The rule of a window. Each occurrence:
 *
 * - starts at the local time of `start`; one in a gap moves forward by the gap, of a repeated one the first
 *   is meant (RFC 5545 section 3.3.5);
 * - with `end`, ends at the local time of `end` of its own night, read by the same rule: a night in which the
 *   clocks change is an hour shorter or longer. (RFC 5545 section 3.8.5.3 would give each the exact length of
 *   the first, so that a first night with a change of clocks decides about all.) Where the gap leaves no time
 *   at all the occurrence keeps its local length;
 * - with `duration`, is that much elapsed time;
 * - starts on a day up to `until`, included. Where the days do not name the day of `start`, the days decide,
 *   and `start` is only the earliest.
 *
 * Without `until` a recurrence has no end.
 */
export function compileWindow(window: Window): CompiledWindow {
  const first = localTime(window.start);
  const firstDay = dayOf(first);
  const { recur, days, until, end, durationSeconds } = window;
  const own = days.length === 0 ? [weekDays[weekDay(firstDay)]] : days;
  return {
    zone: timeZone(window.timeZone),
    recurs: recur !== null,
    firstDay,
    lastDay: recur === null ? firstDay : until === null ? Infinity : dayOf(localTime(until)),
    timeOfDayMs: first - firstDay * dayMs,
    onDay: weekDays.map((name) => recur !== 'weekly' || own.some((day) => day === name)),
    localLengthMs: durationSeconds === null && end !== null ? localTime(end) - first : null,
    elapsedMs: Math.max(1, Math.round((durationSeconds ?? 0) * 1000)),
  };
}

/** The same window this much later by the clocks of its zone: start, end, days and last day. */
export function laterWindow(window: CompiledWindow, shiftMs: number): CompiledWindow {
  const local = window.timeOfDayMs + shiftMs;
  const days = dayOf(local);
  const onDay = window.onDay.map((_, d) => window.onDay[(((d - days) % 7) + 7) % 7]);
  const [firstDay, lastDay] = [window.firstDay + days, window.lastDay + days];
  return { ...window, firstDay, lastDay, onDay, timeOfDayMs: local - days * dayMs };
}

/** The occurrence that starts on a local day, or none. */
export function occurrenceOn(window: CompiledWindow, day: number): Occurrence | undefined {
  const { zone, firstDay, lastDay, recurs, onDay, timeOfDayMs, localLengthMs, elapsedMs } = window;
  if (day < firstDay || day > lastDay || (recurs && !onDay[weekDay(day)])) return undefined;
  const local = day * dayMs + timeOfDayMs;
  const startMs = zone.instantOf(local);
  if (localLengthMs === null) return { day, startMs, endMs: startMs + elapsedMs };
  const end = zone.instantOf(local + localLengthMs);
  return { day, startMs, endMs: end > startMs ? end : startMs + localLengthMs };
}

/** The longest that an occurrence lasts, and some more: no change of clocks is greater than a day. */
export function longestMs({ localLengthMs, elapsedMs }: CompiledWindow): number {
  return (localLengthMs ?? elapsedMs) + dayMs;
}

/**
 * The occurrences that share an instant with the time from `fromMs` to before `toMs`, by their start; finite
 * bounds for a recurrence without end. O(days between).
 */
export function occurrencesWithin(window: CompiledWindow, fromMs: number, toMs: number): Occurrence[] {
  const found: Occurrence[] = [];
  // Local time is at most a day away from UTC.
  const from = Math.max(window.firstDay, dayOf(fromMs - longestMs(window)) - 1);
  const to = Math.min(window.lastDay, dayOf(toMs) + 1);
  for (let day = from; day <= to; day++) {
    const occurrence = occurrenceOn(window, day);
    if (occurrence && occurrence.endMs > fromMs && occurrence.startMs < toMs) found.push(occurrence);
  }
  return found;
}

/** The first occurrence that ends after an instant; undefined: there is none any more. */
export function occurrenceAfter(window: CompiledWindow, afterMs: number): Occurrence | undefined {
  const from = Math.max(window.firstDay, dayOf(afterMs - longestMs(window)) - 1);
  // In any week of days there is one, unless the last day is over.
  const to = Math.min(window.lastDay, Math.max(from, dayOf(afterMs) + 1) + 8);
  for (let day = from; day <= to; day++) {
    const occurrence = occurrenceOn(window, day);
    if (occurrence && occurrence.endMs > afterMs) return occurrence;
  }
  return undefined;
}

/** Is a window open at an instant? null: always. */
export function isOpenAt(window: CompiledWindow | null, timeMs: number): boolean {
  if (window === null) return true;
  const next = occurrenceAfter(window, timeMs);
  return next !== undefined && next.startMs <= timeMs;
}

/** The next instant after this one at which an occurrence begins or, if one is on, ends; null: none does. */
export function nextBoundAfter(window: CompiledWindow | null, timeMs: number): number | null {
  const next = window === null ? undefined : occurrenceAfter(window, timeMs);
  if (next === undefined) return null;
  return next.startMs > timeMs ? next.startMs : next.endMs;
}

function dayOf(ms: number): number {
  return Math.floor(ms / dayMs);
}

/** 0: Monday; 1970-01-01 was a Thursday. */
function weekDay(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** `2026-12-01`, `2026-12-01T22:00` or with seconds, as the model has checked it. */
function localTime(text: string): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text);
  if (!match) throw new RangeError(`'${text}' is not a local time`);
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

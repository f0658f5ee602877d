import type { Window } from '../model';
import { clockOffset, clockTurns } from './zone-clock';

/** From, included, to, not included; ms since 1970-01-01 UTC. */
export type Stretch = readonly [number, number];

const dayMs = 86_400_000;
const weekDays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/**
 * From this day on (2101-01-01) the clocks of every zone follow the calendar alone: the tables of the tz
 * database end in 2087. Whatever a calendar does it does within 41 years, also around a year such as 2200.
 */
const calendarAloneDay = Date.UTC(2101, 0, 1) / dayMs;
const everyCalendarDays = Math.ceil(41 * 365.25);

/**
 * When each of some windows is open, sorted and joined, on enough days to compare them for ever; null:
 * always. An occurrence starts at the local time of `start`; it ends at the local time of `end` of its own
 * night, or after `duration`. A local time that a change of clocks leaves out moves forward, of a repeated
 * one the first is meant (RFC 5545 section 3.3.5); where that leaves nothing the night keeps its local
 * length. Without `until` a recurrence never ends.
 *
 * Two days are alike for what recurs if they are the same day of the week, the same windows recur around
 * them, and the clocks of their zones go alike around them. Of days that are alike the first is looked at.
 */
export function windowTimes(
  windows: readonly (Window | null)[],
): (window: Window | null) => readonly Stretch[] {
  const given = new Map<string, Window>();
  for (const w of windows) if (w !== null) given.set(JSON.stringify(w), w);
  const rules = [...given.values()].map(ruleOf);
  const days = daysToLookAt(rules);
  const known = new Map<string, readonly Stretch[]>();
  return (window) => {
    if (window === null) return [[-Infinity, Infinity]];
    const key = JSON.stringify(window);
    let times = known.get(key);
    if (times === undefined) known.set(key, (times = timesOf(ruleOf(window), days)));
    return times;
  };
}

interface Rule {
  readonly window: Window;
  /** Local days of the first and the last occurrence. */
  readonly from: number;
  readonly to: number;
  /** Local time of day, ms. */
  readonly at: number;
  /** An occurrence is over this many days after the one on which it starts. */
  readonly reach: number;
}

function ruleOf(window: Window): Rule {
  const start = clock(window.start);
  const from = Math.floor(start / dayMs);
  const last = window.until === null ? Infinity : Math.floor(clock(window.until) / dayMs);
  const length = window.end === null ? window.durationSeconds! * 1000 : clock(window.end) - start;
  const to = window.recur === null ? from : last;
  return { window, from, to, at: start - from * dayMs, reach: Math.ceil(length / dayMs) + 2 };
}

function timesOf(rule: Rule, days: readonly number[]): readonly Stretch[] {
  const { window, from, to, reach } = rule;
  if (window.recur === null) return joined([nightOf(rule, from)]);
  const starts = new Set<number>();
  for (const day of days)
    for (let d = Math.max(from, day - reach); d <= Math.min(to, day + 1); d++) starts.add(d);
  const names = window.days.length > 0 ? window.days : [dayName(from)];
  const opens = (d: number) => window.recur === 'daily' || names.some((name) => name === dayName(d));
  return joined([...starts].filter(opens).map((d) => nightOf(rule, d)));
}

function nightOf({ window, at }: Rule, day: number): Stretch {
  const { timeZone, end, durationSeconds } = window;
  const shown = day * dayMs + at;
  const start = instant(timeZone, shown);
  if (durationSeconds !== null) return [start, start + Math.max(1, Math.round(durationSeconds * 1000))];
  const length = clock(end!) - clock(window.start);
  const over = instant(timeZone, shown + length);
  return [start, over > start ? over : start + length];
}

/** UTC days since 1970: some around each beginning and end, and of all others one of each kind. */
function daysToLookAt(rules: readonly Rule[]): readonly number[] {
  const recurring = rules.filter(({ window }) => window.recur !== null);
  if (recurring.length === 0) return [];
  const reach = Math.max(...rules.map((r) => (r.window.recur === null ? 2 : r.reach))) + 2;
  const events = rules.flatMap((r) => {
    if (r.window.recur !== null) return [r.from, r.to];
    return nightOf(r, r.from).map((t) => Math.floor(t / dayMs));
  });
  const turning = [...new Set(events.filter(Number.isFinite))].sort((a, b) => a - b);
  const days = new Set<number>();
  for (const [i, event] of turning.entries()) {
    const next = turning[i + 1] ?? Infinity;
    const quiet = event + 2 * reach + 1;
    for (let d = event - reach; d < Math.min(quiet, next); d++) days.add(d);
    const alive = recurring.filter((r) => r.from <= event && r.to >= next);
    const zones = [...new Set(alive.map((r) => r.window.timeZone))];
    const last = Math.min(next, Math.max(quiet, calendarAloneDay) + everyCalendarDays);
    const seen = new Set<string>();
    for (let d = quiet; alive.length > 0 && d < last; d++) {
      const kind = [d % 7, ...zones.map((zone) => clockTurns(zone, d - reach, d + 2))].join(' ');
      if (seen.has(kind)) continue;
      seen.add(kind);
      days.add(d);
    }
  }
  return [...days].sort((a, b) => a - b);
}

function dayName(day: number): string {
  return weekDays[new Date(day * dayMs).getUTCDay()];
}

/** `2026-12-01T22:00` as if it were UTC. */
function clock(text: string): number {
  const [year, month, day, hour = 0, minute = 0, second = 0] = text.split(/[-T:]/).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The instant at which a zone's clocks show a local time. */
function instant(zone: string, local: number): number {
  const before = local - clockOffset(zone, local - dayMs);
  const after = local - clockOffset(zone, local + dayMs);
  const fits = [Math.min(before, after), Math.max(before, after)].find(
    (t) => t + clockOffset(zone, t) === local,
  );
  return fits ?? before;
}

function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const result: [number, number][] = [];
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    const last = result[result.length - 1];
    if (to <= from) continue;
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

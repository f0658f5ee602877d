import type { Window } from '../model';
import {
  compileWindow,
  dayMs,
  laterWindow,
  longestMs,
  occurrenceOn,
  occurrencesWithin,
  type CompiledWindow,
} from './compiled-window';
import { always, joinIntervals, type Interval } from './interval';
import { zoneWeeks, type ZoneWeeks } from './zone-weeks';

const weekMs = 7 * dayMs;
/**
 * From here on the clocks of every zone change by a rule that depends on the calendar alone (RFC 9636 section
 * 3.3.1): the last table of the tz database ends in 2087. So two years change alike that have as many days
 * and begin on the same day of the week, as do the years beside them. Any `cycleWeeks` have all such years.
 */
const rulesFromWeek = Math.ceil(Date.UTC(2101, 0, 1) / weekMs);
/** 41 years: 28 have every kind of year, and 12 more where a century year without leap day is among them. */
const cycleWeeks = Math.ceil((41 * 365.25) / 7);
/** Weeks that are kept after a window begins or ends: what would fit is looked for up to a year later. */
const keptAfter = 55;

/**
 * All of time, as far as windows need to be compared: weeks (from Thursday 00:00 UTC) that stand for every
 * other one. A recurrence repeats each week by local time; so two weeks in which the same windows recur, and
 * the clocks of all their zones change alike, are alike. Kept are a year from each instant at which a window
 * begins or ends, and between and behind these the first of every kind of week. What fits in the kept weeks
 * therefore fits always: exact, not an estimate, with no horizon.
 */
export interface Timeline {
  /**
   * When a window is open, sorted and joined: of a recurrence all occurrences of the kept weeks, of any other
   * window all of it. null: always. `shiftMs`: of the window that much later (`laterWindow`), up to a year.
   */
  intervals(window: Window | null, shiftMs?: number): readonly Interval[];
  /** How many weeks are kept. */
  readonly weeks: number;
}

/** The timeline on which these windows, and each of them up to a year later, can be compared. */
export function timelineOf(windows: readonly (Window | null)[]): Timeline {
  const compiled = new Map<string, CompiledWindow>();
  const compile = (window: Window): CompiledWindow => {
    const key = JSON.stringify(window);
    let known = compiled.get(key);
    if (known === undefined) compiled.set(key, (known = compileWindow(window)));
    return known;
  };
  for (const window of windows) if (window !== null) compile(window);
  const kept = keptRanges([...compiled.values()]);
  const known = new WeakMap<CompiledWindow, readonly Interval[]>();
  const expand = (window: CompiledWindow): readonly Interval[] => {
    if (!window.recurs) return joinIntervals(occurrencesWithin(window, -Infinity, Infinity));
    return joinIntervals(kept.flatMap(([from, to]) => occurrencesWithin(window, from * weekMs, to * weekMs)));
  };
  return {
    intervals: (window, shiftMs = 0) => {
      if (window === null) return always;
      const own = compile(window);
      if (shiftMs !== 0) return expand(laterWindow(own, shiftMs));
      let intervals = known.get(own);
      if (intervals === undefined) known.set(own, (intervals = expand(own)));
      return intervals;
    },
    weeks: kept.reduce((sum, [from, to]) => sum + to - from, 0),
  };
}

/** Weeks from, included, to, not included; in order and apart. */
type Weeks = readonly [number, number];

function keptRanges(windows: readonly CompiledWindow[]): Weeks[] {
  const recurring = windows.filter((w) => w.recurs);
  if (recurring.length === 0) return [];
  const lives = recurring.map(lifeOf);
  const bounds = [
    ...lives.flatMap(({ from, to }) => [from, to]),
    ...windows.filter((w) => !w.recurs).flatMap((w) => boundsOf(w)),
  ].filter(Number.isFinite);
  const eventful = joinWeeks(bounds.map((week) => [week - 1, week + keptAfter]));
  const kept: Weeks[] = [...eventful];
  eventful.forEach(([, from], i) => {
    const to = eventful[i + 1]?.[0] ?? Infinity;
    const alive = recurring.filter((_, n) => lives[n].from < from && lives[n].to >= to);
    if (alive.length > 0) kept.push(...kindsOfWeeks(alive, from, to));
  });
  return joinWeeks(kept);
}

/** The weeks in which a recurrence begins and ends; `to` Infinity: never. */
function lifeOf(window: CompiledWindow): { readonly from: number; readonly to: number } {
  const at = (day: number) => Math.floor((day * dayMs) / weekMs);
  return { from: at(window.firstDay - 2), to: at(window.lastDay * 1 + 2 + longestMs(window) / dayMs) };
}

function boundsOf(window: CompiledWindow): number[] {
  const { startMs, endMs } = occurrenceOn(window, window.firstDay)!;
  return [Math.floor(startMs / weekMs), Math.floor(endMs / weekMs)];
}

/** Of the weeks in which just these windows recur, the first of each kind. */
function kindsOfWeeks(alive: readonly CompiledWindow[], from: number, to: number): Weeks[] {
  const zones = [...new Set(alive.map((w) => w.zone))].map(zoneWeeks);
  const longest = alive.reduce((most, w) => Math.max(most, longestMs(w)), 0);
  const seen = new Set<string>();
  const first: Weeks[] = [];
  const last = Math.min(to, Math.max(from, rulesFromWeek) + cycleWeeks);
  for (let week = from; week < last; week++) {
    const kind = zones.map((zone: ZoneWeeks) => zone.kind(week, longest)).join();
    if (seen.has(kind)) continue;
    seen.add(kind);
    first.push([week, week + 1]);
  }
  return first;
}

function joinWeeks(ranges: readonly Weeks[]): Weeks[] {
  return joinIntervals(ranges.map(([startMs, endMs]) => ({ startMs, endMs }))).map(
    ({ startMs, endMs }) => [startMs, endMs] as const,
  );
}

import type { TimeZone } from './time-zone';

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;

/** What the clocks of a zone do, week by week; weeks begin on Thursday 00:00 UTC, number 0 in 1970. */
export interface ZoneWeeks {
  /**
   * Equal numbers, of the same `reachMs`: the clocks are and change alike, in time from the week's beginning,
   * from `reachMs` and a day before the week to a day after it. A zone is taken to leave no setting of its
   * clocks and come back to it within one week.
   */
  kind(week: number, reachMs: number): number;
}

const known = new WeakMap<TimeZone, ZoneWeeks>();

/** The weeks of a zone; what was found is kept. */
export function zoneWeeks(zone: TimeZone): ZoneWeeks {
  let weeks = known.get(zone);
  if (weeks === undefined) known.set(zone, (weeks = makeWeeks(zone)));
  return weeks;
}

function makeWeeks(zone: TimeZone): ZoneWeeks {
  const offsets = new Map<number, number>();
  const offsetAt = (week: number): number => {
    let offset = offsets.get(week);
    if (offset === undefined) offsets.set(week, (offset = zone.offsetMs(week * weekMs)));
    return offset;
  };
  const numbers = new Map<string, number>();
  return {
    kind: (week, reachMs) => {
      const from = week - Math.ceil((reachMs + dayMs) / weekMs);
      let still = true;
      for (let w = from; w < week + 2; w++) still &&= offsetAt(w + 1) === offsetAt(w);
      const key = still ? `${offsetAt(from)}` : changesIn(zone, week, reachMs);
      let kind = numbers.get(key);
      if (kind === undefined) numbers.set(key, (kind = numbers.size));
      return kind;
    },
  };
}

/** The offset at the beginning of what a week reaches, and each change from there on, as text. */
function changesIn(zone: TimeZone, week: number, reachMs: number): string {
  const weekStart = week * weekMs;
  const end = weekStart + weekMs + dayMs;
  let at = weekStart - reachMs - dayMs;
  const parts = [`${zone.offsetMs(at)}`];
  while (at < end) {
    const next = Math.min(at + dayMs, end);
    if (zone.offsetMs(next) !== zone.offsetMs(at))
      parts.push(`${changeBetween(zone, at, next) - weekStart}:${zone.offsetMs(next)}`);
    at = next;
  }
  return parts.join();
}

/** The instant, in whole seconds, from which on the clocks show what they show at `to`. */
function changeBetween(zone: TimeZone, from: number, to: number): number {
  let [low, high] = [Math.floor(from / 1000), Math.ceil(to / 1000)];
  const before = zone.offsetMs(from);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetMs(middle * 1000) === before) low = middle;
    else high = middle;
  }
  return high * 1000;
}

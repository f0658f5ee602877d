import type { Window } from '../model';

/** From, included, to, not included; ms since 1970-01-01 UTC. */
export type Stretch = readonly [number, number];

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;
const weekDays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * When a window is open, sorted and joined; null: always. A local time that a change of clocks leaves out
 * moves forward, of a repeated one the first is meant; every occurrence has the exact length of the first;
 * without `until` occurrences start within 365 days of `start` (RFC 5545 sections 3.3.5 and 3.8.5.3).
 */
export function windowTimes(window: Window | null): readonly Stretch[] {
  if (window === null) return [[-Infinity, Infinity]];
  const { timeZone, recur, until, end, durationSeconds } = window;
  const first = clock(window.start);
  const start = instant(timeZone, first);
  const exact = end === null ? Infinity : instant(timeZone, clock(end)) - start;
  const length =
    durationSeconds !== null
      ? Math.max(1, Math.round(durationSeconds * 1000))
      : exact > 0
        ? exact
        : clock(end!) - first;
  if (recur === null) return joined([[start, start + length]]);
  const dayName = (local: number) => weekDays[new Date(local).getUTCDay()];
  const days = window.days.length > 0 ? window.days : [dayName(first)];
  const lastLocal = until === null ? Infinity : clock(until.slice(0, 10)) + dayMs;
  const found: Stretch[] = [];
  for (let local = first; local < lastLocal; local += dayMs) {
    if (until === null && local > first + yearMs + 8 * dayMs) break;
    if (recur === 'weekly' && !days.includes(dayName(local))) continue;
    const from = instant(timeZone, local);
    if (until === null && from >= start + yearMs) break;
    found.push([from, from + length]);
  }
  return joined(found);
}

/** `2026-12-01T22:00` as if it were UTC. */
function clock(text: string): number {
  const [year, month, day, hour = 0, minute = 0, second = 0] = text.split(/[-T:]/).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The instant at which a zone's clocks show a local time. */
function instant(zone: string, local: number): number {
  const before = local - offset(zone, local - dayMs);
  const after = local - offset(zone, local + dayMs);
  const fits = [Math.min(before, after), Math.max(before, after)].find((t) => t + offset(zone, t) === local);
  return fits ?? before;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** How far a zone's clocks are ahead of UTC, ms: what they show, less what UTC shows. */
function offset(zone: string, time: number): number {
  const key = `${zone} ${time}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  let format = formats.get(zone);
  if (!format) {
    const digits = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    } as const;
    format = new Intl.DateTimeFormat('en-US', {
      ...digits,
      second: 'numeric',
      timeZone: zone,
      hourCycle: 'h23',
    });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(time).map((p) => [p.type, Number(p.value)]));
  const shown = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  const found = shown - Math.floor(time / 1000) * 1000;
  offsets.set(key, found);
  return found;
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

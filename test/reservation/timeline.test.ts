import type { Window } from '../../lib/model';
import { compileWindow, occurrencesWithin, timelineOf, type Interval } from '../../lib/reservation';
import { laterWindow } from '../../lib/reservation/compiled-window';
import { windowTimes } from '../../lib/verify/window-times';
import { mostAtOnce, slowNights } from '../reference/reservation-nights';
import { seeded, type Seeded } from '../support/random-seeded';

const seed = 15;
const dayMs = 86_400_000;
const from = Date.UTC(2026, 0, 1);
/** These have had rules without an end for years; see the last test for one that has not. */
const zones = [
  'Europe/Dublin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Santiago',
  'UTC',
  'Asia/Kolkata',
  'Pacific/Auckland',
];
const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const two = (n: number) => String(n).padStart(2, '0');
const date = (day: number) => new Date(from + day * dayMs).toISOString().slice(0, 10);

/** Nightly or weekly, with or without an end, mostly near the hours at which clocks change. */
function randomWindow(random: Seeded, names: readonly string[] = zones): Window {
  const day = random.whole(0, 500);
  const hour = random.pick([0, 1, 2, 3, 22, 23, 12]);
  const start = `${date(day)}T${two(hour)}:${random.pick(['00', '30', '15'])}`;
  const recur = random.pick(['daily', 'weekly', 'daily', null] as const);
  const days = recur === 'weekly' && random.chance(0.7) ? weekDays.filter(() => random.chance(0.3)) : [];
  const hours = random.pick([1, 2, 6, 24]);
  const end = new Date(Date.parse(`${start}:00Z`) + hours * 3_600_000).toISOString().slice(0, 16);
  const byEnd = random.chance(0.6);
  return {
    start,
    end: byEnd ? end : null,
    durationSeconds: byEnd ? null : hours * 3600,
    recur,
    days,
    until: recur !== null && random.chance(0.3) ? date(day + random.whole(0, 3000)) : null,
    timeZone: random.pick(names),
  };
}

describe(`a timeline (seed ${seed})`, () => {
  it('has the greatest sum of 43 years of nights that are counted one by one, and verify has it too', () => {
    const random = seeded(seed);
    let [endless, weeks] = [0, 0];
    for (let round = 0; round < 10; round++) {
      const windows = Array.from({ length: random.whole(2, 4) }, () => randomWindow(random));
      const amounts = windows.map((_, i) => 2 ** i);
      if (windows.filter((w) => w.recur !== null && w.until === null).length > 1) endless++;
      const every = windows.map((w) => occurrencesWithin(compileWindow(w), from, from + 43 * 365.25 * dayMs));
      const timeline = timelineOf(windows);
      weeks = Math.max(weeks, timeline.weeks);
      const kept = windows.map((w) => timeline.intervals(w));
      const timesOf = windowTimes(windows);
      const verified = windows.map((w) => timesOf(w).map(([startMs, endMs]) => ({ startMs, endMs })));
      const most = mostAtOnce(every, amounts);
      expect([round, mostAtOnce(kept, amounts)]).toEqual([round, most]);
      expect([round, mostAtOnce(verified, amounts)]).toEqual([round, most]);
      // Pair by pair, so that every meeting counts and not the greatest alone.
      windows.forEach((_, i) =>
        windows.slice(0, i).forEach((__, j) => {
          const pair = (list: readonly (readonly Interval[])[]) => mostAtOnce([list[i], list[j]], [1, 1]);
          expect([round, i, j, pair(kept), pair(verified)]).toEqual([round, i, j, pair(every), pair(every)]);
        }),
      );
    }
    process.stdout.write(
      `10 sets of windows, ${endless} with several endless ones, at most ${weeks} weeks kept\n`,
    );
    expect(endless).toBeGreaterThan(2);
    expect(weeks).toBeLessThan(600);
  });

  it('has for a window that is moved by up to a year the sum that the nights have', () => {
    const random = seeded(seed + 1);
    for (let round = 0; round < 16; round++) {
      const windows = [randomWindow(random), randomWindow(random)];
      const shift = random.whole(1, 365 * 24) * 3_600_000;
      if (windows[1].recur === null) continue;
      const timeline = timelineOf(windows);
      const moved = laterWindow(compileWindow(windows[1]), shift);
      const end = from + 43 * 365.25 * dayMs;
      const every = [
        occurrencesWithin(compileWindow(windows[0]), from, end),
        occurrencesWithin(moved, from, end),
      ];
      const kept = [timeline.intervals(windows[0]), timeline.intervals(windows[1], shift)];
      expect([round, mostAtOnce(kept, [1, 1])]).toEqual([round, mostAtOnce(every, [1, 1])]);
    }
  });

  it('knows the nights of a zone whose table of changes ends in 2087', () => {
    const random = seeded(seed + 2);
    for (let round = 0; round < 2; round++) {
      const windows = Array.from({ length: 2 }, () => ({
        ...randomWindow(random, ['Africa/Casablanca', 'Europe/Paris']),
        recur: 'daily' as const,
        days: [],
        until: null,
      }));
      const every = windows.map((w) => occurrencesWithin(compileWindow(w), from, Date.UTC(2142, 0, 1)));
      const timeline = timelineOf(windows);
      const timesOf = windowTimes(windows);
      const most = mostAtOnce(every, [1, 1]);
      expect(
        mostAtOnce(
          windows.map((w) => timeline.intervals(w)),
          [1, 1],
        ),
      ).toBe(most);
      const verified = windows.map((w) => timesOf(w).map(([startMs, endMs]) => ({ startMs, endMs })));
      expect(mostAtOnce(verified, [1, 1])).toBe(most);
    }
  });

  it('has nights that a search through every hour finds too', () => {
    const random = seeded(seed + 3);
    for (let round = 0; round < 16; round++) {
      const w = { ...randomWindow(random), recur: 'daily' as const, days: [], until: null };
      const [start] = [Date.parse(`${w.start.slice(0, 10)}T00:00Z`)];
      const near = random.pick([
        Date.UTC(2027, 2, 12),
        Date.UTC(2027, 9, 1),
        Date.UTC(2027, 3, 2),
        Date.UTC(2027, 9, 29),
        Date.UTC(2027, 10, 5),
        start,
      ]);
      const nights = slowNights(w, Math.max(near, start + 2 * dayMs), 4);
      const fast = compileWindow(w);
      const found = nights.map(({ startMs }) =>
        occurrencesWithin(fast, startMs, startMs + 1).find((o) => o.startMs === startMs),
      );
      expect(found.map((o) => o && [o.startMs, o.endMs])).toEqual(nights.map((n) => [n.startMs, n.endMs]));
    }
  });

  it('needs no more than 41 years of calendar: they have every kind of year that a cycle of 400 has', () => {
    const leap = (y: number) => (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
    const kind = (y: number) =>
      [new Date(Date.UTC(y, 0, 1)).getUTCDay(), ...[y - 1, y, y + 1].map(leap)].join();
    const all = new Set(Array.from({ length: 400 }, (_, i) => kind(2101 + i)));
    // The first of them may have begun already.
    for (let first = 2101; first < 2501; first++)
      expect(new Set(Array.from({ length: 40 }, (_, i) => kind(first + 1 + i))).size).toBe(all.size);
  });
});

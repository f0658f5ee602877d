import type { Window } from '../../lib/model';
import {
  always,
  compileWindow,
  joinIntervals,
  occurrenceAfter,
  occurrencesWithin,
  timelineOf,
  type Interval,
} from '../../lib/reservation';
import { isOpenAt, nextBoundAfter } from '../../lib/reservation/compiled-window';

const hour = 3_600_000;

/** All of a window that has an end. */
function windowIntervals(w: Window): Interval[] {
  return joinIntervals(occurrencesWithin(compileWindow(w), -Infinity, Infinity));
}

function window(given: Partial<Window> & { start: string }): Window {
  return {
    end: null,
    durationSeconds: given.end === undefined ? 3600 : null,
    recur: null,
    days: [],
    until: null,
    timeZone: 'UTC',
    ...given,
  };
}

/** `2026-03-29T00:30Z/2026-03-29T01:30Z` */
function text(w: Window): string[] {
  const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16) + 'Z';
  return windowIntervals(w).map(({ startMs, endMs }) => `${iso(startMs)}/${iso(endMs)}`);
}

describe('a window', () => {
  it('is always, when there is none', () => {
    expect(timelineOf([]).intervals(null)).toBe(always);
    expect([isOpenAt(null, 0), nextBoundAfter(null, 0)]).toEqual([true, null]);
  });

  it('in UTC is what it says', () => {
    expect(text(window({ start: '2026-12-01T22:00', end: '2026-12-02T02:00' }))).toEqual([
      '2026-12-01T22:00Z/2026-12-02T02:00Z',
    ]);
  });

  it('with seconds and a fraction of a second as its duration keeps them', () => {
    const [{ startMs, endMs }] = windowIntervals(
      window({ start: '2026-12-01T22:00:30', durationSeconds: 0.25 }),
    );
    expect([startMs % 60_000, endMs - startMs]).toEqual([30_000, 250]);
  });

  it('moves a local time that does not exist forward by the gap (RFC 5545 section 3.3.5)', () => {
    expect(text(window({ start: '2026-03-29T01:30', timeZone: 'Europe/Dublin' }))).toEqual([
      '2026-03-29T01:30Z/2026-03-29T02:30Z',
    ]);
    // The RFC's own example: 02:30 on 2007-03-11 in New York is 03:30 EDT.
    expect(text(window({ start: '2007-03-11T02:30', timeZone: 'America/New_York' }))).toEqual([
      '2007-03-11T07:30Z/2007-03-11T08:30Z',
    ]);
    // Lord Howe moves by half an hour, from +10:30 to +11:00.
    expect(text(window({ start: '2026-10-04T02:15', timeZone: 'Australia/Lord_Howe' }))).toEqual([
      '2026-10-03T15:45Z/2026-10-03T16:45Z',
    ]);
  });

  it('takes the first of a local time that comes twice (RFC 5545 section 3.3.5)', () => {
    expect(text(window({ start: '2026-10-25T01:30', timeZone: 'Europe/Dublin' }))).toEqual([
      '2026-10-25T00:30Z/2026-10-25T01:30Z',
    ]);
    expect(text(window({ start: '2007-11-04T01:30', timeZone: 'America/New_York' }))).toEqual([
      '2007-11-04T05:30Z/2007-11-04T06:30Z',
    ]);
    expect(text(window({ start: '2026-04-05T01:45', timeZone: 'Australia/Lord_Howe' }))).toEqual([
      '2026-04-04T14:45Z/2026-04-04T15:45Z',
    ]);
  });

  it('moves over a whole day that a zone left out', () => {
    // Samoa had no 30 December 2011.
    expect(text(window({ start: '2011-12-30T12:00', timeZone: 'Pacific/Apia' }))).toEqual([
      '2011-12-30T22:00Z/2011-12-30T23:00Z',
    ]);
  });

  it('keeps its local length when the gap swallows its end', () => {
    const w = window({ start: '2026-03-08T02:30', end: '2026-03-08T03:00', timeZone: 'America/New_York' });
    expect(text(w)).toEqual(['2026-03-08T07:30Z/2026-03-08T08:00Z']);
  });
});

describe('a recurring window', () => {
  it('starts at the same local time on both sides of a change of clocks', () => {
    const w = window({
      start: '2026-03-28T09:00',
      recur: 'daily',
      until: '2026-03-30',
      timeZone: 'Europe/Dublin',
    });
    expect(text(w)).toEqual([
      '2026-03-28T09:00Z/2026-03-28T10:00Z',
      '2026-03-29T08:00Z/2026-03-29T09:00Z',
      '2026-03-30T08:00Z/2026-03-30T09:00Z',
    ]);
    const howe = { start: '2026-10-03T09:00', recur: 'daily', until: '2026-10-04' } as const;
    expect(text(window({ ...howe, timeZone: 'Australia/Lord_Howe' }))).toEqual([
      '2026-10-02T22:30Z/2026-10-02T23:30Z',
      '2026-10-03T22:00Z/2026-10-03T23:00Z',
    ]);
  });

  it('with an end, ends at that local time each night, also of the night that the clocks change', () => {
    const w = window({
      start: '2026-03-06T22:00',
      end: '2026-03-07T04:00',
      recur: 'daily',
      until: '2026-03-07',
      timeZone: 'America/New_York',
    });
    // The night of the gap is an hour shorter; both end at 04:00 local.
    expect(text(w)).toEqual(['2026-03-07T03:00Z/2026-03-07T09:00Z', '2026-03-08T03:00Z/2026-03-08T08:00Z']);
    const first = window({ ...w, start: '2026-03-07T22:00', end: '2026-03-08T04:00', until: '2026-03-08' });
    expect(text(first)).toEqual([
      '2026-03-08T03:00Z/2026-03-08T08:00Z',
      '2026-03-09T02:00Z/2026-03-09T08:00Z',
    ]);
  });

  it('with a duration, lasts that long each night, also of the night that the clocks change', () => {
    const w = window({
      start: '2026-10-31T22:00',
      durationSeconds: 6 * 3600,
      recur: 'daily',
      until: '2026-11-01',
      timeZone: 'America/New_York',
    });
    expect(text(w)).toEqual(['2026-11-01T02:00Z/2026-11-01T08:00Z', '2026-11-02T03:00Z/2026-11-02T09:00Z']);
  });

  it('moves the one occurrence that falls into the gap and no other', () => {
    const w = window({
      start: '2026-03-07T02:30',
      recur: 'daily',
      until: '2026-03-09',
      timeZone: 'America/New_York',
    });
    expect(text(w).map((t) => t.slice(8, 16))).toEqual(['07T07:30', '08T07:30', '09T06:30']);
  });

  it('on named days starts on those days alone, from its start on', () => {
    const w = window({
      start: '2026-12-01T06:00',
      recur: 'weekly',
      days: ['mon', 'thu'],
      until: '2026-12-10',
    });
    expect(text(w).map((t) => t.slice(0, 10))).toEqual(['2026-12-03', '2026-12-07', '2026-12-10']);
  });

  it('weekly without days recurs on the day of its start', () => {
    const w = window({ start: '2026-12-02T06:00', recur: 'weekly', until: '2026-12-20' });
    expect(text(w).map((t) => t.slice(0, 10))).toEqual(['2026-12-02', '2026-12-09', '2026-12-16']);
  });

  it('takes its day of the week from the local date, not from UTC', () => {
    const w = window({
      start: '2026-12-07T01:00',
      recur: 'weekly',
      days: ['mon'],
      until: '2026-12-14',
      timeZone: 'Asia/Tokyo',
    });
    expect(text(w).map((t) => t.slice(0, 13))).toEqual(['2026-12-06T16', '2026-12-13T16']);
  });

  it('without an end has none: it opens on any night of any year, and its bounds are found there', () => {
    const w = compileWindow(
      window({
        start: '2026-12-01T22:00',
        end: '2026-12-02T02:00',
        recur: 'daily',
        timeZone: 'Europe/Dublin',
      }),
    );
    for (const year of [2026, 2027, 2028, 2099, 2150, 2400]) {
      const at = Date.UTC(year, 11, 24, 23);
      expect([year, isOpenAt(w, at), isOpenAt(w, at + 4 * hour)]).toEqual([year, true, false]);
      expect(nextBoundAfter(w, at)).toBe(Date.UTC(year, 11, 25, 2));
      expect(nextBoundAfter(w, at + 4 * hour)).toBe(Date.UTC(year, 11, 25, 22));
    }
    expect(isOpenAt(w, Date.UTC(2026, 11, 1, 21))).toBe(false);
    expect(occurrenceAfter(w, -Infinity)?.startMs).toBe(Date.UTC(2026, 11, 1, 22));
  });

  it('with a last day has no occurrence after it', () => {
    const w = compileWindow(window({ start: '2026-12-01T22:00', recur: 'weekly', until: '2026-12-20' }));
    expect(nextBoundAfter(w, Date.UTC(2026, 11, 15, 22))).toBe(Date.UTC(2026, 11, 15, 23));
    expect(occurrenceAfter(w, Date.UTC(2026, 11, 15, 23))).toBeUndefined();
    expect([isOpenAt(w, Date.UTC(2027, 0, 1)), nextBoundAfter(w, Date.UTC(2027, 0, 1))]).toEqual([
      false,
      null,
    ]);
  });

  it('of the whole day is one stretch, though one day has 23 hours and one has 25', () => {
    const w = window({
      start: '2026-01-01T00:00',
      durationSeconds: 86400,
      recur: 'daily',
      until: '2026-10-24',
      timeZone: 'Europe/Dublin',
    });
    expect(text(w)).toEqual(['2026-01-01T00:00Z/2026-10-24T23:00Z']);
  });

  it('that ends before its first named day holds no time', () => {
    const w = window({ start: '2026-12-01T06:00', recur: 'weekly', days: ['mon'], until: '2026-12-05' });
    expect(windowIntervals(w)).toEqual([]);
  });

  it.each(['Europe/Dublin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'])(
    'in %s shows the local hour that was asked for on every day of two years, but in the gap',
    (zone) => {
      const w = window({ start: '2026-01-01T12:00', recur: 'daily', until: '2027-12-31', timeZone: zone });
      const local = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' });
      const intervals = windowIntervals(w);
      expect(intervals).toHaveLength(730);
      expect(new Set(intervals.map((i) => local.format(i.startMs)))).toEqual(new Set(['12:00']));
    },
  );
});

import { nearest } from '../diagnostics';
import { count } from '../units';
import type { WindowDescription } from './description';
import { readFigure } from './figure-reader';
import type { Window } from './network';
import type { RawPath, Reporter } from './reporter';

const localTime = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/;
const localDate = /^(\d{4})-(\d{2})-(\d{2})$/;
const daySeconds = 86400;
/** Years of a window's times: what networks have and plan for. */
const years = { first: 1970, last: 2199 };

/** Checks and completes a time window; undefined with what is wrong reported. */
export function checkWindow(raw: WindowDescription, at: RawPath, reporter: Reporter): Window | undefined {
  const before = reporter.diagnostics.length;
  const start = readLocal(raw.start, localTime, [...at, 'start'], reporter, '2026-12-01T22:00');
  const end =
    raw.end === undefined
      ? undefined
      : readLocal(raw.end, localTime, [...at, 'end'], reporter, '2026-12-02T02:00');
  const duration = readFigure(raw.duration, 'duration', [...at, 'duration'], reporter, { above: 0 });
  if ((raw.end === undefined) === (raw.duration === undefined)) {
    const message =
      raw.end === undefined ? "has neither 'end' nor 'duration'" : "has both 'end' and 'duration'";
    reporter.error('window-end', at, message, 'give one of the two');
  }
  if (start !== undefined && end !== undefined && end <= start) {
    reporter.error(
      'window-order',
      [...at, 'end'],
      `ends at ${raw.end}, not after it starts at ${raw.start}`,
      'give a later end',
    );
  }
  const timeZone = readTimeZone(raw.timeZone ?? 'UTC', [...at, 'timeZone'], reporter);
  checkRecurrence(raw, start, end, duration, at, reporter);
  if (reporter.diagnostics.length > before) return undefined;
  return {
    start: raw.start,
    end: raw.end ?? null,
    durationSeconds: duration ?? null,
    recur: raw.recur ?? null,
    days: weekDays.filter((day) => raw.days?.includes(day)),
    until: raw.until ?? null,
    timeZone,
  };
}

function checkRecurrence(
  raw: WindowDescription,
  start: number | undefined,
  end: number | undefined,
  duration: number | undefined,
  at: RawPath,
  reporter: Reporter,
): void {
  if (raw.days !== undefined && raw.recur !== 'weekly') {
    reporter.error('window-days', [...at, 'days'], "'days' needs a weekly recurrence", "add 'recur: weekly'");
  } else if (raw.days?.length === 0) {
    reporter.error('window-days', [...at, 'days'], 'names no day', "name one, or remove 'days'");
  }
  if (raw.until !== undefined) {
    if (raw.recur === undefined) {
      reporter.error(
        'window-until',
        [...at, 'until'],
        "'until' needs a recurrence",
        "add 'recur: daily' or 'recur: weekly'",
      );
    }
    const until = readLocal(raw.until, localDate, [...at, 'until'], reporter, '2027-06-30');
    if (until !== undefined && start !== undefined && until + daySeconds <= start) {
      reporter.error(
        'window-until',
        [...at, 'until'],
        `${raw.until} is before the start`,
        'give a later date',
      );
    }
  }
  const length = duration ?? (start !== undefined && end !== undefined ? end - start : undefined);
  const period = raw.recur === 'weekly' ? leastGapDays(raw.days ?? []) : 1;
  if (raw.recur !== undefined && length !== undefined && length > period * daySeconds) {
    const message = `is longer than the ${count(period, 'day')} after which it recurs`;
    reporter.error('window-overlap', at, message, 'shorten it, or recur less often');
  }
}

const weekDays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Days between the two nearest of some days of the week; 7 for one of them or none. */
function leastGapDays(days: readonly (typeof weekDays)[number][]): number {
  const numbers = [...new Set(days)].map((day) => weekDays.indexOf(day)).sort((x, y) => x - y);
  return Math.min(7, ...numbers.map((n, i) => (numbers[(i + 1) % numbers.length] - n + 7) % 7 || 7));
}

/** Seconds since 1970 of a local time, as if it were UTC: good for order and length, not for instants. */
function readLocal(
  text: string,
  shape: RegExp,
  path: RawPath,
  reporter: Reporter,
  example: string,
): number | undefined {
  const match = shape.exec(text);
  if (match) {
    const [year, month, day, hour = 0, minute = 0, second = 0] = match
      .slice(1)
      .map((part) => Number(part ?? 0));
    const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
    const same = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
    if (same && minute < 60 && second < 60 && year >= years.first && year <= years.last)
      return date.getTime() / 1000;
  }
  const what = shape === localTime ? 'time' : 'date';
  const year = Number(match?.[1] ?? years.first);
  if (year < years.first || year > years.last) {
    const without = shape === localDate ? "; without 'until' a recurrence never ends" : '';
    const next = `give a year from ${years.first} to ${years.last}${without}`;
    reporter.error('bad-time', path, `'${text}' is in the year ${year}`, next);
    return undefined;
  }
  if (match) {
    reporter.error(
      'bad-time',
      path,
      `there is no ${what} '${text}'`,
      'give one that the calendar and the clock have',
    );
    return undefined;
  }
  const zone = shape === localTime ? ", without an offset; 'timeZone' names the zone" : '';
  const next = `write it like '${example}'${zone}`;
  reporter.error('bad-time', path, `'${text}' is not a local ${what}`, next);
  return undefined;
}

/**
 * Names of zones that are not places, and what is probably meant. EST, MST and HST keep one offset all year.
 * The others follow a place that their name does not tell, and several places have the same letters.
 */
const abbreviations: Readonly<Record<string, readonly [string, string]>> = {
  EST: ['is 5 hours behind UTC all year, without summer time', 'America/New_York'],
  MST: ['is 7 hours behind UTC all year, without summer time', 'America/Denver'],
  HST: ['is 10 hours behind UTC all year', 'Pacific/Honolulu'],
  CET: ['is the time of Brussels by an old name', 'Europe/Paris'],
  MET: ['is the time of Brussels by an old name', 'Europe/Paris'],
  EET: ['is the time of Athens by an old name', 'Europe/Athens'],
  WET: ['is the time of Lisbon by an old name', 'Europe/Lisbon'],
  EST5EDT: ['is the time of New York by an old name', 'America/New_York'],
  CST6CDT: ['is the time of Chicago by an old name', 'America/Chicago'],
  MST7MDT: ['is the time of Denver by an old name', 'America/Denver'],
  PST8PDT: ['is the time of Los Angeles by an old name', 'America/Los_Angeles'],
  PST: ['is not a name of the IANA database', 'America/Los_Angeles'],
  CST: ['is Chicago here, and China or Cuba elsewhere', 'America/Chicago'],
  IST: ['is India here, and Ireland or Israel elsewhere', 'Asia/Kolkata'],
  BST: ['is Bangladesh here, not British summer time', 'Europe/London'],
  JST: ['is not a name of the IANA database', 'Asia/Tokyo'],
};
/** Of names that no engine knows. */
const meant: Readonly<Record<string, string>> = {
  EDT: 'America/New_York',
  CDT: 'America/Chicago',
  MDT: 'America/Denver',
  PDT: 'America/Los_Angeles',
  CEST: 'Europe/Paris',
  EEST: 'Europe/Athens',
  WEST: 'Europe/Lisbon',
  MSK: 'Europe/Moscow',
  AEST: 'Australia/Sydney',
  AEDT: 'Australia/Sydney',
  KST: 'Asia/Seoul',
  SGT: 'Asia/Singapore',
  HKT: 'Asia/Hong_Kong',
};
/** UTC by its names. */
const universal = /^(?:UTC|UCT|GMT|GMT0|Zulu|Universal|Greenwich)$/;

/** The zone as it is spelled in the IANA database, where that tells; what no engine knows is reported. */
function readTimeZone(name: string, path: RawPath, reporter: Reporter): string {
  const found = tryZone(name);
  const all = Intl.supportedValuesOf('timeZone');
  if (found === undefined) {
    const hint = meant[name] ?? (/^[A-Za-z]/.test(name) ? nearest(name, all) : undefined);
    const offset = /^[+-]?\d/.test(name) ? ': an offset has no rules for summer time' : '';
    const next = hint ? `did you mean '${hint}'?` : `give an IANA name such as 'Europe/Dublin'${offset}`;
    reporter.error('bad-time-zone', path, `unknown time zone '${name}'`, next);
    return name;
  }
  const upper = name.toUpperCase();
  if (upper in abbreviations) {
    const [what, place] = abbreviations[upper];
    const next = `name the place whose clocks are meant, such as '${place}'`;
    reporter.warn('time-zone-abbreviation', path, `time zone '${name}' ${what}`, next);
    return upper;
  }
  if (!name.includes('/') && !universal.test(name) && name.length <= 3) {
    const next = `name the place whose clocks are meant: this machine takes it for '${found}'`;
    reporter.warn('time-zone-abbreviation', path, `time zone '${name}' is an abbreviation`, next);
  }
  return all.find((zone) => zone.toLowerCase() === name.toLowerCase()) ?? name;
}

/** The name that this engine uses for a zone. */
function tryZone(name: string): string | undefined {
  if (!/^[A-Za-z]/.test(name)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

import { known } from './check-links';
import { checkScope } from './check-policies';
import type { NetworkDescription, WindowDescription } from './description';
import { count } from '../units';
import { checkId, checkLongId, readFigure, readWhole } from './figure-reader';
import { defaultSpread } from './network';
import type {
  AdmissionSettings,
  Demand,
  Objective,
  Reservation,
  Statement,
  TrafficSettings,
  Window,
} from './network';
import { tryDemandId, type RawPath, type Reporter } from './reporter';

/** Checks and completes the demands, sorted by id. */
export function checkDemands(description: NetworkDescription, reporter: Reporter): Demand[] {
  const demands: Demand[] = [];
  const seen = new Map<string, RawPath>();
  (description.demands ?? []).forEach((raw, index) => {
    const at: RawPath = ['demands', index];
    const id = tryDemandId(raw)!;
    if (raw.id !== undefined) checkLongId(raw.id, 'demand', [...at, 'id'], reporter);
    if (seen.has(id)) {
      const message = `demand '${id}' is described twice, first in ${reporter.place(seen.get(id)!)}`;
      reporter.error('duplicate-demand', at, message, "add them up, or give each an 'id'");
    } else seen.set(id, at);
    checkPair(raw.from, raw.to, at, description, reporter);
    const bandwidthMbps = readFigure(raw.bandwidth, 'bandwidth', [...at, 'bandwidth'], reporter, {
      above: 0,
    });
    const maxLatencyMs =
      readFigure(raw.maxLatency, 'latency', [...at, 'maxLatency'], reporter, { above: 0 }) ?? null;
    if (bandwidthMbps === undefined) return;
    demands.push({
      id,
      from: raw.from,
      to: raw.to,
      bandwidthMbps,
      class: raw.class ?? 'best-effort',
      maxLatencyMs,
    });
  });
  return demands.sort((x, y) => (x.id < y.id ? -1 : 1));
}

function checkPair(
  from: string,
  to: string,
  at: RawPath,
  description: NetworkDescription,
  reporter: Reporter,
): void {
  const fine = [
    known(from, [...at, 'from'], description, reporter),
    known(to, [...at, 'to'], description, reporter),
  ];
  if (!fine.includes(false) && from === to) {
    reporter.error('same-ends', at, `goes from '${from}' to itself`, 'name two different regions');
  }
}

/** Checks and completes how demands are split. */
export function checkTrafficSettings(description: NetworkDescription, reporter: Reporter): TrafficSettings {
  const raw = description.traffic ?? {};
  return {
    spread: { ...defaultSpread, ...raw.spread },
    paths: readWhole(raw.paths, 1, 16, ['traffic', 'paths'], reporter) ?? 4,
    units: readWhole(raw.units, 1, 256, ['traffic', 'units'], reporter) ?? 16,
  };
}

/** Checks and completes the reservations, sorted by id. */
export function checkReservations(description: NetworkDescription, reporter: Reporter): Reservation[] {
  const ids = Object.keys(description.reservations ?? {}).sort();
  return ids.flatMap((id) => {
    const raw = description.reservations![id];
    const at: RawPath = ['reservations', id];
    checkId(id, 'reservation', at, reporter);
    checkPair(raw.from, raw.to, at, description, reporter);
    const bandwidthMbps = readFigure(raw.bandwidth, 'bandwidth', [...at, 'bandwidth'], reporter, {
      above: 0,
    });
    const setupPriority = readWhole(raw.setupPriority, 0, 7, [...at, 'setupPriority'], reporter) ?? 7;
    const holdingPriority =
      readWhole(raw.holdingPriority, 0, 7, [...at, 'holdingPriority'], reporter) ?? setupPriority;
    if (holdingPriority > setupPriority) {
      // RFC 3209 section 4.7.3: else two reservations could preempt each other for ever.
      const message = `holding priority ${holdingPriority} is weaker than setup priority ${setupPriority}`;
      const next = `give a holding priority from 0 to ${setupPriority}; 0 is the strongest (RFC 3209)`;
      reporter.error('priority-order', [...at, 'holdingPriority'], message, next);
    }
    const window = raw.window ? checkWindow(raw.window, [...at, 'window'], reporter) : null;
    if (bandwidthMbps === undefined || window === undefined) return [];
    const { from, to } = raw;
    return [
      {
        id,
        from,
        to,
        bandwidthMbps,
        class: raw.class ?? 'best-effort',
        setupPriority,
        holdingPriority,
        window,
      },
    ];
  });
}

const localTime = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/;
const localDate = /^(\d{4})-(\d{2})-(\d{2})$/;
const daySeconds = 86400;

function checkWindow(raw: WindowDescription, at: RawPath, reporter: Reporter): Window | undefined {
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
  const timeZone = raw.timeZone ?? 'UTC';
  if (!isTimeZone(timeZone)) {
    const next = "give an IANA name such as 'Europe/Dublin'";
    reporter.error('bad-time-zone', [...at, 'timeZone'], `unknown time zone '${timeZone}'`, next);
  }
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
    if (same && minute < 60 && second < 60) return date.getTime() / 1000;
  }
  const what = shape === localTime ? 'time' : 'date';
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
  reporter.error('bad-time', path, `'${text}' is no local ${what}`, next);
  return undefined;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

const statementKeys = [
  'survive',
  'maxLatency',
  'maxUtilisation',
  'maxMonthlyCost',
  'headroom',
  'availability',
  'minBackups',
] as const;

/** Checks and completes the objectives, sorted by id. */
export function checkObjectives(
  description: NetworkDescription,
  { headroomRatio }: AdmissionSettings,
  reporter: Reporter,
): Objective[] {
  const ids = Object.keys(description.objectives ?? {}).sort();
  return ids.flatMap((id) => {
    const raw = description.objectives![id];
    const at: RawPath = ['objectives', id];
    checkId(id, 'objective', at, reporter);
    const scope = checkScope(raw, at, description, reporter);
    const given = statementKeys.filter((key) => raw[key] !== undefined);
    if (given.length !== 1) {
      const message =
        given.length === 0 ? 'states nothing' : `states ${given.length} things: ${given.join(', ')}`;
      reporter.error('objective-statement', at, message, `give exactly one of ${statementKeys.join(', ')}`);
      return [];
    }
    const figure = (
      key: (typeof statementKeys)[number],
      ...rest: [Parameters<typeof readFigure>[1], Parameters<typeof readFigure>[4]]
    ) => readFigure(raw[key], rest[0], [...at, key], reporter, rest[1]);
    let statement: Statement | undefined;
    if (raw.survive !== undefined) statement = { kind: 'survive', of: raw.survive };
    const latencyMs = figure('maxLatency', 'latency', { above: 0 });
    if (latencyMs !== undefined) statement = { kind: 'max-latency', latencyMs };
    const utilisation = figure('maxUtilisation', 'ratio', { above: 0, max: 1 });
    if (utilisation !== undefined) statement = { kind: 'max-utilisation', ratio: utilisation };
    const usd = figure('maxMonthlyCost', 'money', { above: 0 });
    if (usd !== undefined) statement = { kind: 'max-monthly-cost', usd };
    const headroom =
      raw.headroom === true ? headroomRatio : figure('headroom', 'ratio', { min: 0, below: 1 });
    if (headroom !== undefined) statement = { kind: 'headroom', ratio: headroom };
    const availability = figure('availability', 'ratio', { above: 0, max: 1 });
    if (availability !== undefined) statement = { kind: 'availability', ratio: availability };
    const backups = readWhole(raw.minBackups, 1, 8, [...at, 'minBackups'], reporter);
    if (backups !== undefined) statement = { kind: 'min-backups', count: backups };
    return statement ? [{ id, ...scope, statement }] : [];
  });
}

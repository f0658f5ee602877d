import { visibleTexts } from '../escape';
import type { Window } from '../model';
import type { PlanDocument, PlannedReservation } from '../plan';
import { openingsAfter, type Opening } from '../reservation';
import { formatBandwidth } from '../units';
import { instantsOf, utcInstant, type OpeningInstants } from './opening-instants';
import { paint } from './paint';
import { fold, table, type Column } from './table';
import { clockRemark, clockText, dateText, lengthText, ruleText, timeText } from './window-text';

/** Which part of the calendar. */
export interface CalendarRange {
  /** Openings that end after this instant. */
  readonly fromMs: number;
  /** Openings that begin before this instant; absent: any. */
  readonly untilMs?: number;
  /** At most so many, of all reservations together; absent: any number, and `untilMs` is given. */
  readonly count?: number;
}

/** One opening of a reservation's window. */
export interface CalendarOpening extends OpeningInstants {
  readonly reservation: string;
  readonly timeZone: string;
  readonly lastsSeconds: number;
  /** How long it lasts where no clock changes. */
  readonly usualSeconds: number;
  /** The effect of a change of clocks; empty: none. */
  readonly remark: string;
}

/** When the windows of reservations open. */
export interface ReservationCalendar {
  readonly network: string;
  readonly fromUtc: string;
  readonly untilUtc: string | null;
  readonly reservations: readonly Pick<
    PlannedReservation,
    'id' | 'from' | 'to' | 'bandwidthMbps' | 'class' | 'admitted' | 'window'
  >[];
  /** By opening, then reservation. */
  readonly openings: readonly CalendarOpening[];
  /** Are there more of them before `untilUtc`? */
  readonly more: boolean;
}

interface Row extends Opening {
  readonly id: string;
  readonly window: Window;
}

/** The calendar of a plan's reservations, or of one. */
export function calendarOf(
  plan: PlanDocument,
  range: CalendarRange,
  reservation?: string,
): ReservationCalendar {
  const shown = plan.reservations.filter((r) => reservation === undefined || r.id === reservation);
  const rows = shown.flatMap(({ id, window }) => (window === null ? [] : rowsOf(id, window, range)));
  rows.sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const openings = rows.slice(0, range.count);
  return {
    network: plan.network,
    fromUtc: utcInstant(range.fromMs),
    untilUtc: range.untilMs === undefined ? null : utcInstant(range.untilMs),
    reservations: shown.map(({ id, from, to, bandwidthMbps, class: qos, admitted, window }) => {
      return { id, from, to, bandwidthMbps, class: qos, admitted, window };
    }),
    openings: openings.map(openingOf),
    more: openings.length < rows.length,
  };
}

/** One more than are wanted, so that it is known whether there are more. */
function rowsOf(
  id: string,
  window: Window,
  { fromMs, untilMs = Infinity, count = Infinity }: CalendarRange,
): Row[] {
  const rows: Row[] = [];
  for (const opening of openingsAfter(window, fromMs)) {
    if (opening.startMs >= untilMs || rows.length > count) break;
    rows.push({ ...opening, id, window });
  }
  return rows;
}

function openingOf(row: Row): CalendarOpening {
  const { id, window, startMs, endMs, usualMs } = row;
  return {
    reservation: id,
    ...instantsOf(row),
    timeZone: window.timeZone,
    lastsSeconds: (endMs - startMs) / 1000,
    usualSeconds: usualMs / 1000,
    remark: clockRemark(row),
  };
}

/** The calendar as text, at most `width` columns. Ends with a newline. */
export function renderCalendar(
  given: ReservationCalendar,
  { width = 100, colour = false }: { readonly width?: number; readonly colour?: boolean } = {},
): string {
  const calendar = visibleTexts(given);
  const p = paint(colour);
  const { network, reservations, openings, fromUtc, untilUtc } = calendar;
  const until = untilUtc === null ? '' : ` until ${timeText(Date.parse(untilUtc))}`;
  const lines = fold(
    `${p.bold(network)}  windows from ${timeText(Date.parse(fromUtc))}${until} UTC`,
    width,
    0,
    2,
  );
  for (const r of reservations) {
    const answer = r.admitted ? p.green('admitted') : p.red('refused');
    const rule = r.window === null ? 'always open' : ruleText(r.window);
    const text = `${p.bold(r.id)}  ${r.from} → ${r.to}, ${formatBandwidth(r.bandwidthMbps)} ${r.class}, ${answer}: ${rule}`;
    lines.push(...fold(text, width, 2, 2));
  }
  const closing = closingLine(calendar);
  if (openings.length > 0) {
    const zones = new Set(openings.map((o) => o.timeZone));
    const named = reservations.length > 1;
    const columns: Column[] = [
      ...(named ? [{ title: 'reservation' }] : []),
      { title: 'opens, UTC' },
      { title: 'closes, UTC' },
      { title: 'lasts', align: 'right' },
      { title: zones.size === 1 ? `local, ${[...zones][0]}` : 'local', elastic: 'beneath' },
      { title: openings.some((o) => o.remark !== '') ? 'clocks change' : '', elastic: 'beneath' },
    ];
    const rows = openings.map((o) => [
      ...(named ? [o.reservation] : []),
      timeText(Date.parse(o.opensUtc)),
      timeText(Date.parse(o.closesUtc)),
      lengthText(o.lastsSeconds * 1000),
      localText(o) + (zones.size === 1 ? '' : `, ${o.timeZone}`),
      p.yellow(o.remark),
    ]);
    lines.push('', ...table(columns, rows, width, 2, p.dim));
  }
  return `${[...lines, ...(closing === '' ? [] : ['', ...fold(p.dim(closing), width)])].join('\n')}\n`;
}

/** The sentence after the openings, or the reason why there are none. */
function closingLine({ openings, more, reservations }: ReservationCalendar): string {
  if (more) return 'more follow: ask for more with --count, or name a day with --until';
  if (openings.length > 0) return '';
  if (reservations.length === 0) return 'nothing is reserved';
  return reservations.every((r) => r.window === null)
    ? 'no reservation has a window: what is reserved is reserved all the time'
    : 'no window opens in this time';
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Sat 22:00 to Sun 06:00`: the dates stand beside it in UTC, and with it where it is long. */
function localText({ opensLocal, closesLocal }: CalendarOpening): string {
  const [from, to] = [opensLocal, closesLocal].map((text) => Date.parse(`${text.slice(0, 19)}Z`));
  const day = (ms: number) => days[new Date(ms).getUTCDay()];
  if (to - from >= 6 * 86_400_000) return `${day(from)} ${timeText(from)} to ${day(to)} ${timeText(to)}`;
  const end = dateText(from) === dateText(to) ? clockText(to) : `${day(to)} ${clockText(to)}`;
  return `${day(from)} ${clockText(from)} to ${end}`;
}

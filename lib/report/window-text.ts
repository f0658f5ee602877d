import type { Window } from '../model';
import { openingsAfter, type Opening } from '../reservation';
import { formatDuration } from '../units';

/** A window's rule in words, by the clocks of its zone. */
export function ruleText(window: Window): string {
  const length = window.end === null ? `for ${formatDuration(window.durationSeconds!)}` : `to ${window.end}`;
  const days = window.days.length === 0 ? '' : ` on ${window.days.join(', ')}`;
  const recur =
    window.recur === null
      ? ''
      : `, ${window.recur}${days}${window.until === null ? '' : ` until ${window.until}`}`;
  return `${window.start} ${length}${recur}, ${window.timeZone}`;
}

/** A window's rule in words and, where its clocks do not show UTC, its first opening in UTC. */
export function windowText(window: Window): string {
  const rule = ruleText(window);
  const [first] = openingsAfter(window, -Infinity);
  if (first === undefined || window.timeZone === 'UTC') return rule;
  const instants = `${timeText(first.startMs)} to ${timeText(first.endMs)} UTC`;
  const remark = clockRemark(first);
  return `${rule}; ${window.recur === null ? '' : 'first '}${instants}${remark === '' ? '' : `, clocks change: ${remark}`}`;
}

/** The effect of a change of clocks on an opening, by its local times; empty: none. */
export function clockRemark(opening: Opening): string {
  const { startMs, endMs, localStartMs, localEndMs, ruledStartMs, usualMs } = opening;
  const [lasts, byClocks] = [endMs - startMs, localEndMs - localStartMs];
  const parts: string[] = [];
  if (localStartMs !== ruledStartMs) {
    parts.push(`opens at ${clockText(localStartMs)}: there is no ${clockText(ruledStartMs)}`);
  }
  if (lasts !== usualMs) {
    parts.push(`${lengthText(Math.abs(lasts - usualMs))} ${lasts < usualMs ? 'shorter' : 'longer'}`);
  } else if (byClocks !== lasts) {
    parts.push(`closes at ${clockText(localEndMs)}, not ${clockText(localStartMs + lasts)}`);
  }
  return parts.join('; ');
}

/** How long an opening lasts, `7 h` or `6 h 30 min`. */
export function lengthText(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 60 || !Number.isInteger(minutes) || minutes % 60 === 0) return formatDuration(ms / 1000);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `2027-03-27 22:00`, with seconds where there are any. UTC, or local time as ms since 1970-01-01 local. */
export function timeText(ms: number): string {
  return `${dateText(ms)} ${clockText(ms)}`;
}

/** `2027-03-27`. */
export function dateText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** `22:00`, with seconds where there are any. */
export function clockText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19).replace(/:00$/, '');
}

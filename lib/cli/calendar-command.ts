import { hasErrors, nearest, problem } from '../diagnostics';
import { calendarOf, renderCalendar } from '../report/calendar-report';
import { wantsColour, widthOf, type CliIo, type ExitCode } from './io';
import { loadPlan } from '../project';
import { hostOf, type LoadOptions } from './host';
import { printDiagnostics } from './print-diagnostics';

interface CalendarOptions extends LoadOptions {
  /** Instants, ms. */
  readonly from?: number;
  readonly until?: number;
  readonly count?: number;
  readonly json?: boolean;
}

/** How many openings are shown where neither an end nor a number is given. */
const usualCount = 14;

/**
 * `dwcp calendar`: when the windows of reservations open, in UTC and by their own clocks. From now on, where
 * no instant is given. A reservation that is refused has its windows too, and is not an error.
 */
export function calendarCommand(
  io: CliIo,
  file: string,
  reservation: string | undefined,
  options: CalendarOptions,
): ExitCode {
  const {
    from = Date.now(),
    until: untilMs,
    count = untilMs === undefined ? usualCount : undefined,
  } = options;
  // To the second, as it is printed.
  const fromMs = Math.floor(from / 1000) * 1000;
  if (untilMs !== undefined && untilMs <= fromMs) {
    const message = `--until ${utc(untilMs)} is not after --from ${utc(fromMs)}`;
    printDiagnostics(io, [problem('calendar-order', '', message, 'give a later --until')]);
    return 1;
  }
  const { plan, diagnostics } = loadPlan(hostOf(io), file, { ...options, writeLock: false });
  if (!plan || options.strict) printDiagnostics(io, diagnostics);
  if (!plan) return 1;
  const ids = plan.reservations.map((r) => r.id);
  if (reservation !== undefined && !ids.includes(reservation)) {
    const near = nearest(reservation, ids);
    const known = ids.length === 0 ? 'it has none' : `reservations are: ${ids.slice(0, 12).join(', ')}`;
    const next = near ? `did you mean '${near}'?` : known;
    const message = `no reservation '${reservation}' in the plan`;
    printDiagnostics(io, [problem('unknown-reservation', '', message, next)]);
    return 1;
  }
  const calendar = calendarOf(plan, { fromMs, untilMs, count }, reservation);
  if (options.json) io.stdout.write(`${JSON.stringify(calendar, null, 2)}\n`);
  else io.stdout.write(renderCalendar(calendar, { width: widthOf(io), colour: wantsColour(io, io.stdout) }));
  return options.strict && hasErrors(diagnostics) ? 1 : 0;
}

function utc(ms: number): string {
  return new Date(ms).toISOString().replace(/:\d\d\.000Z$/, 'Z');
}

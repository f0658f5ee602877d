import type { Window } from '../model';
import { compileWindow, dayMs, occurrenceAfter } from './compiled-window';
import type { Interval } from './interval';

/** One opening of a window: in UTC, and by the clocks of its zone as ms since 1970-01-01 local. */
export interface Opening extends Interval {
  readonly localStartMs: number;
  readonly localEndMs: number;
  /** Local time at which the rule lets it open; the clocks may leave that time out. */
  readonly ruledStartMs: number;
  /** How long it is open where no clock changes. */
  readonly usualMs: number;
}

/**
 * The openings of a window that end after an instant, in order; of a recurrence without `until` they never
 * end.
 */
export function* openingsAfter(window: Window, afterMs: number): Generator<Opening, void> {
  const compiled = compileWindow(window);
  const { zone, timeOfDayMs, localLengthMs, elapsedMs } = compiled;
  for (let after = afterMs; ;) {
    const next = occurrenceAfter(compiled, after);
    if (next === undefined) return;
    const { day, startMs, endMs } = next;
    yield {
      startMs,
      endMs,
      localStartMs: startMs + zone.offsetMs(startMs),
      localEndMs: endMs + zone.offsetMs(endMs),
      ruledStartMs: day * dayMs + timeOfDayMs,
      usualMs: localLengthMs ?? elapsedMs,
    };
    after = endMs;
  }
}

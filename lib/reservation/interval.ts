/**
 * A stretch of time: from `startMs`, included, to `endMs`, not included; ms since 1970-01-01 UTC. -Infinity
 * and Infinity: without beginning or end.
 */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** All of time, in the form of a window's intervals. */
export const always: readonly Interval[] = Object.freeze([
  Object.freeze({ startMs: -Infinity, endMs: Infinity }),
]);

/**
 * The same instants as sorted intervals that neither overlap nor touch; empty ones vanish. What overlaps
 * itself (a daily window of 24 h on a day of 23 h) is thereby counted once. O(n log n).
 */
export function joinIntervals(intervals: readonly Interval[]): Interval[] {
  const joined: Interval[] = [];
  const sorted = intervals.filter((i) => i.endMs > i.startMs).sort((a, b) => a.startMs - b.startMs);
  for (const { startMs, endMs } of sorted) {
    const last = joined[joined.length - 1];
    if (last !== undefined && startMs <= last.endMs) {
      if (endMs > last.endMs) joined[joined.length - 1] = { startMs: last.startMs, endMs };
    } else joined.push({ startMs, endMs });
  }
  return joined;
}

/** Do two lists of sorted intervals share an instant? O(n + m). */
export function intervalsMeet(a: readonly Interval[], b: readonly Interval[]): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i].startMs < b[j].endMs && b[j].startMs < a[i].endMs) return true;
    if (a[i].endMs <= b[j].endMs) i++;
    else j++;
  }
  return false;
}

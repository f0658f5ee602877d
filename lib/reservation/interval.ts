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

/** Of sorted intervals those that share an instant with `from` to before `to`. O(log n + how many). */
export function intervalsBetween(
  intervals: readonly Interval[],
  from: number,
  to: number,
): readonly Interval[] {
  const low = firstEndingAfter(intervals, from);
  let end = low;
  while (end < intervals.length && intervals[end].startMs < to) end++;
  return intervals.slice(low, end);
}

/** Is an instant in one of these sorted intervals? O(log n). */
export function isWithin(intervals: readonly Interval[], timeMs: number): boolean {
  const i = firstEndingAfter(intervals, timeMs);
  return i < intervals.length && intervals[i].startMs <= timeMs;
}

function firstEndingAfter(intervals: readonly Interval[], timeMs: number): number {
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (intervals[middle].endMs > timeMs) high = middle;
    else low = middle + 1;
  }
  return low;
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

import type { ReservedWindow } from '../../emit';

/** Ids of the reservations whose window is open at a UTC instant, sorted as given. */
export function openAt(windows: ReadonlyMap<string, readonly ReservedWindow[]>, utcMs: number): string[] {
  return [...windows].filter(([, list]) => list.some((w) => isOpen(w, utcMs))).map(([id]) => id);
}

/** The next instant after `utcMs` at which one opens or closes; null: never. */
export function nextBoundMs(
  windows: ReadonlyMap<string, readonly ReservedWindow[]>,
  utcMs: number,
): number | null {
  let next: number | null = null;
  for (const list of windows.values()) {
    for (const { startMs, endMs } of list) {
      for (const bound of [startMs, endMs]) {
        if (bound !== null && bound > utcMs && (next === null || bound < next)) next = bound;
      }
    }
  }
  return next;
}

/** From the start until before the end. */
function isOpen({ startMs, endMs }: ReservedWindow, utcMs: number): boolean {
  return (startMs === null || startMs <= utcMs) && (endMs === null || utcMs < endMs);
}

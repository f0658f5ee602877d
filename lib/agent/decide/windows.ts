import { isOpenAt, nextBoundAfter, type CompiledWindow } from '../../reservation/compiled-window';

/** Windows by reservation; null: always open. */
type Windows = ReadonlyMap<string, CompiledWindow | null>;

/** Ids of the reservations whose window is open at a UTC instant, sorted as given. */
export function openAt(windows: Windows, utcMs: number): string[] {
  return [...windows].filter(([, window]) => isOpenAt(window, utcMs)).map(([id]) => id);
}

/** The next instant after `utcMs` at which one opens or closes; null: never. */
export function nextBoundMs(windows: Windows, utcMs: number): number | null {
  const bounds = [...windows.values()].flatMap((window) => nextBoundAfter(window, utcMs) ?? []);
  return bounds.length === 0 ? null : Math.min(...bounds);
}

import { readFileSync } from 'node:fs';
import { systemClock, type Clock } from './agent';

/** How often the file is read at most, ms. */
const readMs = 500;

/**
 * The machine's clock with a wall clock that a file moves, by ms: for labs alone, whose gateways share one
 * kernel and so one clock. A file that is not there or not a number moves nothing.
 */
export function labClock(file: string): Clock {
  let readAtMs = -Infinity;
  let stepMs = 0;
  const read = (): number => {
    const now = systemClock.nowMs();
    if (now - readAtMs < readMs) return stepMs;
    readAtMs = now;
    try {
      stepMs = Number(readFileSync(file, 'utf8')) || 0;
    } catch {
      stepMs = 0;
    }
    return stepMs;
  };
  return { ...systemClock, utcMs: () => systemClock.utcMs() + read() };
}

import { monotonicMs } from './clock';

/** Calls back at a time that may be moved. */
export interface Alarm {
  /** From now on at this time, CLOCK_MONOTONIC ms; Infinity: not at all. */
  set(atMs: number): void;
}

/** Timers of Node are whole milliseconds and late by up to one more. */
const timerSlackMs = 1.5;
/** Longest nap between two looks at the sockets while something is due soon. */
const shortNapMs = 0.15;

/**
 * An alarm that is late by 0.2 ms at most on an idle machine: a timer up to shortly before, then naps
 * (Atomics.wait blocks the thread with the kernel's precision) between turns of the event loop. Costs
 * nothing while nothing is due within 1.5 ms.
 *
 * @param napMs longest nap: what arrives meanwhile waits that long. Default 0.15.
 */
export function punctual(ring: () => void, napMs = shortNapMs): Alarm {
  const nap = new Int32Array(new SharedArrayBuffer(4));
  let atMs = Infinity;
  let timer: NodeJS.Timeout | undefined;
  let timerMs = Infinity;
  let turning = false;
  const turn = () => {
    turning = false;
    const leftMs = atMs - monotonicMs();
    if (leftMs > 0.02 && leftMs <= timerSlackMs) Atomics.wait(nap, 0, 0, Math.min(leftMs, napMs));
    else if (leftMs <= 0.02) {
      atMs = Infinity;
      ring();
    }
    arm();
  };
  const wake = () => {
    timer = undefined;
    timerMs = Infinity;
    turn();
  };
  const arm = () => {
    if (atMs === Infinity || turning) return;
    const leftMs = atMs - monotonicMs();
    if (leftMs <= timerSlackMs) {
      turning = true;
      setImmediate(turn);
    } else if (timerMs > atMs) {
      clearTimeout(timer);
      timerMs = atMs;
      timer = setTimeout(wake, Math.floor(leftMs - 1));
    }
  };
  return {
    set(at) {
      atMs = at;
      arm();
    },
  };
}

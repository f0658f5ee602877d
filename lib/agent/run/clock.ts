import { performance } from 'node:perf_hooks';

/** Monotonic and wall time, and timers; a fake one in tests. */
export interface Clock {
  /** Monotonic ms. */
  nowMs(): number;
  /** ms since 1970 in UTC. */
  utcMs(): number;
  /** Calls back once, `afterMs` from now; the result cancels. */
  after(afterMs: number, what: () => void): () => void;
  /** Calls back once what runs now has ended. */
  soon(what: () => void): void;
  /** Calls back once the event loop has read what is there to read. */
  afterPoll(what: () => void): void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  utcMs: () => Date.now(),
  after(afterMs, what) {
    const timer = setTimeout(what, afterMs);
    return () => clearTimeout(timer);
  },
  soon: queueMicrotask,
  afterPoll: (what) => void setImmediate(what),
};

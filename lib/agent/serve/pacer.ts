/** Does small jobs for others, a little at a time. */
export interface Pacer {
  /** Does the job later, in order. It must be short and must not throw. */
  soon(job: () => void): void;
}

export interface PacerOptions {
  /** Longest stretch of jobs in one turn of the event loop, ms; a job that is longer ends it. Default 1. */
  readonly stretchMs?: number;
  /** How many times longer than a stretch the rest after it is. Default 4: a fifth of one core at most. */
  readonly restFactor?: number;
}

/**
 * Whatever serves others (metrics, the API, webhooks) works through one of these, so that no crowd of clients
 * holds up probes: between two stretches the event loop turns, and a rest leaves it the larger part of the
 * time. Who asks alone waits for nothing.
 */
export function pacer({ stretchMs = 1, restFactor = 4 }: PacerOptions = {}): Pacer {
  const jobs: (() => void)[] = [];
  let next = 0;
  let armed = false;
  let restUntilMs = 0;

  function arm(): void {
    if (armed || next === jobs.length) return;
    armed = true;
    const restMs = restUntilMs - performance.now();
    if (restMs <= 0) setImmediate(work);
    else setTimeout(work, Math.ceil(restMs));
  }

  function work(): void {
    armed = false;
    const startMs = performance.now();
    let nowMs = startMs;
    while (next < jobs.length && nowMs - startMs < stretchMs) {
      const job = jobs[next];
      next++;
      job();
      nowMs = performance.now();
    }
    if (next === jobs.length) {
      jobs.length = 0;
      next = 0;
    } else if (next > 1000) {
      jobs.splice(0, next);
      next = 0;
    }
    restUntilMs = nowMs + restFactor * (nowMs - startMs);
    arm();
  }

  return {
    soon(job) {
      jobs.push(job);
      arm();
    },
  };
}

/** Pieces that are made before the clock is looked at. */
const piecesAtOnce = 8;

/**
 * Joins a text whose pieces are made as they are asked for, within the pacer's bounds.
 *
 * @param sliceMs longest time at a stretch, ms.
 */
export function inSlices(pace: Pacer, pieces: Iterable<string>, sliceMs = 0.5): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const source = pieces[Symbol.iterator]();
    const parts: Buffer[] = [];
    const slice = () => {
      const endMs = performance.now() + sliceMs;
      let text = '';
      try {
        do {
          for (let i = 0; i < piecesAtOnce; i++) {
            const { done, value } = source.next();
            if (done === true) {
              parts.push(Buffer.from(text));
              return resolve(Buffer.concat(parts));
            }
            text += value;
          }
        } while (performance.now() < endMs);
      } catch (error) {
        return reject(error instanceof Error ? error : new Error(String(error)));
      }
      // Encoded with the slice: in one go, half a megabyte would take long.
      parts.push(Buffer.from(text));
      pace.soon(slice);
    };
    pace.soon(slice);
  });
}

/** A list as JSON, an element a piece. */
export function* jsonList(list: Iterable<unknown>): Iterable<string> {
  let before = '[';
  for (const element of list) {
    yield before + JSON.stringify(element);
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

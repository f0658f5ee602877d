/** Does small jobs for others, a little at a time. */
export interface Pacer {
  /**
   * Does the job later, in order. It must be short and must not throw. What it returns is waited for, and is
   * to wait for nothing but other promises of the same turn.
   */
  soon(job: () => unknown): void;
}

export interface PacerOptions {
  /** Longest stretch of jobs in one turn of the event loop, ms; a job that is longer ends it. Default 0.5. */
  readonly stretchMs?: number;
  /** How many times longer than a stretch the rest after it is. Default 9: a tenth of one core at most. */
  readonly restFactor?: number;
}

/**
 * Whatever serves others (metrics, the API, webhooks) works through one of these, so that no crowd of clients
 * holds up probes: between two stretches the event loop turns, and a rest leaves it the larger part of the
 * time. Who asks alone waits for nothing.
 */
export function pacer({ stretchMs = 0.5, restFactor = 9 }: PacerOptions = {}): Pacer {
  const jobs: (() => unknown)[] = [];
  let next = 0;
  let armed = false;
  let restUntilMs = 0;

  function arm(): void {
    if (armed || next === jobs.length) return;
    armed = true;
    const restMs = restUntilMs - performance.now();
    if (restMs <= 0) setImmediate(() => void work());
    else setTimeout(() => void work(), Math.ceil(restMs));
  }

  async function work(): Promise<void> {
    const startMs = performance.now();
    let nowMs = startMs;
    while (next < jobs.length && nowMs - startMs < stretchMs) {
      const job = jobs[next];
      next++;
      const done = job();
      if (done instanceof Promise) await done;
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
    armed = false;
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
export function inSlices(
  pace: Pacer,
  pieces: Iterable<string> | AsyncIterable<string>,
  sliceMs = 0.5,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const failed = (error: unknown) => reject(error instanceof Error ? error : new Error(String(error)));
    /** @returns whether that was all. */
    const take = ({ done, value }: IteratorResult<string>, into: string[]) => {
      if (done !== true) into.push(value);
      return done === true;
    };
    // Encoded with the slice: in one go, half a megabyte would take long.
    const end = (texts: readonly string[], all: boolean) => {
      parts.push(Buffer.from(texts.join('')));
      if (all) resolve(Buffer.concat(parts));
      else pace.soon(slice);
    };
    const plainly = (source: Iterator<string>) => () => {
      const [texts, endMs] = [[] as string[], performance.now() + sliceMs];
      let all = false;
      try {
        do for (let i = 0; i < piecesAtOnce && !all; i++) all = take(source.next(), texts);
        while (!all && performance.now() < endMs);
      } catch (error) {
        return failed(error);
      }
      end(texts, all);
    };
    const awaited = (source: AsyncIterator<string>) => async () => {
      const [texts, endMs] = [[] as string[], performance.now() + sliceMs];
      let all: boolean;
      try {
        do all = take(await source.next(), texts);
        while (!all && performance.now() < endMs);
      } catch (error) {
        return failed(error);
      }
      end(texts, all);
    };
    const slice =
      Symbol.asyncIterator in pieces
        ? awaited(pieces[Symbol.asyncIterator]())
        : plainly(pieces[Symbol.iterator]());
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

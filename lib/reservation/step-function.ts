/** Steps of a chunk before it splits in two. */
const mostSteps = 64;

/** A run of steps with its summary. */
interface Chunk {
  readonly times: Float64Array;
  /** Without `lift`. */
  readonly values: Float64Array;
  size: number;
  /** To be added to every value. */
  lift: number;
  /** Greatest value, with the lift. */
  max: number;
}

/**
 * A whole-number function of time that is constant between steps: what is reserved of one link. Zero
 * everywhere at first. Steps lie in sorted chunks; each chunk knows its greatest value and a sum to be added
 * to all of it, so that a query or an addition over n steps costs O(n / 64 + 64) and touches consecutive
 * memory. A step is kept only where the value changes: equal functions have equal steps, whatever was added
 * and taken away before.
 */
export class StepFunction {
  private readonly chunks: Chunk[] = [chunk()];
  /** First time by chunk: the search for a chunk stays in consecutive memory. */
  private readonly begins: number[] = [-Infinity];

  constructor() {
    this.chunks[0].times[0] = -Infinity;
    this.chunks[0].size = 1;
  }

  /** Adds an amount, which may be negative, from `start` (included) to `end` (not included). */
  add(start: number, end: number, amount: number): void {
    if (!(start < end) || amount === 0) return;
    this.cut(start);
    if (end < Infinity) this.cut(end);
    const { chunks, begins } = this;
    let c = this.chunkAt(start);
    let i = stepAt(chunks[c], start);
    for (; c < chunks.length && begins[c] < end; c++, i = 0) {
      const part = chunks[c];
      const { times, values, size } = part;
      if (i === 0 && times[size - 1] < end) {
        part.lift += amount;
        part.max += amount;
        continue;
      }
      for (; i < size && times[i] < end; i++) values[i] += amount;
      measure(part);
    }
    this.join(start);
    if (end < Infinity) this.join(end);
  }

  /**
   * Greatest value from `start` to `end`, but at least `atLeast`, below which whole chunks are passed over:
   * `maxOver(start, end, limit) > limit` is the fast way to ask whether the function passes a limit.
   */
  maxOver(start: number, end: number, atLeast = -Infinity): number {
    const { chunks, begins } = this;
    let most = atLeast;
    let c = this.chunkAt(start);
    for (let first = true; c < chunks.length && (first || begins[c] < end); c++, first = false) {
      const part = chunks[c];
      if (part.max <= most) continue;
      const { times, values, size, lift } = part;
      if (!first && times[size - 1] < end) {
        most = part.max;
        continue;
      }
      let i = first ? stepAt(part, start) : 0;
      if (first && values[i] + lift > most) most = values[i] + lift;
      if (first) i++;
      for (; i < size && times[i] < end; i++) if (values[i] + lift > most) most = values[i] + lift;
    }
    return most;
  }

  /**
   * Calls back with every stretch between `start` and `end` on which the value is above `limit`, in order.
   */
  forEachAbove(
    start: number,
    end: number,
    limit: number,
    visit: (from: number, to: number, value: number) => void,
  ): void {
    const { chunks, begins } = this;
    let c = this.chunkAt(start);
    for (let i = stepAt(chunks[c], start); c < chunks.length && begins[c] < end; c++, i = 0) {
      const { times, values, size, lift, max } = chunks[c];
      if (max <= limit) continue;
      for (; i < size && times[i] < end; i++) {
        const value = values[i] + lift;
        if (value <= limit) continue;
        const next = i + 1 < size ? times[i + 1] : (begins[c + 1] ?? Infinity);
        visit(Math.max(times[i], start), Math.min(next, end), value);
      }
    }
  }

  /**
   * Where the last stretch above `limit` between `start` and `end` ends (it may be after `end`); null if
   * there is none.
   */
  endOfLastAbove(start: number, end: number, limit: number): number | null {
    const { chunks, begins } = this;
    const firstChunk = this.chunkAt(start);
    let next = Infinity;
    let c = chunks.length - 1;
    if (end < Infinity) {
      c = this.chunkAt(end);
      next = begins[c + 1] ?? Infinity;
    }
    for (; c >= firstChunk; c--) {
      const part = chunks[c];
      const { times, values, size, lift, max } = part;
      if (max > limit) {
        const least = c === firstChunk ? stepAt(part, start) : 0;
        for (let i = size - 1; i >= least; i--) {
          if (times[i] < end && values[i] + lift > limit) return next;
          next = times[i];
        }
      }
      next = times[0];
    }
    return null;
  }

  /** Every step as time and value from there on, in order; the first at -Infinity. O(n). */
  steps(): [number, number][] {
    return this.chunks.flatMap(({ times, values, size, lift }) =>
      Array.from({ length: size }, (_, i): [number, number] => [times[i], values[i] + lift]),
    );
  }

  /** The chunk that holds the step in force at a time. */
  private chunkAt(time: number): number {
    const { begins } = this;
    let low = 0;
    let high = begins.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (begins[middle] <= time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Makes a step at this time, of the value in force. */
  private cut(time: number): void {
    let c = this.chunkAt(time);
    let i = stepAt(this.chunks[c], time);
    if (this.chunks[c].times[i] === time) return;
    if (this.chunks[c].size === mostSteps) {
      this.split(c);
      if (this.begins[c + 1] <= time) c++;
      i = stepAt(this.chunks[c], time);
    }
    const { times, values, size } = this.chunks[c];
    // So few that a loop is faster than copyWithin.
    for (let k = size; k > i + 1; k--) {
      times[k] = times[k - 1];
      values[k] = values[k - 1];
    }
    times[i + 1] = time;
    values[i + 1] = values[i];
    this.chunks[c].size++;
  }

  private split(c: number): void {
    const left = this.chunks[c];
    const right = chunk();
    const half = mostSteps / 2;
    right.times.set(left.times.subarray(half));
    right.values.set(left.values.subarray(half));
    right.size = left.size - half;
    right.lift = left.lift;
    left.size = half;
    measure(left);
    measure(right);
    this.chunks.splice(c + 1, 0, right);
    this.begins.splice(c + 1, 0, right.times[0]);
  }

  /** Takes the step at this time away if nothing changes there. */
  private join(time: number): void {
    if (time === -Infinity) return;
    const c = this.chunkAt(time);
    const part = this.chunks[c];
    const { times, values, lift } = part;
    const i = stepAt(part, time);
    const before = i > 0 ? values[i - 1] + lift : this.lastValue(c - 1);
    if (values[i] + lift !== before) return;
    part.size--;
    for (let k = i; k < part.size; k++) {
      times[k] = times[k + 1];
      values[k] = values[k + 1];
    }
    if (part.size === 0) {
      this.chunks.splice(c, 1);
      this.begins.splice(c, 1);
      return;
    }
    this.begins[c] = times[0];
    if (i === 0 && before === part.max) measure(part);
  }

  private lastValue(c: number): number {
    const { values, size, lift } = this.chunks[c];
    return values[size - 1] + lift;
  }
}

function chunk(): Chunk {
  return {
    times: new Float64Array(mostSteps),
    values: new Float64Array(mostSteps),
    size: 0,
    lift: 0,
    max: 0,
  };
}

/** The last step of the chunk that is not after this time; the chunk begins no later. */
function stepAt({ times, size }: Chunk, time: number): number {
  let low = 0;
  let high = size - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

function measure(part: Chunk): void {
  const { values, size, lift } = part;
  let most = values[0];
  for (let i = 1; i < size; i++) if (values[i] > most) most = values[i];
  part.max = most + lift;
}

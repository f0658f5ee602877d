/** Steps of a chunk before it splits in two. */
const mostSteps = 64;

/**
 * A run of steps with its summary, in one array so that it is one place in memory: the number of steps; by
 * component what is to be added to every value; by component the greatest value, with that; the times; the
 * values, step by step.
 */
type Chunk = Float64Array;

const firstPart: readonly number[] = [0];

/**
 * Whole-number functions of time that are constant between common steps: what is reserved of one link, in
 * each pool of its bandwidth. Zero everywhere at first. Steps lie in sorted chunks; each chunk knows its
 * greatest values and sums to be added to all of it, so that a query or an addition over n steps costs
 * O(width (n / 64 + 64)) and touches consecutive memory. A step is kept only where some component changes:
 * equal functions have equal steps, whatever was added and taken away before.
 */
export class StepFunction {
  private readonly chunks: Chunk[];
  /** First time by chunk: the search for a chunk stays in consecutive memory. */
  private readonly begins: number[] = [-Infinity];
  /** Where the greatest values, the times and the values begin in a chunk. */
  private readonly maxAt: number;
  private readonly timesAt: number;
  private readonly valuesAt: number;

  /** @param width how many components there are; 1 or more. */
  constructor(readonly width = 1) {
    this.maxAt = 1 + width;
    this.timesAt = 1 + 2 * width;
    this.valuesAt = this.timesAt + mostSteps;
    const only = this.newChunk();
    only[0] = 1;
    only[this.timesAt] = -Infinity;
    this.chunks = [only];
  }

  /**
   * Adds an amount, which may be negative, to these components from `start` (included) to `end` (not
   * included).
   */
  add(start: number, end: number, amount: number, parts = firstPart): void {
    if (!(start < end) || amount === 0) return;
    this.cut(start);
    if (end < Infinity) this.cut(end);
    const { chunks, begins, width, maxAt, timesAt, valuesAt } = this;
    const firstChunk = this.chunkAt(start);
    const firstStep = this.stepAt(firstChunk, start);
    let [c, i] = [firstChunk, firstStep];
    for (; c < chunks.length && begins[c] < end; c++, i = 0) {
      const chunk = chunks[c];
      const size = chunk[0];
      if (i === 0 && chunk[timesAt + size - 1] < end) {
        for (let k = 0; k < parts.length; k++) {
          chunk[1 + parts[k]] += amount;
          chunk[maxAt + parts[k]] += amount;
        }
        continue;
      }
      for (; i < size && chunk[timesAt + i] < end; i++)
        for (let k = 0; k < parts.length; k++) chunk[valuesAt + i * width + parts[k]] += amount;
      for (let k = 0; k < parts.length; k++) this.measure(chunk, parts[k]);
      if (i < size) break;
    }
    // The later one first: what is taken away there moves no earlier step.
    if (end < Infinity) this.join(c, i);
    if (start > -Infinity) this.join(firstChunk, firstStep);
  }

  /**
   * Is some of these components anywhere from `start` to `end` above its limit, `limits[from + component] -
   * less`? Whole chunks that are not are passed over.
   */
  exceeds(
    start: number,
    end: number,
    limits: Float64Array,
    from: number,
    less: number,
    parts = firstPart,
  ): boolean {
    const { chunks, begins, width, maxAt, timesAt, valuesAt } = this;
    let c = this.chunkAt(start);
    for (let first = true; c < chunks.length && (first || begins[c] < end); c++, first = false) {
      const chunk = chunks[c];
      let may = false;
      for (let k = 0; k < parts.length; k++)
        if (chunk[maxAt + parts[k]] > limits[from + parts[k]] - less) may = true;
      if (!may) continue;
      const size = chunk[0];
      if (!first && chunk[timesAt + size - 1] < end) return true;
      for (let i = first ? this.stepAt(c, start) : 0; i < size && chunk[timesAt + i] < end; i++) {
        for (let k = 0; k < parts.length; k++) {
          const p = parts[k];
          if (chunk[valuesAt + i * width + p] + chunk[1 + p] > limits[from + p] - less) return true;
        }
      }
    }
    return false;
  }

  /** Greatest value of a component from `start` to `end`, but at least `atLeast`. */
  maxOver(start: number, end: number, atLeast = -Infinity, part = 0): number {
    const { chunks, begins, width, maxAt, timesAt, valuesAt } = this;
    let most = atLeast;
    let c = this.chunkAt(start);
    for (let first = true; c < chunks.length && (first || begins[c] < end); c++, first = false) {
      const chunk = chunks[c];
      if (chunk[maxAt + part] <= most) continue;
      const size = chunk[0];
      if (!first && chunk[timesAt + size - 1] < end) {
        most = chunk[maxAt + part];
        continue;
      }
      const lift = chunk[1 + part];
      for (let i = first ? this.stepAt(c, start) : 0; i < size && chunk[timesAt + i] < end; i++) {
        const value = chunk[valuesAt + i * width + part] + lift;
        if (value > most) most = value;
      }
    }
    return most;
  }

  /**
   * Calls back with every stretch between `start` and `end` on which a component has one value above `limit`,
   * in order.
   */
  forEachAbove(
    start: number,
    end: number,
    limit: number,
    visit: (from: number, to: number, value: number) => void,
    part = 0,
  ): void {
    const { chunks, begins, width, maxAt, timesAt, valuesAt } = this;
    let c = this.chunkAt(start);
    // The stretch that is still growing: steps of other components do not end it.
    let [from, to, last] = [start, start, -Infinity];
    for (let i = this.stepAt(c, start); c < chunks.length && begins[c] < end; c++, i = 0) {
      const chunk = chunks[c];
      const size = chunk[0];
      if (chunk[maxAt + part] <= limit) continue;
      for (; i < size && chunk[timesAt + i] < end; i++) {
        const value = chunk[valuesAt + i * width + part] + chunk[1 + part];
        if (value <= limit) continue;
        const begin = Math.max(chunk[timesAt + i], start);
        const next = i + 1 < size ? chunk[timesAt + i + 1] : (begins[c + 1] ?? Infinity);
        if (value !== last || begin !== to) {
          if (last > limit) visit(from, to, last);
          from = begin;
          last = value;
        }
        to = Math.min(next, end);
      }
    }
    if (last > limit) visit(from, to, last);
  }

  /**
   * Where the last stretch of a component above `limit` between `start` and `end` ends (it may be after
   * `end`); null if there is none.
   */
  endOfLastAbove(start: number, end: number, limit: number, part = 0): number | null {
    const { chunks, width, maxAt, timesAt, valuesAt } = this;
    const firstChunk = this.chunkAt(start);
    for (let c = end < Infinity ? this.chunkAt(end) : chunks.length - 1; c >= firstChunk; c--) {
      const chunk = chunks[c];
      if (chunk[maxAt + part] <= limit) continue;
      const least = c === firstChunk ? this.stepAt(c, start) : 0;
      for (let i = chunk[0] - 1; i >= least; i--) {
        const value = chunk[valuesAt + i * width + part] + chunk[1 + part];
        if (chunk[timesAt + i] < end && value > limit) return this.endOf(c, i, part, value);
      }
    }
    return null;
  }

  /** Every step of a component as time and value from there on, in order; the first at -Infinity. O(n). */
  steps(part = 0): [number, number][] {
    const { timesAt } = this;
    const found: [number, number][] = [];
    this.chunks.forEach((chunk, c) => {
      for (let i = 0; i < chunk[0]; i++) {
        const value = this.valueAt(c, i, part);
        if (found.length === 0 || found[found.length - 1][1] !== value)
          found.push([chunk[timesAt + i], value]);
      }
    });
    return found;
  }

  /** Where a component first has another value than at a step. */
  private endOf(c: number, i: number, part: number, value: number): number {
    const { chunks, timesAt } = this;
    for (let at = i + 1; c < chunks.length; c++, at = 0) {
      for (; at < chunks[c][0]; at++) if (this.valueAt(c, at, part) !== value) return chunks[c][timesAt + at];
    }
    return Infinity;
  }

  private valueAt(c: number, i: number, part: number): number {
    const chunk = this.chunks[c];
    return chunk[this.valuesAt + i * this.width + part] + chunk[1 + part];
  }

  private newChunk(): Chunk {
    return new Float64Array(1 + 2 * this.width + mostSteps * (1 + this.width));
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

  /** The last step of the chunk that is not after this time; the chunk begins no later. */
  private stepAt(c: number, time: number): number {
    const chunk = this.chunks[c];
    const { timesAt } = this;
    let low = 0;
    let high = chunk[0] - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (chunk[timesAt + middle] <= time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Makes a step at this time, of the values in force. */
  private cut(time: number): void {
    let c = this.chunkAt(time);
    let i = this.stepAt(c, time);
    const { width, timesAt, valuesAt } = this;
    if (this.chunks[c][timesAt + i] === time) return;
    if (this.chunks[c][0] === mostSteps) {
      this.split(c);
      if (this.begins[c + 1] <= time) c++;
      i = this.stepAt(c, time);
    }
    const chunk = this.chunks[c];
    const size = chunk[0]++;
    chunk.copyWithin(timesAt + i + 2, timesAt + i + 1, timesAt + size);
    chunk[timesAt + i + 1] = time;
    // The values in force are repeated: what is moved begins with them.
    chunk.copyWithin(valuesAt + (i + 1) * width, valuesAt + i * width, valuesAt + size * width);
  }

  private split(c: number): void {
    const { width, timesAt, valuesAt } = this;
    const left = this.chunks[c];
    const right = this.newChunk();
    const half = mostSteps / 2;
    right.set(left.subarray(0, timesAt));
    right.set(left.subarray(timesAt + half, valuesAt), timesAt);
    right.set(left.subarray(valuesAt + half * width), valuesAt);
    right[0] = left[0] - half;
    left[0] = half;
    for (let p = 0; p < width; p++) {
      this.measure(left, p);
      this.measure(right, p);
    }
    this.chunks.splice(c + 1, 0, right);
    this.begins.splice(c + 1, 0, right[timesAt]);
  }

  /** Takes a step away if nothing changes there. */
  private join(c: number, i: number): void {
    const { width, maxAt, timesAt, valuesAt } = this;
    const [before, at] = i > 0 ? [c, i - 1] : [c - 1, this.chunks[c - 1][0] - 1];
    for (let p = 0; p < width; p++) if (this.valueAt(c, i, p) !== this.valueAt(before, at, p)) return;
    const chunk = this.chunks[c];
    const size = --chunk[0];
    if (size === 0) {
      this.chunks.splice(c, 1);
      this.begins.splice(c, 1);
      return;
    }
    chunk.copyWithin(timesAt + i, timesAt + i + 1, timesAt + size + 1);
    chunk.copyWithin(valuesAt + i * width, valuesAt + (i + 1) * width, valuesAt + (size + 1) * width);
    this.begins[c] = chunk[timesAt];
    if (i > 0) return;
    for (let p = 0; p < width; p++)
      if (this.valueAt(before, at, p) === chunk[maxAt + p]) this.measure(chunk, p);
  }

  private measure(chunk: Chunk, part: number): void {
    const { width, valuesAt } = this;
    const end = valuesAt + chunk[0] * width;
    let most = chunk[valuesAt + part];
    for (let k = valuesAt + width + part; k < end; k += width) if (chunk[k] > most) most = chunk[k];
    chunk[this.maxAt + part] = most + chunk[1 + part];
  }
}

// Long because one class reads and writes the memory of its chunks, and nothing else may.
/** Steps of a chunk before it splits in two. */
const mostSteps = 64;

/**
 * Where a run of steps with its summary begins in the function's memory. It is one stretch: the number of
 * steps; by component what is to be added to every value; by component the greatest value, with that; the
 * times; the values of the first component, step by step, then those of the next.
 */
type Chunk = number;

const firstPart: readonly number[] = [0];

/**
 * Whole-number functions of time that are constant between common steps: what is reserved of one link, in
 * each pool of its bandwidth. Zero everywhere at first. Steps lie in sorted chunks; each chunk knows its
 * greatest values and sums to be added to all of it, so that a query or an addition over n steps costs
 * O(width (n / 64 + 64)) and touches consecutive memory. A step is kept only where some component changes:
 * equal functions have equal steps, whatever was added and taken away before.
 */
export class StepFunction {
  /** All chunks, in no order. One array: a chunk of its own each would be two more places to read. */
  private data: Float64Array;
  /** By time. */
  private readonly chunks: Chunk[];
  /** Chunks that hold nothing any more. */
  private readonly spare: Chunk[] = [];
  /** Where the next new chunk begins. */
  private end = 0;
  private readonly chunkLength: number;
  /** First time by chunk: the search for a chunk stays in consecutive memory. */
  private readonly begins: number[] = [-Infinity];
  /** Where the greatest values, the times and the values begin in a chunk. */
  private readonly maxAt: number;
  private readonly timesAt: number;
  private readonly valuesAt: number;
  /** Where the last `cut` was made. */
  private cutChunk = 0;
  private cutStep = 0;

  /** @param width how many components there are; 1 or more. */
  constructor(readonly width = 1) {
    this.maxAt = 1 + width;
    this.timesAt = 1 + 2 * width;
    this.valuesAt = this.timesAt + mostSteps;
    this.chunkLength = this.valuesAt + width * mostSteps;
    this.data = new Float64Array(this.chunkLength);
    const only = this.newChunk();
    this.data[only] = 1;
    this.data[only + this.timesAt] = -Infinity;
    this.chunks = [only];
  }

  /**
   * Adds an amount, which may be negative, to these components from `start` (included) to `end` (not
   * included).
   */
  add(start: number, end: number, amount: number, parts = firstPart): void {
    if (!(start < end) || amount === 0) return;
    if (end < Infinity) this.cut(end);
    this.cut(start);
    const { cutChunk: firstChunk, cutStep: firstStep, data, chunks, begins, maxAt, timesAt } = this;
    let [c, i] = [firstChunk, firstStep];
    for (; c < chunks.length && begins[c] < end; c++, i = 0) {
      const chunk = chunks[c];
      const size = data[chunk];
      if (i === 0 && data[chunk + timesAt + size - 1] < end) {
        for (let k = 0; k < parts.length; k++) {
          data[chunk + 1 + parts[k]] += amount;
          data[chunk + maxAt + parts[k]] += amount;
        }
        continue;
      }
      const stop = this.stepBefore(chunk, i, end);
      for (let k = 0; k < parts.length; k++) this.lift(chunk, parts[k], i, stop, amount);
      i = stop;
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
    const { data, chunks, begins, maxAt, timesAt, valuesAt } = this;
    let c = this.chunkAt(start);
    for (let first = true; c < chunks.length && (first || begins[c] < end); c++, first = false) {
      const chunk = chunks[c];
      let may = false;
      for (let k = 0; k < parts.length; k++)
        if (data[chunk + maxAt + parts[k]] > limits[from + parts[k]] - less) may = true;
      if (!may) continue;
      if (!first && data[chunk + timesAt + data[chunk] - 1] < end) return true;
      const begin = first ? this.stepAt(c, start) : 0;
      const stop = this.stepBefore(chunk, begin, end);
      for (let k = 0; k < parts.length; k++) {
        const p = parts[k];
        const most = limits[from + p] - less - data[chunk + 1 + p];
        if (data[chunk + maxAt + p] - data[chunk + 1 + p] <= most) continue;
        const values = chunk + valuesAt + p * mostSteps;
        for (let at = values + begin; at < values + stop; at++) if (data[at] > most) return true;
      }
    }
    return false;
  }

  /** Greatest value of a component from `start` to `end`, but at least `atLeast`. */
  maxOver(start: number, end: number, atLeast = -Infinity, part = 0): number {
    const { data, chunks, begins, maxAt, timesAt, valuesAt } = this;
    let most = atLeast;
    let c = this.chunkAt(start);
    for (let first = true; c < chunks.length && (first || begins[c] < end); c++, first = false) {
      const chunk = chunks[c];
      if (data[chunk + maxAt + part] <= most) continue;
      const size = data[chunk];
      if (!first && data[chunk + timesAt + size - 1] < end) {
        most = data[chunk + maxAt + part];
        continue;
      }
      const lift = data[chunk + 1 + part];
      for (let i = first ? this.stepAt(c, start) : 0; i < size && data[chunk + timesAt + i] < end; i++) {
        const value = data[chunk + valuesAt + part * mostSteps + i] + lift;
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
    const { data, chunks, begins, maxAt, timesAt, valuesAt } = this;
    let c = this.chunkAt(start);
    // The stretch that is still growing: steps of other components do not end it.
    let [from, to, last] = [start, start, -Infinity];
    for (let i = this.stepAt(c, start); c < chunks.length && begins[c] < end; c++, i = 0) {
      const chunk = chunks[c];
      const size = data[chunk];
      if (data[chunk + maxAt + part] <= limit) continue;
      for (; i < size && data[chunk + timesAt + i] < end; i++) {
        const value = data[chunk + valuesAt + part * mostSteps + i] + data[chunk + 1 + part];
        if (value <= limit) continue;
        const begin = Math.max(data[chunk + timesAt + i], start);
        const next = i + 1 < size ? data[chunk + timesAt + i + 1] : (begins[c + 1] ?? Infinity);
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
    const { data, chunks, maxAt, timesAt, valuesAt } = this;
    const firstChunk = this.chunkAt(start);
    for (let c = end < Infinity ? this.chunkAt(end) : chunks.length - 1; c >= firstChunk; c--) {
      const chunk = chunks[c];
      if (data[chunk + maxAt + part] <= limit) continue;
      const least = c === firstChunk ? this.stepAt(c, start) : 0;
      for (let i = data[chunk] - 1; i >= least; i--) {
        const value = data[chunk + valuesAt + part * mostSteps + i] + data[chunk + 1 + part];
        if (data[chunk + timesAt + i] < end && value > limit) return this.endOf(c, i, part, value);
      }
    }
    return null;
  }

  /** Every step of a component as time and value from there on, in order; the first at -Infinity. O(n). */
  steps(part = 0): [number, number][] {
    const { data, timesAt } = this;
    const found: [number, number][] = [];
    this.chunks.forEach((chunk, c) => {
      for (let i = 0; i < data[chunk]; i++) {
        const value = this.valueAt(c, i, part);
        if (found.length === 0 || found[found.length - 1][1] !== value)
          found.push([data[chunk + timesAt + i], value]);
      }
    });
    return found;
  }

  /** Where a component first has another value than at a step. */
  private endOf(c: number, i: number, part: number, value: number): number {
    const { data, chunks, timesAt } = this;
    for (let at = i + 1; c < chunks.length; c++, at = 0) {
      const chunk = chunks[c];
      for (; at < data[chunk]; at++)
        if (this.valueAt(c, at, part) !== value) return data[chunk + timesAt + at];
    }
    return Infinity;
  }

  private valueAt(c: number, i: number, part: number): number {
    const { data } = this;
    const chunk = this.chunks[c];
    return data[chunk + this.valuesAt + part * mostSteps + i] + data[chunk + 1 + part];
  }

  /** Room for a chunk, with anything in it. What was read of `data` before is stale. */
  private newChunk(): Chunk {
    const spare = this.spare.pop();
    if (spare !== undefined) return spare;
    const chunk = this.end;
    this.end += this.chunkLength;
    if (this.end > this.data.length) {
      const larger = new Float64Array(2 * this.data.length);
      larger.set(this.data);
      this.data = larger;
    }
    return chunk;
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
    const { data } = this;
    const chunk = this.chunks[c];
    const times = chunk + this.timesAt;
    let low = 0;
    let high = data[chunk] - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (data[times + middle] <= time) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The first step of a chunk, from number `i` on, that is not before this time; its size if none is. */
  private stepBefore(chunk: Chunk, i: number, time: number): number {
    const { data } = this;
    const times = chunk + this.timesAt;
    const size = data[chunk];
    while (i < size && data[times + i] < time) i++;
    return i;
  }

  /** Adds to the steps from number `i` up to `stop`, not included, of one component. */
  private lift(chunk: Chunk, part: number, i: number, stop: number, amount: number): void {
    const { data } = this;
    const values = chunk + this.valuesAt + part * mostSteps;
    let most = -Infinity;
    for (let at = values + i, end = values + stop; at < end; at++) {
      const value = (data[at] += amount);
      if (value > most) most = value;
    }
    most += data[chunk + 1 + part];
    // What only grew cannot have taken the greatest value away.
    if (amount < 0) this.measure(chunk, part);
    else if (most > data[chunk + this.maxAt + part]) data[chunk + this.maxAt + part] = most;
  }

  /** Makes a step at this time, of the values in force, unless there is one; says where it is. */
  private cut(time: number): void {
    let c = this.chunkAt(time);
    let i = this.stepAt(c, time);
    const { width, timesAt, valuesAt } = this;
    if (this.data[this.chunks[c] + timesAt + i] !== time) {
      if (this.data[this.chunks[c]] === mostSteps) {
        this.split(c);
        if (this.begins[c + 1] <= time) c++;
        i = this.stepAt(c, time);
      }
      const { data } = this;
      const chunk = this.chunks[c];
      const size = data[chunk]++;
      i++;
      // Loops: for so few the call of copyWithin costs more than the copy.
      const times = chunk + timesAt;
      for (let at = times + size; at > times + i; at--) data[at] = data[at - 1];
      data[times + i] = time;
      // The values in force are repeated: what is moved begins with them.
      for (let p = 0, values = chunk + valuesAt; p < width; p++, values += mostSteps)
        for (let at = values + size; at >= values + i; at--) data[at] = data[at - 1];
    }
    this.cutChunk = c;
    this.cutStep = i;
  }

  private split(c: number): void {
    const { width, timesAt, chunkLength } = this;
    const left = this.chunks[c];
    const right = this.newChunk();
    const { data } = this;
    const half = mostSteps / 2;
    for (let at = 0; at < timesAt; at++) data[right + at] = data[left + at];
    // The times, then the values of each component.
    for (let from = timesAt; from < chunkLength; from += mostSteps)
      for (let at = from; at < from + half; at++) data[right + at] = data[left + at + half];
    data[right] = data[left] - half;
    data[left] = half;
    for (let p = 0; p < width; p++) {
      this.measure(left, p);
      this.measure(right, p);
    }
    this.chunks.splice(c + 1, 0, right);
    this.begins.splice(c + 1, 0, data[right + timesAt]);
  }

  /** Takes a step away if nothing changes there. */
  private join(c: number, i: number): void {
    const { data, width, maxAt, timesAt, chunkLength } = this;
    const [before, at] = i > 0 ? [c, i - 1] : [c - 1, data[this.chunks[c - 1]] - 1];
    for (let p = 0; p < width; p++) if (this.valueAt(c, i, p) !== this.valueAt(before, at, p)) return;
    const chunk = this.chunks[c];
    const size = --data[chunk];
    if (size === 0) {
      this.spare.push(chunk);
      this.chunks.splice(c, 1);
      this.begins.splice(c, 1);
      return;
    }
    for (let from = chunk + timesAt; from < chunk + chunkLength; from += mostSteps)
      for (let k = from + i; k < from + size; k++) data[k] = data[k + 1];
    this.begins[c] = data[chunk + timesAt];
    if (i > 0) return;
    for (let p = 0; p < width; p++)
      if (this.valueAt(before, at, p) === data[chunk + maxAt + p]) this.measure(chunk, p);
  }

  private measure(chunk: Chunk, part: number): void {
    const { data } = this;
    const values = chunk + this.valuesAt + part * mostSteps;
    let most = data[values];
    for (let at = values + 1, end = values + data[chunk]; at < end; at++)
      if (data[at] > most) most = data[at];
    data[chunk + this.maxAt + part] = most + data[chunk + 1 + part];
  }
}

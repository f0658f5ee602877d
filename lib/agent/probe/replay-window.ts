const words = 8;
const bits = words * 32;

/**
 * Which sequence numbers of a session were seen: the highest and those up to 224 below it, in a ring of
 * bitmaps (RFC 6479). Numbers are unsigned 32-bit and wrap (RFC 1982).
 */
export class ReplayWindow {
  #highest = 0;
  #empty = true;
  readonly #seen = new Uint32Array(words);

  /** May this number be taken: new, and not too old? Changes nothing. */
  admits(sequence: number): boolean {
    if (this.#empty) return true;
    const ahead = (sequence - this.#highest) | 0;
    if (ahead > 0) return true;
    if (ahead <= -(bits - 32)) return false;
    return (this.#seen[(sequence >>> 5) & (words - 1)] & (1 << (sequence & 31))) === 0;
  }

  /** Marks a number that `admits` allowed. */
  take(sequence: number): void {
    if (this.#empty || ((sequence - this.#highest) | 0) > 0) {
      const from = this.#empty ? sequence - bits : this.#highest;
      const passed = Math.min(((sequence >>> 5) - (from >>> 5)) & 0x7ffffff, words);
      for (let i = 0; i < passed; i++) this.#seen[((sequence >>> 5) - i) & (words - 1)] = 0;
      this.#highest = sequence;
      this.#empty = false;
    }
    this.#seen[(sequence >>> 5) & (words - 1)] |= 1 << (sequence & 31);
  }
}

/** The slow twin of the replay window: every number ever taken, and the width of the window. */
export class PlainReplayWindow {
  readonly #taken = new Set<number>();
  #highest = -1;

  /** @param sequence not wrapped: a count from 0. */
  admits(sequence: number): boolean {
    return this.#taken.size === 0 || (sequence > this.#highest - 224 && !this.#taken.has(sequence));
  }

  take(sequence: number): void {
    this.#taken.add(sequence);
    this.#highest = Math.max(this.#highest, sequence);
  }
}

const words = 4;

/** Probes that the loss ratio looks back on. */
export const lossWindowProbes = words * 32;

/** Which of the probes judged last were lost: a ring of 128 bits, and how many are set. */
export class LossWindow {
  readonly #bits = new Uint32Array(words);
  #next = 0;
  #filled = 0;
  #lost = 0;

  /** Lost among those looked back on. */
  get lost(): number {
    return this.#lost;
  }

  /** 0 to 1; 0 before the first. */
  get ratio(): number {
    return this.#filled === 0 ? 0 : this.#lost / this.#filled;
  }

  /** Forgets all, and takes so many of a whole window for lost, evenly over it. */
  assume(lost: number): void {
    for (let i = 0; i < lossWindowProbes; i++) {
      const before = Math.floor((i * lost) / lossWindowProbes);
      this.push(Math.floor(((i + 1) * lost) / lossWindowProbes) > before);
    }
  }

  push(lost: boolean): void {
    const word = this.#next >>> 5;
    const bit = 1 << (this.#next & 31);
    if (this.#filled === lossWindowProbes) {
      if ((this.#bits[word] & bit) !== 0) this.#lost--;
    } else this.#filled++;
    if (lost) {
      this.#bits[word] |= bit;
      this.#lost++;
    } else this.#bits[word] &= ~bit;
    this.#next = (this.#next + 1) % lossWindowProbes;
  }
}

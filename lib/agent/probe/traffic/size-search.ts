/** Rungs that are tried at a time. */
const rungsAtOnce = 6;
/** What is known closer than this is known, bytes. */
const closeEnough = 8;
/** Every host can send so much over IPv6 (RFC 8200 section 5). */
const ipv6Least = 1280;

/**
 * The largest packet that a path carries, searched between one that arrives and one that does not: several
 * sizes at a time, for each round takes a round trip (RFC 8899 section 5.3.2 leaves the search open).
 */
export class SizeSearch {
  #low: number;
  #high: number;

  constructor(arrives: number, vanishes: number) {
    this.#low = arrives;
    this.#high = vanishes;
  }

  /** Largest size known to arrive, bytes. */
  get carries(): number {
    return this.#low;
  }

  get done(): boolean {
    return this.#high - this.#low <= closeEnough;
  }

  /** Sizes to try next, ascending; the first arrived before. */
  rungs(): number[] {
    if (this.done) return [this.#low];
    const step = (this.#high - this.#low) / (rungsAtOnce + 1);
    const sizes = Array.from({ length: rungsAtOnce }, (_, i) => Math.round(this.#low + step * (i + 1)));
    if (this.#low < ipv6Least && ipv6Least < this.#high) sizes.push(ipv6Least);
    return [...new Set([this.#low, ...sizes])].sort((a, b) => a - b);
  }

  /** Takes in which of the rungs arrived. */
  take(tried: readonly number[], arrived: ReadonlySet<number>): void {
    const best = Math.max(...tried.filter((size) => arrived.has(size)), -Infinity);
    // Not even what arrived before: this round says nothing.
    if (best === -Infinity) return;
    this.#low = Math.max(this.#low, best);
    const above = tried.filter((size) => size > this.#low);
    if (above.length > 0) this.#high = Math.min(this.#high, Math.min(...above));
  }
}

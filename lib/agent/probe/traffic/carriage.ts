/** What probes of one size, family and path need to be believed. All times in ms. */
export interface CarriageSettings {
  /** Rounds in a row in which the reference was answered and this was not. */
  readonly missesToLose: number;
  /** Without a miss for so long, it carries again; twice as long with each loss of the last minutes. */
  readonly restoreMs: number;
  readonly mostRestoreMs: number;
}

/** For so long a loss counts for the wait after the next. */
const memoryMs = 120_000;

/**
 * Whether something is carried, by comparison: of two packets sent together one is known to arrive if the
 * way is alive, and the other is in question. What both miss says nothing of their difference.
 */
export class Carriage {
  #misses = 0;
  #lost = false;
  #missedMs = -Infinity;
  #losses: number[] = [];

  constructor(readonly settings: CarriageSettings) {}

  get lost(): boolean {
    return this.#lost;
  }

  /** A miss is not yet explained. */
  get inDoubt(): boolean {
    return !this.#lost && this.#misses > 0;
  }

  arrived(nowMs: number): void {
    this.#misses = 0;
    if (!this.#lost || nowMs - this.#missedMs < this.#waitMs(nowMs)) return;
    this.#lost = false;
  }

  missed(nowMs: number): void {
    this.#misses++;
    this.#missedMs = nowMs;
    if (this.#lost || this.#misses < this.settings.missesToLose) return;
    this.#lost = true;
    this.#losses = [...this.#losses.filter((lostMs) => nowMs - lostMs < memoryMs), nowMs];
  }

  #waitMs(nowMs: number): number {
    const recent = this.#losses.filter((lostMs) => nowMs - lostMs < memoryMs).length;
    const { restoreMs, mostRestoreMs } = this.settings;
    return Math.min(mostRestoreMs, restoreMs * 2 ** Math.max(0, recent - 1));
  }
}

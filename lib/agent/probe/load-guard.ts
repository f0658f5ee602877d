/** How often it decides, ms, and from how many wake-ups at least. */
const periodMs = 1000;
const leastWakeUps = 10;
/** A wake-up later than this share of the shortest interval is late: the slack of deadlines. */
const lateShare = 1 / 4;
/** Of a period's wake-ups, more late ones slow probing down; fewer let it quicken again. */
const tooManyLate = 0.2;
const fewLate = 0.05;
/** Calm periods in a row before probing quickens. */
const calmPeriods = 10;
const slower = 1.25;
const quicker = 0.9;
/** Intervals grow to at most so many times what is asked for. */
export const mostStretch = 10;

/**
 * Slows probing down where the machine cannot keep up. Probes that are sent and read late look like silence,
 * silence makes backups be probed fast, and that is more load still: without a way out, a machine that was
 * overloaded once stays so (RFC 5880 section 7 asks for as much). All agents of an overloaded machine slow
 * down until each is on time; what they find then takes longer to find, but is true.
 */
export class LoadGuard {
  #stretch = 1;
  #sinceMs: number;
  #wakeUps = 0;
  #late = 0;
  #calm = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** Factor on intervals, 1 to 10, in hundredths: as it is told to others. */
  get stretch(): number {
    return this.#stretch;
  }

  /**
   * Counts a wake-up.
   *
   * @param lateMs how much later it came than asked for.
   * @param shortestMs the shortest interval asked for, unstretched.
   * @returns whether the factor has changed.
   */
  wokeUp(nowMs: number, lateMs: number, shortestMs: number): boolean {
    this.#wakeUps++;
    if (lateMs > shortestMs * this.#stretch * lateShare) this.#late++;
    if (nowMs - this.#sinceMs < periodMs || this.#wakeUps < leastWakeUps) return false;
    const late = this.#late / this.#wakeUps;
    this.#sinceMs = nowMs;
    this.#wakeUps = 0;
    this.#late = 0;
    this.#calm = late < fewLate ? this.#calm + 1 : 0;
    const before = this.#stretch;
    if (late > tooManyLate) this.#stretch = Math.min(mostStretch, hundredths(before * slower));
    else if (this.#calm >= calmPeriods) {
      this.#stretch = Math.max(1, hundredths(before * quicker));
      this.#calm = 0;
    }
    return this.#stretch !== before;
  }
}

function hundredths(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}

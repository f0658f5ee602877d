import { lossWindowProbes } from './loss-window';
import type { Health } from './session';
import type { HealthSettings } from './settings';

/** Of the last 32 round trips, so many too long degrade, and so few restore. */
const slowToDegrade = 24;
const slowToRestore = 8;

/** What is said when health changes; null: it did not. */
export type Verdict = { readonly health: Health; readonly cause: string } | null;

/** Down, or not known to be anything else. */
export function isAway(health: Health | undefined): boolean {
  return health === undefined || health === 'down';
}

/** Calls one session up, degraded or down, by what its probes show. Undefined before anything is known. */
export class HealthJudge {
  #health: Health | undefined;
  #lossy = false;
  #slow = false;
  /** A bit for each of the last 32 round trips: too long. */
  #slowBits = 0;
  #plannedRttMs = 0;
  #degradeMs = 0;
  #restoreMs = 0;

  constructor(
    plannedRttMs: number,
    readonly settings: HealthSettings,
  ) {
    this.replan(plannedRttMs);
  }

  /** Measures against another round trip from now on. */
  replan(plannedRttMs: number): void {
    const above = plannedRttMs * (this.settings.latencyFactor - 1) + this.settings.latencyOffsetMs;
    this.#plannedRttMs = plannedRttMs;
    this.#degradeMs = plannedRttMs + above;
    this.#restoreMs = plannedRttMs + above / 2;
  }

  get health(): Health | undefined {
    return this.#health;
  }

  /**
   * @param rttMs NaN: not measured.
   * @param row answers in a row, an interval apart.
   * @param lost of the probes judged last.
   */
  answered(rttMs: number, row: number, lost: number): Verdict {
    if (!Number.isNaN(rttMs)) {
      const tooLong = rttMs > (this.#slow ? this.#restoreMs : this.#degradeMs);
      this.#slowBits = (this.#slowBits << 1) | (tooLong ? 1 : 0);
      const slow = ones(this.#slowBits);
      this.#slow = this.#slow ? slow > slowToRestore : slow >= slowToDegrade;
    }
    const threshold = this.settings.lossThreshold * lossWindowProbes;
    this.#lossy = lost > (this.#lossy ? threshold / 2 : threshold);
    if (isAway(this.#health)) {
      const { answersToRestore } = this.settings;
      if (row < answersToRestore) return null;
      // What comes back slow is not up for the time that 32 answers take.
      const recent = ones(this.#slowBits << (32 - answersToRestore));
      if (recent === answersToRestore) {
        this.#slow = true;
        this.#slowBits = -1;
      }
    }
    const next = this.#lossy || this.#slow ? 'degraded' : 'up';
    if (next === this.#health) return null;
    const before = this.#health;
    this.#health = next;
    if (this.#lossy) {
      return { health: next, cause: `${lost} of the last ${lossWindowProbes} probes lost` };
    }
    if (this.#slow) {
      const found = `round trip ${rttMs.toFixed(1)} ms, ${this.#plannedRttMs.toFixed(1)} ms planned`;
      return { health: next, cause: found };
    }
    const cause = before === 'degraded' ? 'loss and round trips in bounds again' : `${row} answers in a row`;
    return { health: next, cause };
  }

  silent(silentMs: number): Verdict {
    return this.#down(`no answer for ${Math.round(silentMs)} ms`);
  }

  /** The other end, whose probes come here, has no answers from us. */
  unheard(): Verdict {
    return this.#down('the other end has no answer');
  }

  /** Something else than probes shows that nothing gets through, such as its interface. */
  condemned(cause: string): Verdict {
    return this.#health === undefined ? null : this.#down(cause);
  }

  #down(cause: string): Verdict {
    if (this.#health === 'down') return null;
    this.#health = 'down';
    return { health: 'down', cause };
  }
}

function ones(bits: number): number {
  let n = bits - ((bits >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

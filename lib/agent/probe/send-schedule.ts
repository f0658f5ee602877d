import { isServed, serves } from './follow';
import { probeIntervals, sendSlots, slotMs, slotsPerInterval } from './intervals';
import type { ProbedSession } from './probed-session';
import type { ProbeSettings } from './settings';
import { isLongSilent, silentIntervalMs } from './silence';

/** Early by less than this is on time: timers count whole ms. */
export const earlyMs = 1;

/** When each session is probed next: every interval in its own slot, so that one wake-up sends for many. */
export class SendSchedule {
  readonly #startMs: number;
  #slotMs = slotMs([]);

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** The shortest interval asked for, unstretched, ms. */
  get shortestMs(): number {
    return this.#slotMs * slotsPerInterval;
  }

  /**
   * Gives every session its interval and its place in the grid of slots.
   *
   * @param stretch factor on all intervals, see `LoadGuard`
   */
  repace(probed: readonly ProbedSession[], stretch: number, settings: ProbeSettings, nowMs: number): void {
    const wanted = probed.map(({ session, pace, farStretch }) => {
      // A gateway that cannot keep up is asked no faster than it asks others.
      return { ...session, pace, stretch: Math.max(stretch, farStretch) };
    });
    const intervals = probeIntervals(wanted, settings);
    const before = this.#slotMs;
    this.#slotMs = slotMs(wanted);
    const every = intervals.map((ms) => Math.round(ms / this.#slotMs));
    const phases = sendSlots(every, settings);
    probed.forEach((p, i) => {
      const told = p.targetMs;
      p.targetMs = intervals[i];
      p.phase = phases[i];
      if (p.following && !serves(p, p.report)) p.unfollow();
      const same = p.intervalMs === p.targetMs;
      const isNew = p.targetMs !== told;
      // Whoever follows us has to hear of a longer interval before it may take it for silence.
      if (p.session.mirror && !p.following && p.targetMs > p.intervalMs) {
        if (isNew || p.lingering === 0) p.lingering = p.session.timing.multiplier;
      } else if (!same || this.#slotMs !== before) this.place(p, nowMs);
      else p.lingering = 0;
    });
  }

  /** Puts the interval in force that a session is to have, in its slot. */
  place(p: ProbedSession, nowMs: number): void {
    p.lingering = 0;
    p.intervalMs = p.targetMs;
    const every = Math.round(p.intervalMs / this.#slotMs);
    const passed = Math.ceil((nowMs - this.#startMs) / this.#slotMs);
    const wait = (((p.phase - passed) % every) + every) % every;
    p.nextSendMs = this.#startMs + this.#slotMs * (passed + wait);
  }

  /**
   * Moves a session on to its next turn. Slots that passed while this process was not running are not made
   * up for.
   */
  advance(p: ProbedSession, nowMs: number): void {
    const needed = !isServed(p, nowMs, 1);
    const step = p.following && needed ? Math.min(p.intervalMs, p.everyMs) : p.intervalMs;
    const missed = Math.max(0, Math.ceil((nowMs + earlyMs - p.nextSendMs) / step) - 1);
    const apart = isLongSilent(p, nowMs) ? Math.max(1, Math.floor(silentIntervalMs / step)) : 1;
    p.nextSendMs += step * (missed + apart);
    if (p.lingering > 0 && --p.lingering === 0) this.place(p, nowMs);
  }
}

/** No notice holds longer, ms. */
export const mostHoldMs = 10_000;
/** A gateway that restarts more often in a minute is waited for no more: a loop of restarts is an outage. */
const mostHolds = 3;
const minuteMs = 60_000;

interface Hold {
  readonly fromMs: number;
  readonly untilMs: number;
  /** When the notice was sent, by the clock of its sender, ms since 1970. */
  readonly noticeUnixMs: number;
}

/** What is told of a hold: it began, the gateway is back, or it is not and counts as silent from now on. */
export type HoldNews = 'begins' | 'back' | 'expires';

/**
 * Gateways whose agents have said that they restart. Their kernels forward meanwhile, so that the silence of
 * their reflectors says nothing.
 */
export class RestartHolds {
  readonly #holds = new Map<string, Hold>();
  readonly #begun = new Map<string, number[]>();

  get any(): boolean {
    return this.#holds.size > 0;
  }

  /** Until when a gateway's silence says nothing, ms; -Infinity: it does. */
  untilMs(gateway: string): number {
    return this.#holds.get(gateway)?.untilMs ?? -Infinity;
  }

  /** How long it has been held, ms. */
  heldMs(gateway: string, nowMs: number): number {
    const hold = this.#holds.get(gateway);
    return hold ? nowMs - hold.fromMs : 0;
  }

  /**
   * Takes note of an authentic report of a gateway.
   *
   * @param restartMs what it asks for; 0: it runs.
   * @param sentUnixMs when it was sent. Reports of one gateway come over paths of unlike length: one that was
   *   sent before the notice does not end the hold.
   */
  hear(gateway: string, restartMs: number, sentUnixMs: number, nowMs: number): HoldNews | null {
    const hold = this.#holds.get(gateway);
    if (restartMs === 0) {
      if (!hold || sentUnixMs <= hold.noticeUnixMs) return null;
      this.#holds.delete(gateway);
      return 'back';
    }
    if (hold) {
      // The notice again: it holds no longer for that.
      this.#holds.set(gateway, { ...hold, noticeUnixMs: Math.max(hold.noticeUnixMs, sentUnixMs) });
      return null;
    }
    const lately = (this.#begun.get(gateway) ?? []).filter((atMs) => nowMs - atMs < minuteMs);
    if (lately.length >= mostHolds) return null;
    this.#begun.set(gateway, [...lately, nowMs]);
    const untilMs = nowMs + Math.min(restartMs, mostHoldMs);
    this.#holds.set(gateway, { fromMs: nowMs, untilMs, noticeUnixMs: sentUnixMs });
    return 'begins';
  }

  /** Ends what has lasted its time. @returns the gateways that are not back. */
  expire(nowMs: number): string[] {
    const over = [...this.#holds].filter(([, { untilMs }]) => untilMs <= nowMs).map(([gateway]) => gateway);
    for (const gateway of over) this.#holds.delete(gateway);
    return over;
  }
}

/** No notice holds longer, ms. */
const mostHoldMs = 10_000;
/** So long is a gateway waited for in a minute, all in all, ms: a loop of restarts is an outage. */
const mostHeldMs = 20_000;
const minuteMs = 60_000;
/** Less patience than that is none, ms. */
const leastHoldMs = 500;

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
  /** Ended ones, by gateway. */
  readonly #over = new Map<string, { readonly atMs: number; readonly heldMs: number }[]>();

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
      this.#end(gateway, hold, nowMs);
      return 'back';
    }
    if (hold) {
      // The notice again: it holds no longer for that.
      this.#holds.set(gateway, { ...hold, noticeUnixMs: Math.max(hold.noticeUnixMs, sentUnixMs) });
      return null;
    }
    const lately = (this.#over.get(gateway) ?? []).filter(({ atMs }) => nowMs - atMs < minuteMs);
    this.#over.set(gateway, lately);
    const leftMs = mostHeldMs - lately.reduce((sum, { heldMs }) => sum + heldMs, 0);
    if (leftMs < leastHoldMs) return null;
    const untilMs = nowMs + Math.min(restartMs, mostHoldMs, leftMs);
    this.#holds.set(gateway, { fromMs: nowMs, untilMs, noticeUnixMs: sentUnixMs });
    return 'begins';
  }

  /** Ends what has lasted its time. @returns gateways that are not back, and how long they were held, ms. */
  expire(nowMs: number): [gateway: string, heldMs: number][] {
    const over = [...this.#holds].filter(([, { untilMs }]) => untilMs <= nowMs);
    for (const [gateway, hold] of over) this.#end(gateway, hold, nowMs);
    return over.map(([gateway, { fromMs }]) => [gateway, nowMs - fromMs]);
  }

  #end(gateway: string, { fromMs }: Hold, nowMs: number): void {
    this.#holds.delete(gateway);
    this.#over.get(gateway)?.push({ atMs: nowMs, heldMs: nowMs - fromMs });
  }
}

import type { ProbeListener } from './probe-listener';
import type { ProbedSession } from './probed-session';
import { RestartHolds } from './restart-holds';
import type { SessionBook } from './session-book';

/**
 * An agent that has just begun is busy: it may be silent for so long, and for so long neither its round trips
 * nor what it misses say anything of the path, ms.
 */
const backGraceMs = 1_000;
const excusedMs = 3_000;

/** What restarts of other agents excuse: their silence says nothing of the paths to them. */
export class RestartWatch {
  readonly #book: SessionBook;
  readonly #listener: ProbeListener;
  readonly #holds = new RestartHolds();

  constructor(book: SessionBook, listener: ProbeListener) {
    this.#book = book;
    this.#listener = listener;
  }

  /** Until when the silence of a session is excused, ms; -Infinity: it is not, or its path is dead. */
  untilMs(p: ProbedSession): number {
    return p.released ? -Infinity : this.#holds.untilMs(p.session.peer);
  }

  /** A gateway says that it restarts for `restartMs`, or (0) that it runs. */
  hear(gateway: string, restartMs: number, sentUnixMs: number, nowMs: number): void {
    const heldMs = this.#holds.heldMs(gateway, nowMs);
    const news = this.#holds.hear(gateway, restartMs, sentUnixMs, nowMs);
    if (news === null) return;
    for (const p of this.#book.all) {
      if (p.session.peer !== gateway) continue;
      p.released = false;
      // What was not answered meanwhile says nothing of the loss on the path.
      p.record.markOutage();
      if (news !== 'back') continue;
      p.heardMs = Math.max(p.heardMs, nowMs + p.rttMs + backGraceMs);
      p.excusedUntilMs = nowMs + p.rttMs + excusedMs;
    }
    this.#listener.onRestart?.(gateway, news, heldMs);
  }

  /** Ends what has lasted its time. */
  expire(nowMs: number): void {
    for (const [gateway, heldMs] of this.#holds.expire(nowMs))
      this.#listener.onRestart?.(gateway, 'expires', heldMs);
  }

  /**
   * A session over a tunnel went down. What goes on behind a gateway that restarts answers for itself: if all
   * of it that leaves by the tunnel is down, the tunnel is, and what is held is held no longer.
   */
  releaseOver(tunnel: string, nowMs: number): void {
    if (!this.#holds.any) return;
    const over = this.#book.all.filter((p) => p.session.tunnel === tunnel);
    if (over.some((p) => this.untilMs(p) <= nowMs && p.judge.health !== 'down')) return;
    for (const p of over) p.released = true;
  }
}

import type { HoldNews } from './restart-holds';
import type { Health } from './session';

/** Who is told. Called from timers and sockets: must not throw. */
export interface ProbeListener {
  /** A change, in order. `cause` is a clause for people, such as `no answer for 61 ms`. */
  onHealth(session: string, health: Health, cause: string): void;
  /** An interval and a half have passed without an answer. Called once until the next answer. */
  onSuspect?(session: string): void;
  /**
   * The first answer to a probe sent since the session was polled or its pace last left `standby`, or the
   * first after a suspicion.
   */
  onAnswer?(session: string): void;
  /** A peer's agent restarts and is waited for, is back, or is not back in time. @param heldMs so far. */
  onRestart?(gateway: string, news: HoldNews, heldMs: number): void;
}

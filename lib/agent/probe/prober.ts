import type { Health, Pace, ProbePeer, ProbeSession } from './session';
import type { SessionStatistics } from './statistics';

/** Sends the probes of all sessions, answers those of others, and says how sessions fare. */
export interface Prober {
  /**
   * Replaces what is probed and who is answered. A session whose destination and peer stay keeps its records,
   * its health and its sequence.
   */
  setSessions(sessions: readonly ProbeSession[], peers: readonly ProbePeer[]): void;
  /** @throws RangeError if there is no such session. */
  setPace(session: string, pace: Pace): void;
  /** Undefined: no such session, or nothing known yet. */
  health(session: string): Health | undefined;
  /** Undefined: no such session. The arrays inside are live, not copies. */
  statistics(session: string): SessionStatistics | undefined;
  readonly sessions: readonly ProbeSession[];
  /** Closes both sockets; nothing is called back after it. */
  close(): Promise<void>;
}

/** Who is told. Called from timers and sockets: must not throw. */
export interface ProbeListener {
  /** A change, in order. `cause` is a clause for people, such as `no answer for 61 ms`. */
  onHealth(session: string, health: Health, cause: string): void;
  /** The first interval has passed without an answer. Called once until the next answer. */
  onSuspect?(session: string): void;
}

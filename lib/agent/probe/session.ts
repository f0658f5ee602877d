import type { ProbeTiming } from './settings';

/**
 * Whether a session's path carries traffic: the active ones are probed fast. `raised`: as fast for a moment,
 * where that takes nothing from the active ones.
 */
export type Pace = 'active' | 'raised' | 'standby';

/** What probes say about a session. */
export type Health = 'up' | 'degraded' | 'down';

/** One stream of probes and answers between this gateway and another. */
export interface ProbeSession {
  /** `tunnel:<tunnel id>` or `path:<path id>`. */
  readonly id: string;
  readonly kind: 'tunnel' | 'path';
  /** Gateway that answers. */
  readonly peer: string;
  /** Address that only this tunnel or path leads to; the route to it decides the source. */
  readonly destination: string;
  /** How the other end's own probes of the same way are told; null: it sends none. */
  readonly mirror: Mirror | null;
  /** Tunnel that the probes leave by, its rate towards the peer, and bytes of one probe inside it. */
  readonly tunnel: string;
  readonly bandwidthMbps: number;
  readonly probeBytes: number;
  /** Round trip of the plan, ms. */
  readonly plannedRttMs: number;
  /** When active, before any stretching. */
  readonly timing: ProbeTiming;
  /** Pace until told otherwise: tunnels active, paths standby. */
  readonly pace: Pace;
}

/** The session of the far gateway over the same way, turned round. Of the two the quicker probes for both. */
export interface Mirror {
  /** Address that its probes come from. */
  readonly source: string;
  /** Where both are as quick, this end probes for both. */
  readonly leads: boolean;
}

/** A gateway that probes this one or is probed by it. */
export interface ProbePeer {
  readonly gateway: string;
  /** Addresses that its probes come from. */
  readonly sources: readonly string[];
  /**
   * Keys of the sessions that it answers, and of those that it sends; null: unauthenticated mode (RFC 8762
   * section 4.2.1), for foreign senders and reflectors only.
   */
  readonly answering: SessionKeys | null;
  readonly sending: SessionKeys | null;
  /** Keys that are taken beside those while either end's keys rotate. Absent: none. */
  readonly others?: readonly { readonly answering: SessionKeys; readonly sending: SessionKeys }[];
}

/** HMAC keys, 16 to 64 bytes. Equal for a foreign peer, which knows one a session (RFC 8762 section 4.4). */
export interface SessionKeys {
  readonly probe: Uint8Array;
  readonly answer: Uint8Array;
}

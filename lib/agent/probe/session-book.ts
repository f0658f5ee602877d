import { packetHmac } from './packet-hmac';
import { ProbedSession, type SessionSigning } from './probed-session';
import type { ProbePeer, ProbeSession } from './session';
import type { HealthSettings } from './settings';
import { authenticatedLayout } from './stamp-packet';

const mostSsid = 0xffff;

/** All sessions that are probed, by what they are asked for. */
export class SessionBook {
  all: readonly ProbedSession[] = [];
  #byId = new Map<string, ProbedSession>();
  #bySsid = new Map<number, ProbedSession>();
  #byMirror = new Map<string, ProbedSession>();
  #lastSsid: number;

  /** @param firstSsid identifiers follow on it: another after each start (RFC 8972 section 3) */
  constructor(firstSsid: number) {
    this.#lastSsid = firstSsid;
  }

  find(id: string): ProbedSession | undefined {
    return this.#byId.get(id);
  }

  /** @throws RangeError if there is no such session */
  get(id: string): ProbedSession {
    const p = this.#byId.get(id);
    if (!p) throw new RangeError(`no session '${id}'`);
    return p;
  }

  findBySsid(ssid: number): ProbedSession | undefined {
    return this.#bySsid.get(ssid);
  }

  /** The session over the same path as that whose probes come from an address; undefined: none follows. */
  findByMirror(source: string): ProbedSession | undefined {
    return this.#byMirror.get(source);
  }

  /**
   * Replaces all sessions. Those whose destination and peer stay keep what they have recorded.
   *
   * @throws RangeError if a session's peer is not among the peers; then nothing has changed
   */
  replace(
    sessions: readonly ProbeSession[],
    peers: readonly ProbePeer[],
    health: HealthSettings,
    nowMs: number,
  ): void {
    const signings = new Map(peers.map((peer) => [peer.gateway, signingOf(peer)]));
    const lost = sessions.find((session) => !signings.has(session.peer));
    if (lost) throw new RangeError(`no peer '${lost.peer}' for session '${lost.id}'`);
    const wanted = new Map(sessions.map((session) => [session.id, session]));
    const stays = ({ session }: ProbedSession) => {
      const next = wanted.get(session.id);
      return next?.destination === session.destination && next.peer === session.peer;
    };
    const kept = new Map([...this.#byId].filter(([, p]) => stays(p)));
    this.#bySsid = new Map([...kept.values()].map((p) => [p.ssid, p]));
    this.#byId = new Map();
    for (const session of sessions) {
      const p = kept.get(session.id) ?? new ProbedSession(session, this.#freeSsid(), health, nowMs);
      p.replan(session, signings.get(session.peer)!);
      this.#byId.set(session.id, p);
      this.#bySsid.set(p.ssid, p);
    }
    this.all = [...this.#byId.values()];
    this.#byMirror = new Map(this.all.filter((p) => p.reports).map((p) => [p.session.mirror!.source, p]));
  }

  /** One that was not used lately: reflectors remember the sequence of the session that had it. */
  #freeSsid(): number {
    do this.#lastSsid = (this.#lastSsid % mostSsid) + 1;
    while (this.#bySsid.has(this.#lastSsid));
    return this.#lastSsid;
  }
}

function signingOf({ answering, others = [] }: ProbePeer): SessionSigning | null {
  if (answering === null) return null;
  const at = authenticatedLayout.hmac;
  return {
    sign: packetHmac(answering.probe, at),
    verify: [answering, ...others.map((other) => other.answering)].map(({ answer }) =>
      packetHmac(answer, at),
    ),
  };
}

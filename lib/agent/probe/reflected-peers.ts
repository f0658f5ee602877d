import { packetHmac, type PacketHmac } from './packet-hmac';
import { ReplayWindow } from './replay-window';
import type { ProbePeer } from './session';
import { authenticatedLayout } from './stamp-packet';

/** Sessions remembered for each source address: a sender has one, a restarted sender another. */
const sessionsPerSource = 8;
/** Answers in a row before the rate limit holds, as a time at that rate, ms. */
const burstMs = 500;

/** A sender's session. */
export interface Reflected {
  /** Where its probes come from. */
  readonly source: Source;
  readonly window: ReplayWindow;
  /** Newest timestamp of its probes, ms since 1970. */
  newestUnixMs: number;
  /** Answers so far: the reflector's own sequence number (RFC 8762 section 4.3, stateful mode). */
  answers: number;
  usedMs: number;
}

/** Answers are signed under what their probes were signed under. */
interface AnswerKeys {
  readonly verify: PacketHmac;
  readonly sign: PacketHmac;
}

export interface ReflectedPeer {
  readonly gateway: string;
  /** Under which its probes may be signed, the likeliest first; empty: unauthenticated mode. */
  keys: readonly AnswerKeys[];
  /** Newest timestamp that an authentic packet of the peer carried, ms since 1970, and when one came last. */
  newestUnixMs: number;
  heardMs: number;
  /** Token bucket: answers that may be sent at once, and when that was reckoned. */
  tokens: number;
  reckonedMs: number;
  /** By SSID, from whatever address: it is authenticated, address and port are not. */
  readonly sessions: Map<number, Reflected>;
  mostSessions: number;
}

export interface Source {
  readonly peer: ReflectedPeer;
  /** Of unauthenticated mode, by SSID and UDP port: foreign senders may know no SSID. */
  readonly open: Map<number, Reflected>;
  /** Timestamp of the probe whose report was told last, and when it came. */
  reportUnixMs: number;
  reportMs: number;
}

function freshSource(peer: ReflectedPeer): Source {
  return { peer, open: new Map(), reportUnixMs: -Infinity, reportMs: -Infinity };
}

/** Who is answered, and what is remembered of their sessions. */
export class ReflectedPeers {
  readonly #answersPerSecond: number;
  readonly #burst: number;
  #sources = new Map<string, Source>();

  /** @param answersPerSecond most answers to one peer, on average */
  constructor(answersPerSecond: number) {
    this.#answersPerSecond = answersPerSecond;
    this.#burst = Math.max(1, (answersPerSecond * burstMs) / 1000);
  }

  /** Replaces who is answered; a peer and its sessions are kept where gateway and address stay. */
  replace(peers: readonly ProbePeer[], nowMs: number): void {
    const before = new Map([...this.#sources.values()].map(({ peer }) => [peer.gateway, peer]));
    const next = new Map<string, Source>();
    for (const { gateway, sources: addresses, sending, others = [] } of peers) {
      const peer: ReflectedPeer = before.get(gateway) ?? {
        gateway,
        keys: [],
        newestUnixMs: -Infinity,
        heardMs: nowMs,
        tokens: this.#burst,
        reckonedMs: nowMs,
        sessions: new Map(),
        mostSessions: 0,
      };
      peer.mostSessions = sessionsPerSource * addresses.length;
      const all = sending ? [sending, ...others.map((other) => other.sending)] : [];
      peer.keys = all.map(({ probe, answer }) => ({
        verify: packetHmac(probe, authenticatedLayout.hmac),
        sign: packetHmac(answer, authenticatedLayout.hmac),
      }));
      for (const address of addresses) {
        const old = this.#sources.get(address);
        next.set(address, old?.peer === peer ? old : freshSource(peer));
      }
    }
    this.#sources = next;
  }

  find(address: string): Source | undefined {
    return this.#sources.get(address);
  }

  /** Takes a token where there is one. */
  take(peer: ReflectedPeer, nowMs: number): boolean {
    const gained = ((nowMs - peer.reckonedMs) * this.#answersPerSecond) / 1000;
    const tokens = Math.min(this.#burst, peer.tokens + gained);
    if (tokens < 1) return false;
    peer.tokens = tokens - 1;
    peer.reckonedMs = nowMs;
    return true;
  }

  /** A new session, in place of the one longest unused where there are too many. */
  begin(sessions: Map<number, Reflected>, key: number, source: Source): Reflected {
    const most = sessions === source.open ? sessionsPerSource : source.peer.mostSessions;
    if (sessions.size >= most && !sessions.has(key)) {
      const [oldest] = [...sessions].reduce((least, entry) =>
        entry[1].usedMs < least[1].usedMs ? entry : least,
      );
      sessions.delete(oldest);
    }
    const session = { source, window: new ReplayWindow(), newestUnixMs: -Infinity, answers: 0, usedMs: 0 };
    sessions.set(key, session);
    return session;
  }

  /** Sessions remembered: at most 8 for each source address, on average over those of a peer. */
  get sessions(): number {
    const sources = [...this.#sources.values()];
    const peers = new Set(sources.map((source) => source.peer));
    const open = sources.reduce((sum, source) => sum + source.open.size, 0);
    return [...peers].reduce((sum, peer) => sum + peer.sessions.size, open);
  }
}

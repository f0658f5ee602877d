import { errorEstimate, setNtpTime, unixMsOf, type NtpTime } from './ntp-time';
import { packetHmac, type PacketHmac } from './packet-hmac';
import type { ProbeClock, Receive } from './port';
import type { Refusals } from './refusals';
import { ReplayWindow } from './replay-window';
import type { ProbePeer } from './session';
import {
  copyExtension,
  emptyReport,
  isBound,
  packetLengths,
  readReport,
  signExtension,
  verifiesExtension,
  type SessionReport,
} from './session-report';
import { authenticatedLayout, openLayout, writeAnswer } from './stamp-packet';

/** Sessions remembered for each source address: a sender has one, a restarted sender another. */
const sessionsPerSource = 8;
/** A session may begin with a timestamp so much older than the newest of its peer, ms. */
const oldestBeginningMs = 10_000;
/** A peer silent for so long may have set its clock: its newest timestamp is forgotten, ms. */
const forgetMs = 30_000;
/** Answers in a row before the rate limit holds, as a time at that rate. */
const burstMs = 500;
/** Buffers in turn: the kernel may take a packet later than we write the next. */
const answerBuffers = 64;

/** A sender's session. */
interface Reflected {
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

interface Peer {
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

interface Source {
  readonly peer: Peer;
  /** Of unauthenticated mode, by SSID and UDP port: foreign senders may know no SSID. */
  readonly open: Map<number, Reflected>;
  /** Timestamp of the probe whose report was told last, and when it came. */
  reportUnixMs: number;
  reportMs: number;
}

function freshSource(peer: Peer): Source {
  return { peer, open: new Map(), reportUnixMs: -Infinity, reportMs: -Infinity };
}

export interface Reflector {
  /** Replaces who is answered; a peer and its sessions are kept where gateway and address stay. */
  setPeers(peers: readonly ProbePeer[]): void;
  readonly receive: Receive;
  /** Answers sent. */
  readonly answered: number;
  /** Sessions remembered: at most 8 for each source address, on average over those of a peer. */
  readonly sessions: number;
}

export interface ReflectorOptions {
  readonly clock: ProbeClock;
  readonly transmit: (packet: Uint8Array, address: string, port: number) => void;
  readonly refusals: Refusals;
  /**
   * Told of each report that is newer than all before it from the same address, of which gateway it is, and
   * when it was sent by that one's clock, ms since 1970. Written over by the next.
   */
  readonly onReport: (address: string, report: SessionReport, gateway: string, sentUnixMs: number) => void;
  /** How much this gateway's probing is slowed down, told with answers. */
  readonly stretch: () => number;
  /** Most answers a second to one peer, on average. */
  readonly answersPerSecond: number;
  readonly clockErrorSeconds: number | null;
}

/**
 * Answers STAMP probes of known peers, packet for packet and octet for octet, so that it never amplifies. A
 * packet that is not well formed, comes from elsewhere, was seen before, is not signed with the peer's key
 * or exceeds its rate changes nothing.
 *
 * Against replay of packets from sessions that it has forgotten, a session may only begin with a timestamp
 * at most 10 s older than the newest its peer has shown; 30 s of silence lift that, for a clock may have
 * been set back.
 */
export function startReflector(options: ReflectorOptions): Reflector {
  const { clock, transmit, refusals, answersPerSecond, onReport, stretch } = options;
  const error = errorEstimate(options.clockErrorSeconds);
  const burst = Math.max(1, (answersPerSecond * burstMs) / 1000);
  const received: NtpTime = { seconds: 0, fraction: 0 };
  const sent: NtpTime = { seconds: 0, fraction: 0 };
  const buffers = new Map(
    packetLengths.map((bytes) => [bytes, Array.from({ length: answerBuffers }, () => Buffer.alloc(bytes))]),
  );
  const report = emptyReport();
  let turn = 0;
  let sources = new Map<string, Source>();
  let answered = 0;

  function setPeers(peers: readonly ProbePeer[]): void {
    const now = clock.now();
    const before = new Map([...sources.values()].map(({ peer }) => [peer.gateway, peer]));
    const next = new Map<string, Source>();
    for (const { gateway, sources: addresses, sending, others = [] } of peers) {
      const peer: Peer = before.get(gateway) ?? {
        gateway,
        keys: [],
        newestUnixMs: -Infinity,
        heardMs: now,
        tokens: burst,
        reckonedMs: now,
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
        const old = sources.get(address);
        next.set(address, old?.peer === peer ? old : freshSource(peer));
      }
    }
    sources = next;
  }

  function receive(packet: Buffer, address: string, port: number): void {
    const now = clock.now();
    if (!packetLengths.includes(packet.length)) return void refusals.malformed++;
    const layout = packet.length === openLayout.bytes ? openLayout : authenticatedLayout;
    const extended = packet.length > authenticatedLayout.bytes;
    const source = sources.get(address);
    if (!source) return void refusals.foreign++;
    const { peer } = source;
    const open = peer.keys.length === 0;
    if (open !== (layout === openLayout)) return void refusals.malformed++;
    const ssid = packet.readUInt16BE(layout.ssid);
    const sessions = open ? source.open : peer.sessions;
    const key = open ? ssid * 0x10000 + port : ssid;
    const sequence = packet.readUInt32BE(layout.sequence);
    const sentUnixMs = unixMsOf(
      packet.readUInt32BE(layout.timestamp),
      packet.readUInt32BE(layout.timestamp + 4),
    );
    const known = sessions.get(key);
    const admitted = !known || (known.source === source && known.window.admits(sequence));
    // An old number, or another address, with a new time: the sender began anew and drew the same SSID.
    if (known && !admitted && sentUnixMs <= known.newestUnixMs) return void refusals.replayed++;
    const keys = peer.keys.find(({ verify }) => verify.verifies(packet, layout.hmac));
    if (!open && !keys) return void refusals.forged++;
    if (extended && !(isBound(packet, layout) && verifiesExtension(packet, layout, keys!.verify))) {
      return void refusals.forged++;
    }
    if (now - peer.heardMs > forgetMs) peer.newestUnixMs = -Infinity;
    if (!known && sentUnixMs < peer.newestUnixMs - oldestBeginningMs) return void refusals.replayed++;
    if (!take(peer, now)) return void refusals.limited++;
    peer.heardMs = now;
    if (sentUnixMs > peer.newestUnixMs) peer.newestUnixMs = sentUnixMs;
    const session = known && admitted ? known : begin(sessions, key, source);
    session.usedMs = now;
    if (sentUnixMs > session.newestUnixMs) session.newestUnixMs = sentUnixMs;
    session.window.take(sequence);

    const answer = buffers.get(packet.length)![turn];
    turn = (turn + 1) % answerBuffers;
    const receivedUnixMs = clock.unixMs(now);
    setNtpTime(received, receivedUnixMs);
    setNtpTime(sent, receivedUnixMs + (clock.now() - now));
    writeAnswer(layout, answer, packet, session.answers, received, sent, error);
    keys?.sign.sign(answer, layout.hmac);
    if (extended) {
      copyExtension(packet, answer, layout, stretch());
      signExtension(answer, layout, keys!.sign);
    }
    session.answers = (session.answers + 1) >>> 0;
    answered++;
    transmit(answer, address, port);
    if (!extended) return;
    // One that was overtaken is old news, and one that was held back for long must not pass for new.
    if (sentUnixMs <= source.reportUnixMs && now - source.reportMs <= forgetMs) return;
    source.reportUnixMs = sentUnixMs;
    source.reportMs = now;
    readReport(packet, layout, report);
    onReport(address, report, peer.gateway, sentUnixMs);
  }

  /** Takes a token where there is one. */
  function take(peer: Peer, now: number): boolean {
    const tokens = Math.min(burst, peer.tokens + ((now - peer.reckonedMs) * answersPerSecond) / 1000);
    if (tokens < 1) return false;
    peer.tokens = tokens - 1;
    peer.reckonedMs = now;
    return true;
  }

  /** A new session, in place of the one longest unused where there are too many. */
  function begin(sessions: Map<number, Reflected>, key: number, source: Source): Reflected {
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

  return {
    setPeers,
    receive,
    get answered() {
      return answered;
    },
    get sessions() {
      const peers = new Set([...sources.values()].map((source) => source.peer));
      const open = [...sources.values()].reduce((sum, source) => sum + source.open.size, 0);
      return [...peers].reduce((sum, peer) => sum + peer.sessions.size, open);
    },
  };
}

import { errorEstimate, setNtpTime, unixMsOf, type NtpTime } from './ntp-time';
import type { PacketHmac } from './packet-hmac';
import type { ProbeClock } from './port';
import { ReflectedPeers, type Reflected, type Source } from './reflected-peers';
import type { Refusals } from './refusals';
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
import {
  authenticatedLayout,
  openLayout,
  writeAnswer,
  type AnswerStamp,
  type PacketLayout,
} from './stamp-packet';

/** A session may begin with a timestamp so much older than the newest of its peer, ms. */
const oldestBeginningMs = 10_000;
/** A peer silent for so long may have set its clock: its newest timestamp is forgotten, ms. */
const forgetMs = 30_000;
/** Buffers in turn: the kernel may take a packet later than we write the next. */
const answerBuffers = 64;

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
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #peers: ReflectedPeers;
  readonly #stamp: AnswerStamp;
  readonly #buffers = new Map(
    packetLengths.map((bytes) => [bytes, Array.from({ length: answerBuffers }, () => Buffer.alloc(bytes))]),
  );
  readonly #report = emptyReport();
  #turn = 0;
  #answered = 0;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#peers = new ReflectedPeers(options.answersPerSecond);
    const time = (): NtpTime => ({ seconds: 0, fraction: 0 });
    const error = errorEstimate(options.clockErrorSeconds);
    this.#stamp = { sequence: 0, received: time(), sent: time(), error };
  }

  /** Answers sent. */
  get answered(): number {
    return this.#answered;
  }

  /** Sessions remembered; bounded. */
  get sessions(): number {
    return this.#peers.sessions;
  }

  /** Replaces who is answered; a peer and its sessions are kept where gateway and address stay. */
  setPeers(peers: readonly ProbePeer[]): void {
    this.#peers.replace(peers, this.#options.clock.now());
  }

  /** Takes a probe that came from an address and port. */
  receive(packet: Buffer, address: string, port: number): void {
    const { clock, refusals } = this.#options;
    const now = clock.now();
    if (!packetLengths.includes(packet.length)) return void refusals.malformed++;
    const layout = packet.length === openLayout.bytes ? openLayout : authenticatedLayout;
    const extended = packet.length > authenticatedLayout.bytes;
    const source = this.#peers.find(address);
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
    if (!this.#peers.take(peer, now)) return void refusals.limited++;
    peer.heardMs = now;
    if (sentUnixMs > peer.newestUnixMs) peer.newestUnixMs = sentUnixMs;
    const session = known && admitted ? known : this.#peers.begin(sessions, key, source);
    session.usedMs = now;
    if (sentUnixMs > session.newestUnixMs) session.newestUnixMs = sentUnixMs;
    session.window.take(sequence);
    this.#options.transmit(this.#answerTo(packet, layout, session, keys?.sign, now), address, port);
    if (extended) this.#tellReport(packet, layout, source, address, sentUnixMs, now);
  }

  #answerTo(
    packet: Buffer,
    layout: PacketLayout,
    session: Reflected,
    sign: PacketHmac | undefined,
    now: number,
  ): Buffer {
    const { clock, stretch } = this.#options;
    const answer = this.#buffers.get(packet.length)![this.#turn];
    this.#turn = (this.#turn + 1) % answerBuffers;
    const receivedUnixMs = clock.unixMs(now);
    const stamp = this.#stamp;
    stamp.sequence = session.answers;
    setNtpTime(stamp.received, receivedUnixMs);
    setNtpTime(stamp.sent, receivedUnixMs + (clock.now() - now));
    writeAnswer(layout, answer, packet, stamp);
    if (sign) {
      sign.sign(answer, layout.hmac);
      if (packet.length > layout.bytes) {
        copyExtension(packet, answer, layout, stretch());
        signExtension(answer, layout, sign);
      }
    }
    session.answers = (session.answers + 1) >>> 0;
    this.#answered++;
    return answer;
  }

  /** One that was overtaken is old news, and one that was held back for long must not pass for new. */
  #tellReport(
    packet: Buffer,
    layout: PacketLayout,
    source: Source,
    address: string,
    sentUnixMs: number,
    now: number,
  ): void {
    if (sentUnixMs <= source.reportUnixMs && now - source.reportMs <= forgetMs) return;
    source.reportUnixMs = sentUnixMs;
    source.reportMs = now;
    readReport(packet, layout, this.#report);
    this.#options.onReport(address, this.#report, source.peer.gateway, sentUnixMs);
  }
}

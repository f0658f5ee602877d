import type { LoadGuard } from './load-guard';
import { isAway } from './judge-health';
import { errorEstimate, setNtpTime, type NtpTime } from './ntp-time';
import type { ProbeClock } from './port';
import type { ProbedSession } from './probed-session';
import {
  emptyReport,
  extensionBytes,
  signExtension,
  writeReport,
  type SessionReport,
} from './session-report';
import { writeProbe } from './stamp-packet';

/** Probes that a session without reports begins with, and that carry one. */
const firstReports = 3;
/** A notice of a restart leaves over so many sessions of each peer: one of them may be dead. */
const noticeSessions = 4;

/** Writes, signs and sends probes and the reports in them. */
export class ProbeWriter {
  /** Probes sent so far. */
  sent = 0;
  /** The error estimate of this machine's clock, as packets carry it. */
  readonly error: number;
  readonly #clock: ProbeClock;
  readonly #transmit: (packet: Uint8Array, address: string) => void;
  readonly #guard: LoadGuard;
  readonly #time: NtpTime = { seconds: 0, fraction: 0 };
  /** What is told next; written over. */
  readonly #own = emptyReport();
  #restartMs = 0;

  constructor(
    clock: ProbeClock,
    transmit: (packet: Uint8Array, address: string) => void,
    guard: LoadGuard,
    clockErrorSeconds: number | null,
  ) {
    this.#clock = clock;
    this.#transmit = transmit;
    this.#guard = guard;
    this.error = errorEstimate(clockErrorSeconds);
  }

  send(p: ProbedSession): void {
    // A session without reports begins with some, which say to whoever waits for us that we are back.
    const first = p.signing && !p.reports && p.record.sent < firstReports;
    this.#sendAs(p, first ? Buffer.alloc(p.layout.bytes + extensionBytes) : p.packet);
  }

  /**
   * Tells every peer once that this agent restarts; all that it reports from now on says so, too. Sessions
   * without reports carry one this once. Living sessions first.
   */
  announceRestart(probed: readonly ProbedSession[], holdMs: number): void {
    this.#restartMs = holdMs;
    const left = new Map<string, number>();
    const dead = (p: ProbedSession) => (isAway(p.judge.health) ? 1 : 0);
    for (const p of [...probed].sort((a, b) => dead(a) - dead(b))) {
      const { peer } = p.session;
      const many = left.get(peer) ?? noticeSessions;
      if (many === 0 || p.signing === null) continue;
      left.set(peer, many - 1);
      this.#sendAs(p, Buffer.alloc(p.layout.bytes + extensionBytes));
    }
  }

  #sendAs(p: ProbedSession, packet: Buffer): void {
    const now = this.#clock.now();
    setNtpTime(this.#time, this.#clock.unixMs(now));
    writeProbe(p.layout, packet, p.record.sent >>> 0, this.#time, this.error, p.ssid);
    p.record.send(now, this.#time);
    this.sent++;
    if (p.signing) {
      p.signing.sign.sign(packet, p.layout.hmac);
      if (packet.length > p.layout.bytes) {
        writeReport(packet, p.layout, this.#reportOf(p));
        signExtension(packet, p.layout, p.signing.sign);
      }
    }
    this.#transmit(packet, p.session.destination);
  }

  #reportOf({ record, judge, targetMs }: ProbedSession): SessionReport {
    const own = this.#own;
    own.health = judge.health;
    own.lost = record.losses.lost;
    own.stretch = this.#guard.stretch;
    own.intervalMs = targetMs;
    own.rttMs = record.lastRttMs;
    own.received = record.received;
    own.lostForward = record.lostForward;
    own.lostBackward = record.lostBackward;
    own.jitterForwardMs = record.jitterForwardMs;
    own.jitterBackwardMs = record.jitterBackwardMs;
    own.restartMs = this.#restartMs;
    return own;
  }
}

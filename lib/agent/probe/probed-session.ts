import { HealthJudge } from './judge-health';
import type { PacketHmac } from './packet-hmac';
import type { Pace, ProbeSession } from './session';
import { SessionRecord } from './session-record';
import { emptyReport, extensionBytes, type SessionReport } from './session-report';
import type { HealthSettings } from './settings';
import { authenticatedLayout, openLayout, type PacketLayout } from './stamp-packet';

/** Least slack of a deadline, ms. */
const leastSlackMs = 2;

/** Keys of a session, ready for use. */
export interface SessionSigning {
  readonly sign: PacketHmac;
  /** An answer is signed as its probe was, and some are on their way when keys change. */
  readonly verify: readonly PacketHmac[];
}

/** A session while it is probed. Times are those of the monotonic clock, ms. */
export class ProbedSession {
  session: ProbeSession;
  pace: Pace;
  readonly ssid: number;
  readonly record = new SessionRecord();
  readonly judge: HealthJudge;
  layout: PacketLayout = openLayout;
  /** null: unauthenticated. */
  signing: SessionSigning | null = null;
  packet = Buffer.alloc(0);
  intervalMs = Infinity;
  nextSendMs = Infinity;
  /** Interval and slot that come into force after `lingering` more probes at the present interval. */
  targetMs = Infinity;
  phase = 0;
  lingering = 0;
  /** The far end probes this path for both: answers are as it reports. */
  following = false;
  readonly report: SessionReport = emptyReport();
  reportedMs = -Infinity;
  /** Since when the far end has probed as quickly as it does: its answers begin a round trip later. */
  quickMs = -Infinity;
  /** Reports in a row that told of no new answer though there should have been one. */
  stale = 0;
  /** What the far end last told of itself, in its probes or in answers to ours. */
  farStretch = 1;
  /**
   * When an answer came last, or while following a probe of the far end; before the first, when the session
   * began.
   */
  heardMs: number;
  /** While following: an answer is missing, and our own probes have begun again. */
  resumed = false;
  suspected = false;
  /** Number of the first probe whose answer is to be told; Infinity: none is waited for. */
  polledFrom = Infinity;
  /** Number of the last probe that was sent out of turn; -1: none was. */
  extra = -1;
  /** The path there is dead, though its far end restarts. */
  released = false;
  /** Its far end restarted just before: until then what is missed says nothing of the path. */
  excusedUntilMs = -Infinity;
  /** Answers in a row, half an interval or more apart, and when the last of them came. */
  row = 0;
  rowMs = 0;

  constructor(session: ProbeSession, ssid: number, health: HealthSettings, nowMs: number) {
    this.session = session;
    this.pace = session.pace;
    this.ssid = ssid;
    this.judge = new HealthJudge(session.plannedRttMs, health);
    this.heardMs = nowMs;
  }

  /** Takes a new plan's session of the same path, or new keys. */
  replan(session: ProbeSession, signing: SessionSigning | null): void {
    if (this.session.mirror?.source !== session.mirror?.source) {
      this.unfollow();
      this.farStretch = 1;
    }
    this.session = session;
    this.judge.replan(session.plannedRttMs);
    const layout = signing ? authenticatedLayout : openLayout;
    const bytes = layout.bytes + (signing && session.mirror ? extensionBytes : 0);
    if (this.packet.length !== bytes || this.layout !== layout) this.packet = Buffer.alloc(bytes);
    this.layout = layout;
    this.signing = signing;
  }

  /** Do its probes carry reports, so that the far end may follow? */
  get reports(): boolean {
    return this.packet.length > this.layout.bytes;
  }

  /** From one probe to the next, whoever sends them. */
  get everyMs(): number {
    return this.following ? this.report.intervalMs : this.intervalMs;
  }

  get slackMs(): number {
    return Math.max(leastSlackMs, Math.min(2 * this.record.rttVariationMs, this.everyMs / 4));
  }

  /** Smoothed; before the first answer the plan's. */
  get rttMs(): number {
    const { smoothedRttMs } = this.record;
    return Number.isNaN(smoothedRttMs) ? this.session.plannedRttMs : smoothedRttMs;
  }

  /** Of the probes judged last, so many were lost. */
  get lost(): number {
    return this.following ? this.report.lost : this.record.losses.lost;
  }

  /** The far end no longer probes for both. */
  unfollow(): void {
    if (!this.following) return;
    this.following = false;
    this.stale = 0;
    this.record.unfollow(this.report.lost);
  }
}

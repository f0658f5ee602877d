import { RecordedHistogram, rttBounds } from './histogram';
import { LossWindow } from './loss-window';
import { ntpElapsedMs, tryErrorSeconds, type NtpTime } from './ntp-time';
import type { SessionReport } from './session-report';
import type { OneWayDelay } from './statistics';

/** Probes that may be without an answer at a time: 5 s of them at 20 ms. */
const ringProbes = 256;
const mask = ringProbes - 1;

/**
 * Longest round trip that is believed, ms: what takes longer was held somewhere, as by WireGuard, which keeps
 * packets for up to 90 s while it waits for a handshake (REKEY_ATTEMPT_TIME), or while a machine was stopped.
 * Nothing on Earth or in orbit around it is so far away.
 */
export const longestRttMs = 5_000;

/** Answers overtaken by fewer than this many later ones are late, not lost. */
const leastReordering = 3;

/** What an answer says, as read from the packet; one object, written over. */
export interface AnswerFields {
  /** Of the probe that is answered, 32 bits. */
  sequence: number;
  /** The reflector's own count. */
  reflectorSequence: number;
  /** The probe's timestamp as the answer repeats it. */
  readonly echoed: NtpTime;
  readonly received: NtpTime;
  readonly sent: NtpTime;
  /** The reflector's error estimate. */
  error: number;
}

/**
 * What one session has sent and got back. Probes are counted from 0; the wire carries the count modulo 2^32.
 * Nothing is allocated once it is made.
 */
export class SessionRecord {
  sent = 0;
  received = 0;
  /** Received after they were counted lost. */
  late = 0;
  lostForward = 0;
  lostBackward = 0;
  readonly rtt = new RecordedHistogram(rttBounds);
  readonly losses = new LossWindow();
  /** Ms; NaN before the first answer (RFC 6298 section 2: gains 1/8 and 1/4). */
  smoothedRttMs = NaN;
  rttVariationMs = 0;
  /** Of the newest answer, ms; NaN: not measured. */
  lastRttMs = NaN;
  /** Ms, RFC 3550 section 6.4.1. */
  jitterForwardMs = 0;
  jitterBackwardMs = 0;
  oneWay: OneWayDelay | null = null;
  /** Answers in a row with none missing between them. */
  streak = 0;

  readonly #sentMs = new Float64Array(ringProbes);
  readonly #seconds = new Uint32Array(ringProbes);
  readonly #fractions = new Uint32Array(ringProbes);
  readonly #reflected = new Uint32Array(ringProbes);
  readonly #answered = new Uint8Array(ringProbes);
  /** Probes before this one are known to be answered or lost. */
  #judged = 0;
  /** Highest probe answered, and the last one judged that was, with the reflector's count for it. */
  #highest = -1;
  #reflectorBefore = -1;
  /** Probes lost since that one. */
  #missing = 0;
  /** Some of them were sent in an outage, which is no loss ratio. */
  #outage = false;
  /** Times between the clocks at the last answer, ms: what jitter is the change of. */
  #transitForward = NaN;
  #transitBackward = NaN;
  /** Probes before this one were sent before we followed the far end: none of them is missed any more. */
  #askedFrom = 0;
  /** Counters of the far end's last report; null: none was taken over just before. */
  #followed: Pick<SessionReport, 'received' | 'lostForward' | 'lostBackward'> | null = null;

  /** Records the next probe. @param time what it carries. */
  send(nowMs: number, time: NtpTime): void {
    if (this.sent - this.#judged >= ringProbes) this.#judge(this.sent - ringProbes + 1);
    const slot = this.sent & mask;
    this.#sentMs[slot] = nowMs;
    this.#seconds[slot] = time.seconds;
    this.#fractions[slot] = time.fraction;
    this.#answered[slot] = 0;
    this.sent++;
  }

  /**
   * When the `k`-th probe after the newest answered one was sent, ms; Infinity: it was not yet, -Infinity:
   * too long ago to be remembered.
   *
   * @param k from 1.
   */
  unansweredMs(k: number): number {
    const probe = Math.max(this.#highest + 1, this.#askedFrom) + k - 1;
    if (probe >= this.sent) return Infinity;
    return this.sent - probe > ringProbes ? -Infinity : this.#sentMs[probe & mask];
  }

  /** Is this probe among those that `unansweredMs` counts? */
  isUnanswered(probe: number): boolean {
    return probe >= Math.max(this.#highest + 1, this.#askedFrom);
  }

  /**
   * Which probe an answer is to: its number, or -1 where we sent no such probe lately, had its answer
   * already, or its timestamp is not what we sent. Changes nothing.
   */
  probeOf(answer: AnswerFields): number {
    const behind = (this.sent - 1 - answer.sequence) >>> 0;
    if (behind >= ringProbes || behind >= this.sent) return -1;
    const probe = this.sent - 1 - behind;
    const slot = probe & mask;
    const ours =
      this.#answered[slot] === 0 &&
      this.#seconds[slot] === answer.echoed.seconds &&
      this.#fractions[slot] === answer.echoed.fraction;
    return ours ? probe : -1;
  }

  /**
   * Records an authentic answer.
   *
   * @param probe as `probeOf` gave it.
   * @param back our clock at its arrival.
   * @param ownError our clock's error estimate.
   * @param timely false: it lay in the socket while we were busy, its times are not the network's.
   * @returns round-trip time, ms; NaN where not timely.
   */
  answer(
    probe: number,
    answer: AnswerFields,
    nowMs: number,
    back: NtpTime,
    ownError: number,
    timely: boolean,
  ): number {
    const slot = probe & mask;
    this.#answered[slot] = 1;
    this.#reflected[slot] = answer.reflectorSequence;
    this.received++;
    if (probe < this.#judged) this.late++;
    this.streak = probe === this.#highest + 1 ? this.streak + 1 : 1;
    const newest = probe > this.#highest;
    if (newest) this.#highest = probe;
    this.lastRttMs = timely ? this.#measure(slot, newest, answer, nowMs, back, ownError) : NaN;
    this.#judge(this.#highest + 1 - leastReordering);
    return this.lastRttMs;
  }

  /**
   * Takes over what the far end says of the same way; its directions are ours turned round.
   *
   * @returns whether it has had an answer since its last report.
   */
  follow(report: SessionReport): boolean {
    const { received, lostForward, lostBackward, rttMs } = report;
    const before = this.#followed;
    this.#followed = { received, lostForward, lostBackward };
    if (before) {
      this.lostForward += rise(before.lostBackward, lostBackward);
      this.lostBackward += rise(before.lostForward, lostForward);
    }
    this.jitterForwardMs = report.jitterBackwardMs;
    this.jitterBackwardMs = report.jitterForwardMs;
    this.oneWay = null;
    if (before === null || before.received === received) return false;
    this.lastRttMs = rttMs <= longestRttMs ? rttMs : NaN;
    if (!Number.isNaN(this.lastRttMs)) this.#observe(rttMs);
    return true;
  }

  /** Back to our own probes, from a loss of so many in the window. */
  unfollow(lost: number): void {
    this.#followed = null;
    this.#askedFrom = this.sent;
    this.#transitForward = NaN;
    this.#transitBackward = NaN;
    this.losses.assume(lost);
  }

  /** What is missing now fell into an outage: it is lost, but says nothing of the loss ratio. */
  markOutage(): void {
    this.#outage = true;
    this.streak = 0;
  }

  #measure(
    slot: number,
    newest: boolean,
    answer: AnswerFields,
    nowMs: number,
    back: NtpTime,
    ownError: number,
  ): number {
    const { echoed, received, sent } = answer;
    const inside = ntpElapsedMs(received.seconds, received.fraction, sent.seconds, sent.fraction);
    const whole = Math.max(0, nowMs - this.#sentMs[slot]);
    // What the reflector claims cannot be longer than the whole.
    const rttMs = inside >= 0 && inside <= whole ? whole - inside : whole;
    if (rttMs > longestRttMs) return NaN;
    this.#observe(rttMs);
    if (!newest) return rttMs;
    const forward = ntpElapsedMs(echoed.seconds, echoed.fraction, received.seconds, received.fraction);
    const backward = ntpElapsedMs(sent.seconds, sent.fraction, back.seconds, back.fraction);
    if (!Number.isNaN(this.#transitForward)) {
      this.jitterForwardMs += (Math.abs(forward - this.#transitForward) - this.jitterForwardMs) / 16;
      this.jitterBackwardMs += (Math.abs(backward - this.#transitBackward) - this.jitterBackwardMs) / 16;
    }
    this.#transitForward = forward;
    this.#transitBackward = backward;
    const own = tryErrorSeconds(ownError);
    const far = own === null ? null : tryErrorSeconds(answer.error);
    this.oneWay =
      own === null || far === null
        ? null
        : { forward: forward / 1000, backward: backward / 1000, error: own + far };
    return rttMs;
  }

  #observe(rttMs: number): void {
    this.rtt.observe(rttMs / 1000);
    if (Number.isNaN(this.smoothedRttMs)) {
      this.smoothedRttMs = rttMs;
      this.rttVariationMs = rttMs / 2;
    } else {
      this.rttVariationMs += (Math.abs(this.smoothedRttMs - rttMs) - this.rttVariationMs) / 4;
      this.smoothedRttMs += (rttMs - this.smoothedRttMs) / 8;
    }
  }

  /** Decides for all probes before `end` whether they were lost. */
  #judge(end: number): void {
    for (; this.#judged < end; this.#judged++) {
      const slot = this.#judged & mask;
      if (this.#answered[slot] === 0) {
        this.#missing++;
        continue;
      }
      const reflected = this.#reflected[slot];
      if (this.#missing > 0) this.#attribute(reflected);
      this.losses.push(false);
      this.#reflectorBefore = reflected;
    }
  }

  /**
   * Splits the missing probes between the directions: those that the reflector counted came there and got
   * lost on the way back. A count that makes no sense (the reflector began anew) says nothing: forward.
   */
  #attribute(reflected: number): void {
    const counted = (reflected - this.#reflectorBefore - 1) | 0;
    const backward = counted >= 0 && counted <= this.#missing ? counted : 0;
    this.lostBackward += backward;
    this.lostForward += this.#missing - backward;
    if (!this.#outage) for (let i = 0; i < this.#missing; i++) this.losses.push(true);
    this.#outage = false;
    this.#missing = 0;
  }
}

/** Greatest rise of a counter between two reports: more, and the far end has begun anew. */
const mostRise = 1000;

/** By how much a 32-bit counter has risen. */
function rise(before: number, after: number): number {
  const by = (after - before) >>> 0;
  return by <= mostRise ? by : 0;
}

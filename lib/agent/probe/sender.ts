import { AnswerReader } from './answer-reader';
import { DrySocket } from './dry-socket';
import { follow, isServed, serves, wasSteady } from './follow';
import { isAway, type Verdict } from './judge-health';
import { LoadGuard } from './load-guard';
import type { ProbeClock } from './port';
import type { ProbeListener } from './probe-listener';
import type { ProbedSession } from './probed-session';
import { ProbeWriter } from './probe-writer';
import type { Refusals } from './refusals';
import { RestartWatch } from './restart-watch';
import { earlyMs, SendSchedule } from './send-schedule';
import type { Pace, ProbePeer, ProbeSession } from './session';
import { SessionBook } from './session-book';
import type { SessionReport } from './session-report';
import type { ProbeSettings } from './settings';
import { downMs, isLongSilent, isResuming, isSuspect } from './silence';

/** Answers that were read after a wake-up later than this may have lain in the socket. */
const stallMs = 5;

export interface SenderOptions {
  readonly settings: ProbeSettings;
  readonly listener: ProbeListener;
  readonly clock: ProbeClock;
  /** Hands a packet to the reflector at an address. */
  readonly transmit: (packet: Uint8Array, address: string) => void;
  readonly refusals: Refusals;
  /** First session identifier to try, 1 to 65535: another after each start (RFC 8972 section 3). */
  readonly firstSsid: number;
  readonly clockErrorSeconds: number | null;
}

/**
 * Sends probes and judges by their answers. One timer for all sessions: it fires at slots that have
 * something to send and at the nearest deadline.
 *
 * Of a path that both ends would probe, the quicker end probes for both, see `hear`.
 *
 * A session is down when no answer came for `multiplier` intervals and as many probes have been out for a
 * round trip, both with some slack for jitter: time in which this process was not running counts only as far
 * as probes went out. Decisions wait until the socket has been read dry (`DrySocket`).
 */
export class Sender {
  readonly sessions: SessionBook;
  readonly #options: SenderOptions;
  readonly #guard: LoadGuard;
  readonly #writer: ProbeWriter;
  readonly #reader: AnswerReader;
  readonly #schedule: SendSchedule;
  readonly #restarts: RestartWatch;
  readonly #socket: DrySocket;
  #stopped = false;
  #dueMs: number;
  #cancel: (() => void) | undefined;
  /** Answers read now may have waited for us. */
  #delayed = false;
  #repacing = false;
  /** Polled, and not yet probed since. */
  readonly #asked: ProbedSession[] = [];
  // Made once, for each turn needs them.
  readonly #onTimer = (): void => this.#tick();
  readonly #onAsked = (): void => this.#ask();
  readonly #onRepace = (): void => this.#repace();

  constructor(options: SenderOptions) {
    const { clock, listener, refusals, transmit } = options;
    const startMs = clock.now();
    this.#options = options;
    this.#dueMs = startMs;
    this.#guard = new LoadGuard(startMs);
    this.sessions = new SessionBook(options.firstSsid);
    this.#writer = new ProbeWriter(clock, transmit, this.#guard, options.clockErrorSeconds);
    this.#reader = new AnswerReader(this.sessions, refusals);
    this.#schedule = new SendSchedule(startMs);
    this.#restarts = new RestartWatch(this.sessions, listener);
    this.#socket = new DrySocket(clock, () => this.#decide());
  }

  /** Probes sent so far. */
  get sent(): number {
    return this.#writer.sent;
  }

  /** How many times longer than asked for intervals are, see `LoadGuard`. */
  get stretch(): number {
    return this.#guard.stretch;
  }

  /** As `Prober.setSessions`. */
  setSessions(sessions: readonly ProbeSession[], peers: readonly ProbePeer[]): void {
    const { clock, settings } = this.#options;
    this.sessions.replace(sessions, peers, settings.health, clock.now());
    this.#repace();
  }

  /** As `Prober.setPace`. */
  setPace(id: string, pace: Pace): void {
    const p = this.sessions.get(id);
    if (p.pace === pace) return;
    if (p.pace === 'standby') this.poll(id);
    if (pace === 'standby') p.polledFrom = Infinity;
    p.pace = pace;
    this.#repaceSoon();
  }

  /** As `Prober.poll`. */
  poll(id: string): void {
    const p = this.sessions.get(id);
    // One that is waited for stays good: each poll would put the answer off by a round trip.
    if (p.polledFrom !== Infinity) return;
    p.polledFrom = p.record.sent;
    if (this.#asked.push(p) === 1) this.#options.clock.afterPoll(this.#onAsked);
  }

  /** As `Prober.condemn`. Nothing that answered before says that it lives now. */
  condemn(id: string, cause: string): void {
    const p = this.sessions.find(id);
    if (!p || isAway(p.judge.health)) return;
    p.unfollow();
    p.record.markOutage();
    p.row = 0;
    this.#tell(p, p.judge.condemned(cause));
  }

  /** Tells every peer once that this agent restarts; all that it reports from now on says so, too. */
  announceRestart(holdMs: number): void {
    this.#writer.announceRestart(this.sessions.all, holdMs);
  }

  /** A packet was read, by whichever socket. */
  noteRead(): void {
    this.#socket.noteRead();
  }

  /** Takes an answer that came from an address. */
  receive(packet: Buffer, address: string): void {
    const { clock } = this.#options;
    const now = clock.now();
    // After a stop of this process sockets may be read before the timer that is overdue.
    if (now - this.#dueMs > stallMs) this.#delayed = true;
    const answer = this.#reader.tryRead(packet, address);
    if (!answer) return;
    const { session: p, probe, farStretch } = answer;
    // What went unanswered since the notice is no loss on the path.
    const excused = this.#restarts.untilMs(p) > now || now < p.excusedUntilMs;
    if (excused) p.record.markOutage();
    const measures = !this.#delayed && !excused;
    const rttMs = this.#reader.record(answer, now, clock.unixMs(now), this.#writer.error, measures);
    if (!Number.isNaN(farStretch)) this.#slowWith(p, farStretch);
    // The far end has stopped probing for both, and yet the path is alive.
    if (!isServed(p, now, p.session.timing.multiplier)) p.unfollow();
    if (p.record.streak === 1) p.row = 0;
    this.#lives(p, now, probe >= p.polledFrom, rttMs);
  }

  /**
   * Takes note of what a gateway reports of the path that its probe came by, and when it sent it. If it
   * probes for both, ours are saved. Its silence then counts as unanswered probes of our own would; with the
   * first that is missing ours begin again. Only what has answered ourselves is followed, and nobody who has
   * yet to tell others of a longer interval follows.
   */
  hear(source: string, report: SessionReport, gateway: string, sentUnixMs: number): void {
    const now = this.#options.clock.now();
    this.#restarts.hear(gateway, report.restartMs, sentUnixMs, now);
    const p = this.sessions.findByMirror(source);
    if (!p) return;
    this.#slowWith(p, report.stretch);
    if (p.lingering > 0) return;
    if (serves(p, report)) this.#follow(p, report, now);
    else if (p.following) this.#leave(p, report, now);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #follow(p: ProbedSession, report: SessionReport, now: number): void {
    if (!p.following && isAway(p.judge.health)) return;
    const beforeMs = p.everyMs;
    const rttMs = follow(p, report, now);
    if (rttMs !== undefined) this.#lives(p, now, false, rttMs);
    if (p.everyMs < beforeMs) this.#wakeBy(this.#nextMs(p), now);
  }

  /** The far end does not probe for both any more. */
  #leave(p: ProbedSession, report: SessionReport, now: number): void {
    const steady = wasSteady(p, now);
    p.unfollow();
    p.heardMs = now;
    // Had we not been running, it would have had no answer either: then our own probes will tell.
    if (report.health !== 'down' || !steady) return;
    p.record.markOutage();
    this.#tell(p, p.judge.unheard());
  }

  #tick(): void {
    const now = this.#options.clock.now();
    if (now - this.#dueMs > stallMs) this.#delayed = true;
    if (this.#guard.wokeUp(now, now - this.#dueMs, this.#schedule.shortestMs)) this.#repaceSoon();
    this.#socket.startTurn();
    let wakeMs = Infinity;
    let doubt = this.#delayed;
    for (const p of this.sessions.all) {
      if (p.nextSendMs <= now + earlyMs) {
        // What is to be proven takes an answer of our own.
        if (!isServed(p, now, 1) || p.polledFrom !== Infinity) this.#writer.send(p);
        this.#schedule.advance(p, now);
      }
      const next = this.#nextMs(p);
      wakeMs = Math.min(wakeMs, next);
      if (p.judge.health === 'down') continue;
      if (next <= now || isResuming(p, now) || isSuspect(p, this.#restarts.untilMs(p), now)) doubt = true;
    }
    if (doubt) this.#socket.whenDry();
    this.#arm(wakeMs, now);
  }

  /** Decides about all sessions, once the socket has nothing left for us. */
  #decide(): void {
    if (this.#stopped) return;
    this.#delayed = false;
    const { clock, listener } = this.#options;
    const now = clock.now();
    this.#restarts.expire(now);
    for (const p of this.sessions.all) {
      if (p.judge.health === 'down') continue;
      if (isResuming(p, now)) {
        p.resumed = true;
        // Not only when they would be due at our own pace.
        p.nextSendMs = Math.min(p.nextSendMs, now);
        this.#wakeBy(now, now);
      }
      if (isSuspect(p, this.#restarts.untilMs(p), now)) {
        p.suspected = true;
        if (p.judge.health !== undefined) listener.onSuspect?.(p.session.id);
      }
      if (this.#downMs(p) > now) continue;
      p.unfollow();
      p.record.markOutage();
      this.#tell(p, p.judge.silent(now - p.heardMs));
      this.#restarts.releaseOver(p.session.tunnel, now);
    }
  }

  /** An answer, or as good as one. @param proven it is one to a probe sent since we polled. */
  #lives(p: ProbedSession, now: number, proven: boolean, rttMs: number): void {
    if (isLongSilent(p, now)) {
      this.#schedule.place(p, now);
      this.#wakeBy(p.nextSendMs, now);
    }
    p.heardMs = now;
    const awaited = p.polledFrom === Infinity ? p.suspected : proven;
    p.suspected = false;
    p.resumed = false;
    // Answers that come all at once were held up together: they count as one.
    if (p.row === 0 || now - p.rowMs >= p.everyMs / 2) {
      p.row++;
      p.rowMs = now;
    }
    const excused = now < p.excusedUntilMs && p.judge.health === 'up';
    this.#tell(p, p.judge.answered(excused ? NaN : rttMs, p.row, excused ? 0 : p.lost));
    if (!awaited) return;
    p.polledFrom = Infinity;
    if (p.judge.health !== 'down') this.#options.listener.onAnswer?.(p.session.id);
  }

  #tell(p: ProbedSession, verdict: Verdict): void {
    if (verdict) this.#options.listener.onHealth(p.session.id, verdict.health, verdict.cause);
  }

  /** Out of turn: whoever polls waits to move traffic, and a turn may be an interval away. */
  #ask(): void {
    for (const p of this.#asked.splice(0)) {
      const known = this.sessions.find(p.session.id) === p;
      if (this.#stopped || !known || p.polledFrom !== p.record.sent) continue;
      p.extra = p.record.sent;
      this.#writer.send(p);
    }
  }

  #slowWith(p: ProbedSession, stretch: number): void {
    if (stretch === p.farStretch) return;
    p.farStretch = stretch;
    this.#repaceSoon();
  }

  #repaceSoon(): void {
    if (this.#repacing) return;
    this.#repacing = true;
    this.#options.clock.afterPoll(this.#onRepace);
  }

  #repace(): void {
    this.#repacing = false;
    if (this.#stopped) return;
    const { clock, settings } = this.#options;
    const now = clock.now();
    this.#schedule.repace(this.sessions.all, this.#guard.stretch, settings, now);
    const next = this.sessions.all.reduce((least, p) => Math.min(least, this.#nextMs(p)), Infinity);
    this.#arm(next, now);
  }

  #downMs(p: ProbedSession): number {
    return downMs(p, this.#restarts.untilMs(p), this.#options.settings.health.startMs);
  }

  /** The next probe or decision. A suspicion waits for one of them. */
  #nextMs(p: ProbedSession): number {
    return p.judge.health === 'down' ? p.nextSendMs : Math.min(p.nextSendMs, this.#downMs(p));
  }

  #arm(wakeMs: number, now: number): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#stopped || wakeMs === Infinity) return;
    const delayMs = Math.max(1, Math.ceil(wakeMs - now));
    this.#dueMs = now + delayMs;
    this.#cancel = this.#options.clock.after(delayMs, this.#onTimer);
  }

  /** Sooner than the timer is set for, if need be. */
  #wakeBy(atMs: number, now: number): void {
    if (atMs < this.#dueMs) this.#arm(atMs, now);
  }
}

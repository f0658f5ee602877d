import { probeIntervals, sendSlots, slotMs, slotsPerInterval } from './intervals';
import { HealthJudge, isAway, type Verdict } from './judge-health';
import { LoadGuard } from './load-guard';
import { lossWindowProbes } from './loss-window';
import { errorEstimate, setNtpTime, type NtpTime } from './ntp-time';
import { packetHmac, type PacketHmac } from './packet-hmac';
import type { ProbeClock, Receive } from './port';
import type { ProbeListener } from './probe-listener';
import type { Refusals } from './refusals';
import type { Pace, ProbePeer, ProbeSession } from './session';
import { RestartHolds } from './restart-holds';
import { SessionRecord, type AnswerFields } from './session-record';
import {
  emptyReport,
  extensionBytes,
  packetLengths,
  signExtension,
  stretchOf,
  verifiesExtension,
  writeReport,
  type SessionReport,
} from './session-report';
import type { ProbeSettings } from './settings';
import type { SessionStatistics } from './statistics';
import { authenticatedLayout, openLayout, writeProbe, type PacketLayout } from './stamp-packet';

/** Answers that were read after a wake-up later than this may have lain in the socket. */
const stallMs = 5;
/** Packets that libuv reads from a socket in one turn; as many say that more may wait. */
const packetsPerTurn = 32;
/** Turns at most in which a decision waits for the socket to run dry. */
const mostTurns = 16;
/** Early by less than this is on time: timers count whole ms. */
const earlyMs = 1;
/** Reports without a new answer, in a row, from which on they show nothing. */
const mostStale = 2;
/** A report of a shorter interval is no offer to probe for both, ms. */
const leastFollowedMs = 1;
/** What has been silent for so long, ms, is asked at such an interval, unless its own is longer. */
const silentAfterMs = 1000;
const silentIntervalMs = 100;
/**
 * An agent that has just begun is busy: it may be silent for so long, and for so long neither its round trips
 * nor what it misses say anything of the way, ms.
 */
const backGraceMs = 1_000;
const excusedMs = 3_000;
/** A notice of a restart leaves over so many sessions of each peer: one of them may be dead. */
const noticeSessions = 4;
/** Probes that a session without reports begins with, and that carry one. */
const firstReports = 3;
/** Least slack of a deadline, ms. */
const leastSlackMs = 2;
const mostSsid = 0xffff;

/** One session while it is probed. */
interface Probed {
  session: ProbeSession;
  pace: Pace;
  readonly ssid: number;
  readonly record: SessionRecord;
  readonly judge: HealthJudge;
  layout: PacketLayout;
  /** Signs our probes; null: unauthenticated. */
  sign: PacketHmac | null;
  /** Verify the answers, signed as their probes were: some are on their way when keys change. */
  verify: readonly PacketHmac[];
  packet: Buffer;
  intervalMs: number;
  nextSendMs: number;
  /** The interval and its slot after `lingering` more probes at the present one. */
  targetMs: number;
  phase: number;
  lingering: number;
  /** The far end probes this way for both: answers are as it reports. */
  following: boolean;
  readonly report: SessionReport;
  reportedMs: number;
  /** Since when the far end has probed as quickly as it does, ms: its answers begin a round trip later. */
  quickMs: number;
  /** Reports in a row that told of no new answer though there should have been one. */
  stale: number;
  /** What the far end last told of itself, in its probes or in answers to ours. */
  farStretch: number;
  /**
   * When an answer came last, or while following a probe of the far end, ms; while none came yet, when the
   * session began.
   */
  heardMs: number;
  /** While following: an answer is missing, and our own probes have begun again. */
  resumed: boolean;
  suspected: boolean;
  /** Number of the first probe whose answer is to be told; Infinity: none is waited for. */
  polledFrom: number;
  /** Number of the last probe that was sent out of turn; -1: none was. */
  extra: number;
  /** The way there is dead, though its far end restarts. */
  released: boolean;
  /** Its far end restarted just before. */
  excusedUntilMs: number;
  /** Answers in a row, half an interval or more apart, and when the last of them came. */
  row: number;
  rowMs: number;
}

export interface Sender {
  setSessions(sessions: readonly ProbeSession[], peers: readonly ProbePeer[]): void;
  setPace(id: string, pace: Pace): void;
  poll(id: string): void;
  condemn(id: string, cause: string): void;
  readonly receive: Receive;
  /** A packet was read, by whichever socket. */
  noteRead(): void;
  /** Takes note of what a gateway reports of the way that its probe came by, and when it sent it. */
  hear(source: string, report: SessionReport, gateway: string, sentUnixMs: number): void;
  /** Tells every peer once that this agent restarts; all that it reports from now on says so, too. */
  announceRestart(holdMs: number): void;
  /** Probes sent so far. */
  readonly sent: number;
  find(id: string): Probed | undefined;
  statistics(id: string): SessionStatistics | undefined;
  readonly probed: readonly Probed[];
  /** How many times longer than asked for intervals are, see `LoadGuard`. */
  readonly stretch: number;
  stop(): void;
}

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
 * Of a way that both ends would probe, the quicker probes for both, see `hear`: it saves half of the packets.
 *
 * A session is down when no answer came for `multiplier` intervals and as many probes have been out for a
 * round trip, both with some slack for jitter: time in which this process was not running counts only as far
 * as probes went out. Decisions wait until the socket has been read dry, since timers run before it in each
 * turn of the event loop.
 */
export function startSender(options: SenderOptions): Sender {
  const { settings, listener, clock, transmit, refusals } = options;
  const error = errorEstimate(options.clockErrorSeconds);
  const time: NtpTime = { seconds: 0, fraction: 0 };
  const back: NtpTime = { seconds: 0, fraction: 0 };
  const fields: AnswerFields = {
    sequence: 0,
    reflectorSequence: 0,
    echoed: { seconds: 0, fraction: 0 },
    received: { seconds: 0, fraction: 0 },
    sent: { seconds: 0, fraction: 0 },
    error: 0,
  };
  const startMs = clock.now();
  const guard = new LoadGuard(startMs);
  let probed: Probed[] = [];
  let byId = new Map<string, Probed>();
  let bySsid = new Map<number, Probed>();
  let byMirror = new Map<string, Probed>();
  let ssid = options.firstSsid;
  let slot = slotMs([]);
  /** What is told next; written over. */
  const own = emptyReport();
  const holds = new RestartHolds();
  let restartMs = 0;
  let sent = 0;
  let stopped = false;
  let dueMs = startMs;
  let cancel: (() => void) | undefined;
  /** Answers read now may have waited for us. */
  let delayed = false;
  let checking = false;
  let turns = 0;
  let readThisTurn = 0;
  let repacing = false;
  /** Polled, and not yet probed since. */
  const asked: Probed[] = [];

  const everyMs = (p: Probed) => (p.following ? p.report.intervalMs : p.intervalMs);

  const slackMs = (p: Probed) =>
    Math.max(leastSlackMs, Math.min(2 * p.record.rttVariationMs, everyMs(p) / 4));

  const rttMs = (p: Probed) =>
    Number.isNaN(p.record.smoothedRttMs) ? p.session.plannedRttMs : p.record.smoothedRttMs;

  /** When `missing` answers in a row are overdue, unless one comes; Infinity: as many were not asked for. */
  const overdueMs = (p: Probed, missing: number) => {
    const silence = p.heardMs + missing * everyMs(p);
    if (p.following) return silence + slackMs(p);
    // A probe out of turn may have left right before one that was due, and answers to many are late.
    const probes = p.record.isUnanswered(p.extra) ? missing + 1 : missing;
    return Math.max(silence, p.record.unansweredMs(probes) + rttMs(p)) + slackMs(p);
  };
  /** With the first answer that is missing our own probes begin again. */
  const isResuming = (p: Probed, now: number) => p.following && !p.resumed && overdueMs(p, 1) <= now;
  /** Half an interval of grace: on a busy machine most of what is late comes within it. */
  const isSuspect = (p: Probed, now: number) =>
    !p.suspected && !isHeld(p, now) && overdueMs(p, 1) + everyMs(p) / 2 <= now;
  /** Nothing has come for long: asked more seldom, as RFC 5880 section 6.8.3 has it of what is not up. */
  const silent = (p: Probed, now: number) => isAway(p.judge.health) && now - p.heardMs > silentAfterMs;

  /** Its far end restarts, and nothing says that the way there is dead. */
  const heldUntilMs = (p: Probed) => (p.released ? -Infinity : holds.untilMs(p.session.peer));
  const isHeld = (p: Probed, now: number) => heldUntilMs(p) > now;

  /** Has the far end, which we follow, probed lately? */
  const served = (p: Probed, now: number, intervals: number) =>
    p.following && p.reportedMs + intervals * p.report.intervalMs + slackMs(p) > now;
  /** RFC 5880 section 6.8.4. Nothing is said too soon of what never answered. */
  const downMs = (p: Probed) => {
    const overdue = Math.max(heldUntilMs(p), overdueMs(p, p.session.timing.multiplier));
    return p.judge.health === undefined ? Math.max(overdue, p.heardMs + settings.health.startMs) : overdue;
  };

  /** The next probe or decision. A suspicion waits for one of them. */
  const nextMs = (p: Probed) =>
    p.judge.health === 'down' ? p.nextSendMs : Math.min(p.nextSendMs, downMs(p));

  function tell(p: Probed, verdict: Verdict): void {
    if (verdict) listener.onHealth(p.session.id, verdict.health, verdict.cause);
  }

  function send(p: Probed): void {
    // A session without reports begins with some, which say to whoever waits for us that we are back.
    if (p.sign && p.packet.length === p.layout.bytes && p.record.sent < firstReports) {
      return sendAs(p, Buffer.alloc(p.layout.bytes + extensionBytes));
    }
    sendAs(p, p.packet);
  }

  function sendAs(p: Probed, packet: Buffer): void {
    const now = clock.now();
    setNtpTime(time, clock.unixMs(now));
    writeProbe(p.layout, packet, p.record.sent >>> 0, time, error, p.ssid);
    p.record.send(now, time);
    sent++;
    p.sign?.sign(packet, p.layout.hmac);
    if (p.sign && packet.length > p.layout.bytes) {
      writeReport(packet, p.layout, reportOf(p));
      signExtension(packet, p.layout, p.sign);
    }
    transmit(packet, p.session.destination);
  }

  function reportOf(p: Probed): SessionReport {
    const { record } = p;
    own.health = p.judge.health;
    own.lost = record.losses.lost;
    own.stretch = guard.stretch;
    own.intervalMs = p.targetMs;
    own.rttMs = record.lastRttMs;
    own.received = record.received;
    own.lostForward = record.lostForward;
    own.lostBackward = record.lostBackward;
    own.jitterForwardMs = record.jitterForwardMs;
    own.jitterBackwardMs = record.jitterBackwardMs;
    own.restartMs = restartMs;
    return own;
  }

  /** In a report, which sessions without one carry this once. Living sessions first. */
  function announceRestart(holdMs: number): void {
    restartMs = holdMs;
    const left = new Map<string, number>();
    const living = (p: Probed) => (isAway(p.judge.health) ? 1 : 0);
    for (const p of [...probed].sort((a, b) => living(a) - living(b))) {
      const { peer } = p.session;
      const many = left.get(peer) ?? noticeSessions;
      if (many === 0 || p.sign === null) continue;
      left.set(peer, many - 1);
      sendAs(p, Buffer.alloc(p.layout.bytes + extensionBytes));
    }
  }

  /** A gateway says that it restarts, or that it runs. */
  function hearRestart(gateway: string, report: SessionReport, sentUnixMs: number, now: number): void {
    const heldMs = holds.heldMs(gateway, now);
    const news = holds.hear(gateway, report.restartMs, sentUnixMs, now);
    if (news === null) return;
    for (const p of probed) {
      if (p.session.peer !== gateway) continue;
      p.released = false;
      // What was not answered meanwhile says nothing of the loss on the way.
      p.record.markOutage();
      if (news !== 'back') continue;
      p.heardMs = Math.max(p.heardMs, now + rttMs(p) + backGraceMs);
      p.excusedUntilMs = now + rttMs(p) + excusedMs;
    }
    listener.onRestart?.(gateway, news, heldMs);
  }

  /**
   * What goes on behind a gateway that restarts answers for itself: where all of it that leaves by a tunnel
   * is down, the tunnel is, and what is held is held no longer.
   */
  function releaseOver(tunnel: string, now: number): void {
    if (!holds.any) return;
    const over = probed.filter((p) => p.session.tunnel === tunnel);
    if (over.some((p) => !isHeld(p, now) && p.judge.health !== 'down')) return;
    for (const p of over) p.released = true;
  }

  function tick(): void {
    const now = clock.now();
    if (now - dueMs > stallMs) delayed = true;
    if (guard.wokeUp(now, now - dueMs, slot * slotsPerInterval)) repaceSoon();
    readThisTurn = 0;
    let wakeMs = Infinity;
    let doubt = delayed;
    for (const p of probed) {
      if (p.nextSendMs <= now + earlyMs) {
        const needed = !served(p, now, 1);
        // What is to be proven takes an answer of our own.
        if (needed || p.polledFrom !== Infinity) send(p);
        // Slots that passed while we were not running are not made up for.
        const step = p.following && needed ? Math.min(p.intervalMs, everyMs(p)) : p.intervalMs;
        const missed = Math.max(0, Math.ceil((now + earlyMs - p.nextSendMs) / step) - 1);
        const apart = silent(p, now) ? Math.max(1, Math.floor(silentIntervalMs / step)) : 1;
        p.nextSendMs += step * (missed + apart);
        if (p.lingering > 0 && --p.lingering === 0) place(p, now);
      }
      const next = nextMs(p);
      wakeMs = Math.min(wakeMs, next);
      if (p.judge.health === 'down') continue;
      if (next <= now || isResuming(p, now) || isSuspect(p, now)) doubt = true;
    }
    if (doubt && !checking) {
      checking = true;
      turns = 0;
      clock.afterPoll(check);
    }
    arm(wakeMs, now);
  }

  function arm(wakeMs: number, now: number): void {
    cancel?.();
    cancel = undefined;
    if (stopped || wakeMs === Infinity) return;
    const delayMs = Math.max(1, Math.ceil(wakeMs - now));
    dueMs = now + delayMs;
    cancel = clock.after(delayMs, tick);
  }

  /** Decides, once the socket has nothing left for us. */
  function check(): void {
    if (stopped) return;
    if (readThisTurn >= packetsPerTurn && ++turns < mostTurns) {
      readThisTurn = 0;
      clock.afterPoll(check);
      return;
    }
    checking = false;
    delayed = false;
    const now = clock.now();
    for (const [gateway, heldMs] of holds.expire(now)) listener.onRestart?.(gateway, 'expires', heldMs);
    for (const p of probed) {
      if (p.judge.health === 'down') continue;
      if (isResuming(p, now)) {
        p.resumed = true;
        // Not only when they would be due at our own pace.
        p.nextSendMs = Math.min(p.nextSendMs, now);
        wakeBy(now, now);
      }
      if (isSuspect(p, now)) {
        p.suspected = true;
        if (p.judge.health !== undefined) listener.onSuspect?.(p.session.id);
      }
      if (downMs(p) > now) continue;
      if (p.following) unfollow(p);
      p.record.markOutage();
      tell(p, p.judge.silent(now - p.heardMs));
      releaseOver(p.session.tunnel, now);
    }
  }

  /** Sooner than the timer is set for, if need be. */
  function wakeBy(atMs: number, now: number): void {
    if (atMs < dueMs) arm(atMs, now);
  }

  function receive(packet: Buffer, address: string): void {
    const now = clock.now();
    // After a stop of this process sockets may be read before the timer that is overdue.
    if (now - dueMs > stallMs) delayed = true;
    if (!packetLengths.includes(packet.length)) return void refusals.malformed++;
    const layout = packet.length === openLayout.bytes ? openLayout : authenticatedLayout;
    const p = bySsid.get(packet.readUInt16BE(layout.ssid));
    if (!p || p.layout !== layout || p.session.destination !== address) return void refusals.foreign++;
    read(layout, packet);
    const probe = p.record.probeOf(fields);
    if (probe === -1) return void refusals.replayed++;
    const verify = p.verify.find((one) => one.verifies(packet, layout.hmac));
    if (p.sign && !verify) return void refusals.forged++;
    setNtpTime(back, clock.unixMs(now));
    // What went unanswered since the notice is no loss on the way.
    const excused = isHeld(p, now) || now < p.excusedUntilMs;
    if (excused) p.record.markOutage();
    const took = p.record.answer(probe, fields, now, back, error, !delayed && !excused);
    if (packet.length > layout.bytes && stretchOf(packet, layout) !== p.farStretch && verify) {
      if (verifiesExtension(packet, layout, verify)) slowWith(p, stretchOf(packet, layout));
    }
    // It has stopped, and yet the way is alive.
    if (p.following && !served(p, now, p.session.timing.multiplier)) unfollow(p);
    if (p.record.streak === 1) p.row = 0;
    lives(p, now, probe >= p.polledFrom, took);
  }

  /**
   * The far end has probed this way, and says how it fares. If it probes for both, ours are saved: its probe
   * shows that the way here is alive, and what it says of our answers that the way there is. Its silence
   * counts as unanswered probes of our own would; with the first that is missing ours begin again. Only what
   * has answered ourselves is followed, and nobody who has yet to tell others of a longer interval follows.
   */
  function hear(source: string, report: SessionReport, gateway: string, sentUnixMs: number): void {
    const now = clock.now();
    hearRestart(gateway, report, sentUnixMs, now);
    const p = byMirror.get(source);
    if (!p) return;
    slowWith(p, report.stretch);
    if (p.lingering > 0) return;
    if (serves(p, report)) {
      if (!p.following && isAway(p.judge.health)) return;
      const beforeMs = everyMs(p);
      const begins = !p.following || now - p.reportedMs > 1.5 * report.intervalMs;
      if (begins) p.row = 0;
      if (begins || report.intervalMs < beforeMs) p.quickMs = now;
      p.reportedMs = now;
      p.following = true;
      Object.assign(p.report, report);
      const answered = p.record.follow(report);
      const due = now - p.quickMs > rttMs(p) + slackMs(p);
      p.stale = answered || !due ? 0 : p.stale + 1;
      // An answer may cross a report; two in a row do not.
      if (p.stale < mostStale) lives(p, now, false, answered ? p.record.lastRttMs : NaN);
      if (everyMs(p) < beforeMs) wakeBy(nextMs(p), now);
    } else if (p.following) {
      const every = p.report.intervalMs;
      const running = (p.row - p.session.timing.multiplier) * every > rttMs(p);
      const steady = running && now - p.reportedMs <= 1.5 * every;
      unfollow(p);
      p.heardMs = now;
      // Had we not been running, it would have had no answer either: then our own probes will tell.
      if (report.health !== 'down' || !steady) return;
      p.record.markOutage();
      tell(p, p.judge.unheard());
    }
  }

  /** Does the far end get answers, and is it as quick as we would be? `Mirror` decides between equals. */
  function serves(p: Probed, { health, intervalMs }: SessionReport): boolean {
    if (isAway(health) || intervalMs < leastFollowedMs) return false;
    const [theirs, ours] = [intervalMs, p.targetMs].map((ms) => Math.round(ms * 1000));
    return theirs < ours || (theirs === ours && !p.session.mirror!.leads);
  }

  /** A gateway that cannot keep up is asked no faster than it asks others. */
  function slowWith(p: Probed, stretch: number): void {
    if (stretch === p.farStretch) return;
    p.farStretch = stretch;
    repaceSoon();
  }

  function unfollow(p: Probed): void {
    p.following = false;
    p.stale = 0;
    p.record.unfollow(p.report.lost);
  }

  /** An answer, or as good as one. @param proven it is one to a probe sent since we polled. */
  function lives(p: Probed, now: number, proven: boolean, rttOfIt: number): void {
    if (silent(p, now)) {
      place(p, now);
      wakeBy(p.nextSendMs, now);
    }
    p.heardMs = now;
    const awaited = p.polledFrom === Infinity ? p.suspected : proven;
    p.suspected = false;
    p.resumed = false;
    // Answers that come all at once were held up together: they count as one.
    if (p.row === 0 || now - p.rowMs >= everyMs(p) / 2) {
      p.row++;
      p.rowMs = now;
    }
    const excused = now < p.excusedUntilMs && p.judge.health === 'up';
    tell(p, p.judge.answered(excused ? NaN : rttOfIt, p.row, excused ? 0 : lostOf(p)));
    if (!awaited) return;
    p.polledFrom = Infinity;
    if (p.judge.health !== 'down') listener.onAnswer?.(p.session.id);
  }

  function lostOf(p: Probed): number {
    return p.following ? p.report.lost : p.record.losses.lost;
  }

  function read(layout: PacketLayout, packet: Buffer): void {
    fields.sequence = packet.readUInt32BE(layout.senderSequence);
    fields.reflectorSequence = packet.readUInt32BE(layout.sequence);
    fields.echoed.seconds = packet.readUInt32BE(layout.senderTimestamp);
    fields.echoed.fraction = packet.readUInt32BE(layout.senderTimestamp + 4);
    fields.received.seconds = packet.readUInt32BE(layout.receiveTimestamp);
    fields.received.fraction = packet.readUInt32BE(layout.receiveTimestamp + 4);
    fields.sent.seconds = packet.readUInt32BE(layout.timestamp);
    fields.sent.fraction = packet.readUInt32BE(layout.timestamp + 4);
    fields.error = packet.readUInt16BE(layout.error);
  }

  /** Gives every session its interval and its place on the slots' grid. */
  function repace(): void {
    repacing = false;
    if (stopped) return;
    const now = clock.now();
    const wanted = probed.map(({ session, pace, farStretch }) => {
      return { ...session, pace, stretch: Math.max(guard.stretch, farStretch) };
    });
    const intervals = probeIntervals(wanted, settings);
    const before = slot;
    slot = slotMs(wanted);
    const every = intervals.map((ms) => Math.round(ms / slot));
    const phases = sendSlots(every, settings);
    probed.forEach((p, i) => {
      const told = p.targetMs;
      p.targetMs = intervals[i];
      p.phase = phases[i];
      if (p.following && !serves(p, p.report)) unfollow(p);
      const same = p.intervalMs === p.targetMs;
      const anew = p.targetMs !== told;
      // Whoever follows us has to hear of a longer interval before it may take it for silence.
      if (p.session.mirror && !p.following && p.targetMs > p.intervalMs) {
        if (anew || p.lingering === 0) p.lingering = p.session.timing.multiplier;
      } else if (!same || slot !== before) place(p, now);
      else p.lingering = 0;
    });
    arm(
      probed.reduce((least, p) => Math.min(least, nextMs(p)), Infinity),
      now,
    );
  }

  /** Puts the interval in force that a session is to have, in its slot. */
  function place(p: Probed, now: number): void {
    p.lingering = 0;
    p.intervalMs = p.targetMs;
    const every = Math.round(p.intervalMs / slot);
    const passed = Math.ceil((now - startMs) / slot);
    const wait = (((p.phase - passed) % every) + every) % every;
    p.nextSendMs = startMs + slot * (passed + wait);
  }

  /** One that was not used lately: reflectors remember the sequence of the session that had it. */
  function freeSsid(): number {
    do ssid = (ssid % mostSsid) + 1;
    while (bySsid.has(ssid));
    return ssid;
  }

  function setSessions(sessions: readonly ProbeSession[], peers: readonly ProbePeer[]): void {
    const gateways = new Set(peers.map((peer) => peer.gateway));
    const lost = sessions.find((session) => !gateways.has(session.peer));
    if (lost) throw new RangeError(`no peer '${lost.peer}' for session '${lost.id}'`);
    const hmacs = new Map(
      peers.map(({ gateway, answering, others = [] }) => [
        gateway,
        answering && {
          sign: packetHmac(answering.probe, authenticatedLayout.hmac),
          verify: [answering, ...others.map((other) => other.answering)].map(({ answer }) =>
            packetHmac(answer, authenticatedLayout.hmac),
          ),
        },
      ]),
    );
    const now = clock.now();
    const kept = byId;
    byId = new Map();
    bySsid = new Map(
      [...bySsid].filter(([, p]) => {
        const next = sessions.find((s) => s.id === p.session.id);
        return (
          next !== undefined && next.destination === p.session.destination && next.peer === p.session.peer
        );
      }),
    );
    for (const session of sessions) {
      const keys = hmacs.get(session.peer) ?? null;
      const layout = keys ? authenticatedLayout : openLayout;
      const old = kept.get(session.id);
      const same = old !== undefined && bySsid.get(old.ssid) === old;
      const p: Probed = same
        ? old
        : {
            session,
            pace: session.pace,
            ssid: freeSsid(),
            record: new SessionRecord(),
            judge: new HealthJudge(session.plannedRttMs, settings.health),
            layout,
            sign: null,
            verify: [],
            packet: Buffer.alloc(0),
            intervalMs: Infinity,
            nextSendMs: Infinity,
            targetMs: Infinity,
            phase: 0,
            lingering: 0,
            following: false,
            report: emptyReport(),
            reportedMs: -Infinity,
            quickMs: -Infinity,
            stale: 0,
            farStretch: 1,
            heardMs: now,
            resumed: false,
            suspected: false,
            polledFrom: Infinity,
            extra: -1,
            released: false,
            excusedUntilMs: -Infinity,
            row: 0,
            rowMs: 0,
          };
      if (p.session.mirror?.source !== session.mirror?.source) {
        if (p.following) unfollow(p);
        p.farStretch = 1;
      }
      p.session = session;
      p.judge.replan(session.plannedRttMs);
      const bytes = layout.bytes + (keys && session.mirror ? extensionBytes : 0);
      if (p.packet.length !== bytes || p.layout !== layout) p.packet = Buffer.alloc(bytes);
      p.layout = layout;
      p.sign = keys?.sign ?? null;
      p.verify = keys?.verify ?? [];
      byId.set(session.id, p);
      bySsid.set(p.ssid, p);
    }
    probed = [...byId.values()];
    byMirror = new Map(
      probed.flatMap((p) => (p.packet.length > p.layout.bytes ? [[p.session.mirror!.source, p]] : [])),
    );
    repace();
  }

  function known(id: string): Probed {
    const p = byId.get(id);
    if (!p) throw new RangeError(`no session '${id}'`);
    return p;
  }

  function setPace(id: string, pace: Pace): void {
    const p = known(id);
    if (p.pace === pace) return;
    if (p.pace === 'standby') poll(id);
    if (pace === 'standby') p.polledFrom = Infinity;
    p.pace = pace;
    repaceSoon();
  }

  function poll(id: string): void {
    const p = known(id);
    // One that is waited for stays good: each poll would put the answer off by a round trip.
    if (p.polledFrom !== Infinity) return;
    p.polledFrom = p.record.sent;
    if (asked.push(p) === 1) clock.afterPoll(ask);
  }

  /** Nothing that answered before says that it lives now. */
  function condemn(id: string, cause: string): void {
    const p = byId.get(id);
    if (!p || isAway(p.judge.health)) return;
    if (p.following) unfollow(p);
    p.record.markOutage();
    p.row = 0;
    tell(p, p.judge.condemned(cause));
  }

  /** Out of turn: whoever polls waits to move traffic, and a turn may be an interval away. */
  function ask(): void {
    for (const p of asked.splice(0)) {
      if (stopped || byId.get(p.session.id) !== p || p.polledFrom !== p.record.sent) continue;
      p.extra = p.record.sent;
      send(p);
    }
  }

  function repaceSoon(): void {
    if (repacing) return;
    repacing = true;
    clock.afterPoll(repace);
  }

  function statistics(id: string): SessionStatistics | undefined {
    const p = byId.get(id);
    if (!p) return undefined;
    const { sent, received, late, lostForward, lostBackward, rtt, losses, oneWay } = p.record;
    const lossRatio = p.following ? p.report.lost / lossWindowProbes : losses.ratio;
    return {
      sent,
      received,
      late,
      lostForward,
      lostBackward,
      lossRatio: p.judge.health === 'down' ? 1 : lossRatio,
      rtt,
      smoothedRtt: p.record.smoothedRttMs / 1000,
      jitterForward: p.record.jitterForwardMs / 1000,
      jitterBackward: p.record.jitterBackwardMs / 1000,
      oneWay,
      intervalMs: everyMs(p),
      detectionMs: p.session.timing.multiplier * everyMs(p) + slackMs(p),
    };
  }

  return {
    setSessions,
    setPace,
    poll,
    condemn,
    receive,
    noteRead: () => void readThisTurn++,
    hear,
    find: (id) => byId.get(id),
    statistics,
    announceRestart,
    get sent() {
      return sent;
    },
    get stretch() {
      return guard.stretch;
    },
    get probed() {
      return probed;
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}

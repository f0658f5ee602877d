import { HealthJudge, type Verdict } from './judge-health';
import { probeIntervals, sendSlots, slotMs } from './intervals';
import { errorEstimate, setNtpTime, type NtpTime } from './ntp-time';
import { packetHmac, type PacketHmac } from './packet-hmac';
import type { ProbeClock, Receive } from './port';
import type { ProbeListener } from './prober';
import type { Refusals } from './refusals';
import type { Pace, ProbePeer, ProbeSession } from './session';
import { SessionRecord, type AnswerFields } from './session-record';
import type { ProbeSettings } from './settings';
import type { SessionStatistics } from './statistics';
import { authenticatedLayout, openLayout, writeProbe, type PacketLayout } from './stamp-packet';

/** A wake-up later than this means that we were not listening. */
const stallMs = 5;
/** Packets that libuv reads from a socket in one turn; as many say that more may wait. */
const packetsPerTurn = 32;
/** Turns at most in which a decision waits for the socket to run dry. */
const mostTurns = 16;
/** Early by less than this is on time: timers count whole ms. */
const earlyMs = 1;
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
  /** Signs our probes, verifies the answers; null: unauthenticated. */
  sign: PacketHmac | null;
  verify: PacketHmac | null;
  packet: Buffer;
  intervalMs: number;
  nextSendMs: number;
  /** When an answer came last, on the listening clock, ms; when one is due while none came yet. */
  heardMs: number;
  suspected: boolean;
  /** Number of the first probe sent since the pace was set to `active`; Infinity: its answer was told. */
  raisedFrom: number;
  /** Answers in a row, half an interval or more apart, and when the last of them came. */
  row: number;
  rowMs: number;
}

export interface Sender {
  setSessions(sessions: readonly ProbeSession[], peers: readonly ProbePeer[]): void;
  setPace(id: string, pace: Pace): void;
  readonly receive: Receive;
  find(id: string): Probed | undefined;
  statistics(id: string): SessionStatistics | undefined;
  readonly probed: readonly Probed[];
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
 * A session is down when no answer came for `multiplier` intervals and some slack for jitter, by the
 * listening clock: that stands still while this process was not running, for then neither probes went out
 * nor answers were read. Decisions wait until the socket has been read dry, since timers run before it in
 * each turn of the event loop.
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
  let probed: Probed[] = [];
  let byId = new Map<string, Probed>();
  let bySsid = new Map<number, Probed>();
  let ssid = options.firstSsid;
  let slot = slotMs([]);
  let stopped = false;
  /** Time in which we were not listening, ms. */
  let stalledMs = 0;
  let dueMs = startMs;
  let cancel: (() => void) | undefined;
  /** Answers read now may have waited for us. */
  let delayed = false;
  let checking = false;
  let turns = 0;
  let readThisTurn = 0;
  let repacing = false;

  const slackMs = (p: Probed) =>
    Math.max(leastSlackMs, Math.min(4 * p.record.rttVariationMs, p.intervalMs / 2));

  /** Silence that means down, ms: RFC 5880 section 6.8.4, and slack, for the last answer may be slower. */
  const detectionMs = (p: Probed) => {
    const detection = p.session.timing.multiplier * p.intervalMs + slackMs(p);
    if (p.judge.health !== undefined) return detection;
    return Math.max(settings.health.startMs, p.session.plannedRttMs + detection);
  };

  function tell(p: Probed, verdict: Verdict): void {
    if (verdict) listener.onHealth(p.session.id, verdict.health, verdict.cause);
  }

  function send(p: Probed): void {
    const now = clock.now();
    setNtpTime(time, clock.unixMs(now));
    writeProbe(p.layout, p.packet, p.record.sent >>> 0, time, error, p.ssid);
    p.record.send(now, time);
    p.sign?.sign(p.packet, p.layout.hmac);
    transmit(p.packet, p.session.destination);
  }

  function tick(): void {
    const now = clock.now();
    if (now - dueMs > stallMs) {
      stalledMs += now - dueMs;
      delayed = true;
    }
    readThisTurn = 0;
    let wakeMs = Infinity;
    let doubt = delayed;
    for (const p of probed) {
      if (p.nextSendMs <= now + earlyMs) {
        send(p);
        // Slots that passed while we were not running are not made up for.
        const missed = Math.max(0, Math.ceil((now + earlyMs - p.nextSendMs) / p.intervalMs) - 1);
        p.nextSendMs += p.intervalMs * (missed + 1);
      }
      wakeMs = Math.min(wakeMs, p.nextSendMs);
      if (p.judge.health === 'down') continue;
      const silentMs = now - stalledMs - p.heardMs;
      const leftMs = detectionMs(p) - silentMs;
      if (leftMs <= 0) doubt = true;
      else wakeMs = Math.min(wakeMs, now + leftMs);
      if (!p.suspected && silentMs > p.intervalMs + slackMs(p)) doubt = true;
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
    const listening = clock.now() - stalledMs;
    for (const p of probed) {
      if (p.judge.health === 'down') continue;
      const silentMs = listening - p.heardMs;
      if (!p.suspected && silentMs > p.intervalMs + slackMs(p)) {
        p.suspected = true;
        if (p.judge.health !== undefined) listener.onSuspect?.(p.session.id);
      }
      if (silentMs < detectionMs(p)) continue;
      p.record.markOutage();
      tell(p, p.judge.silent(silentMs));
    }
  }

  function receive(packet: Buffer, address: string): void {
    const now = clock.now();
    readThisTurn++;
    const layout = packet.length === authenticatedLayout.bytes ? authenticatedLayout : openLayout;
    if (packet.length !== layout.bytes) return void refusals.malformed++;
    const p = bySsid.get(packet.readUInt16BE(layout.ssid));
    if (!p || p.layout !== layout || p.session.destination !== address) return void refusals.foreign++;
    read(layout, packet);
    const probe = p.record.probeOf(fields);
    if (probe === -1) return void refusals.replayed++;
    if (p.verify && !p.verify.verifies(packet, layout.hmac)) return void refusals.forged++;
    setNtpTime(back, clock.unixMs(now));
    const rttMs = p.record.answer(probe, fields, now, back, error, !delayed);
    // Never back: after a change of pace the next answer is awaited later than now.
    p.heardMs = Math.max(p.heardMs, now - stalledMs);
    p.suspected = false;
    if (p.record.streak === 1) p.row = 0;
    // Answers that come all at once were held up together: they count as one.
    if (p.row === 0 || now - p.rowMs >= p.intervalMs / 2) {
      p.row++;
      p.rowMs = now;
    }
    tell(p, p.judge.answered(rttMs, p.row, p.record.losses));
    if (probe < p.raisedFrom) return;
    p.raisedFrom = Infinity;
    if (p.judge.health !== 'down') listener.onAnswer?.(p.session.id);
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
    const wanted = probed.map((p) => ({ ...p.session, pace: p.pace }));
    const intervals = probeIntervals(wanted, settings);
    const before = slot;
    slot = slotMs(wanted);
    const every = intervals.map((ms) => Math.round(ms / slot));
    const phases = sendSlots(every, settings);
    const passed = Math.ceil((now - startMs) / slot);
    probed.forEach((p, i) => {
      if (p.intervalMs === intervals[i] && slot === before) return;
      const faster = intervals[i] < p.intervalMs;
      p.intervalMs = intervals[i];
      const wait = (((phases[i] - passed) % every[i]) + every[i]) % every[i];
      p.nextSendMs = startMs + slot * (passed + wait);
      // The first answer at the new pace comes a round trip from now, not before.
      const rttMs = Number.isNaN(p.record.smoothedRttMs) ? p.session.plannedRttMs : p.record.smoothedRttMs;
      const expectedMs = p.nextSendMs - stalledMs + rttMs - p.intervalMs;
      if (faster) p.heardMs = Math.max(p.heardMs, expectedMs);
    });
    arm(
      probed.reduce((least, p) => Math.min(least, p.nextSendMs), Infinity),
      now,
    );
  }

  /** One that was not used lately: reflectors remember the sequence of the session that had it. */
  function freeSsid(): number {
    do ssid = (ssid % mostSsid) + 1;
    while (bySsid.has(ssid));
    return ssid;
  }

  function setSessions(sessions: readonly ProbeSession[], peers: readonly ProbePeer[]): void {
    const known = new Set(peers.map((peer) => peer.gateway));
    const lost = sessions.find((session) => !known.has(session.peer));
    if (lost) throw new RangeError(`no peer '${lost.peer}' for session '${lost.id}'`);
    const hmacs = new Map(
      peers.map(({ gateway, answering }) => [
        gateway,
        answering && {
          sign: packetHmac(answering.probe, authenticatedLayout.hmac),
          verify: packetHmac(answering.answer, authenticatedLayout.hmac),
        },
      ]),
    );
    const listening = clock.now() - stalledMs;
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
            verify: null,
            packet: Buffer.alloc(layout.bytes),
            intervalMs: Infinity,
            nextSendMs: Infinity,
            heardMs: listening,
            suspected: false,
            raisedFrom: Infinity,
            row: 0,
            rowMs: 0,
          };
      p.session = session;
      p.judge.replan(session.plannedRttMs);
      if (p.layout !== layout) p.packet = Buffer.alloc(layout.bytes);
      p.layout = layout;
      p.sign = keys?.sign ?? null;
      p.verify = keys?.verify ?? null;
      byId.set(session.id, p);
      bySsid.set(p.ssid, p);
    }
    probed = [...byId.values()];
    repace();
  }

  function setPace(id: string, pace: Pace): void {
    const p = byId.get(id);
    if (!p) throw new RangeError(`no session '${id}'`);
    if (p.pace === pace) return;
    p.pace = pace;
    p.raisedFrom = pace === 'active' ? p.record.sent : Infinity;
    if (repacing) return;
    repacing = true;
    clock.afterPoll(repace);
  }

  function statistics(id: string): SessionStatistics | undefined {
    const p = byId.get(id);
    if (!p) return undefined;
    const { sent, received, late, lostForward, lostBackward, rtt, losses, oneWay } = p.record;
    return {
      sent,
      received,
      late,
      lostForward,
      lostBackward,
      lossRatio: p.judge.health === 'down' ? 1 : losses.ratio,
      rtt,
      smoothedRtt: p.record.smoothedRttMs / 1000,
      jitterForward: p.record.jitterForwardMs / 1000,
      jitterBackward: p.record.jitterBackwardMs / 1000,
      oneWay,
      intervalMs: p.intervalMs,
      detectionMs: detectionMs(p),
    };
  }

  return {
    setSessions,
    setPace,
    receive,
    find: (id) => byId.get(id),
    statistics,
    get probed() {
      return probed;
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}

import { errorEstimate, setNtpTime, type NtpTime } from '../ntp-time';
import type { ProbeClock } from '../port';
import type { Refusals } from '../refusals';
import type { ProbePeer } from '../session';
import { authenticatedLayout, writeProbe } from '../stamp-packet';
import { paceTargets } from './pace-targets';
import {
  answerBytes,
  leastTrafficBytes,
  sealProbe,
  trafficHeaders,
  trafficKeys,
  type TrafficKeys,
} from './traffic-packet';
import { addressOctets } from './traffic-reflector';
import type { FlowCarriage, PathCarriage, TrafficSettings, TrafficTarget } from './traffic-target';
import { carriageOf, smallBytes, TriedTarget, wellCarried, type Part, type Round } from './tried-target';

/** An answer is waited for a round trip and half, and this, ms. */
const leastWaitMs = 150;
const error = errorEstimate(null);

/** How many probes of a target were sent and arrived, and what is known of it. */
export interface TrafficFigures {
  readonly target: TrafficTarget;
  readonly sent: number;
  readonly arrived: number;
  readonly lost: boolean;
  readonly carriesBytes: number | null;
}

export interface TrafficListener {
  /** How traffic fares on a path has changed. */
  onPath(path: string, carriage: PathCarriage): void;
  onFlow(carriage: FlowCarriage): void;
}

export interface TrafficSenderOptions {
  readonly settings: TrafficSettings;
  readonly listener: TrafficListener;
  readonly clock: ProbeClock;
  /** Sends as traffic of a class is sent. */
  readonly inject: (packet: Uint8Array, family: 4 | 6, rank: number, address: string) => void;
  /** Sends by the control probes' way. */
  readonly transmit: (packet: Uint8Array, address: string) => void;
  readonly refusals: Refusals;
  readonly firstSequence: number;
}

/** A packet that is on its way. */
interface Pending {
  readonly round: Round;
  readonly gateway: string;
  readonly sentMs: number;
}

/**
 * Sends rounds of packets that belong together and compares which of them arrive. A round has a small packet
 * that takes the traffic's path, and one as long as the plan allows, where size is in question. While the
 * small one is in doubt, another takes the control probes' path to the same end. Traffic is dead where that
 * one arrives and the small one does not. Long packets vanish where the small one arrives and the long one
 * does not. Rounds in which nothing arrives say nothing: the control probes find that, and sooner.
 */
export class TrafficSender {
  readonly #options: TrafficSenderOptions;
  #tried: TriedTarget[] = [];
  #keys = new Map<string, TrafficKeys>();
  #peers: readonly ProbePeer[] = [];
  readonly #pending = new Map<number, Pending>();
  #rounds: Round[] = [];
  #sequence: number;
  readonly #time: NtpTime = { seconds: 0, fraction: 0 };
  readonly #toldPaths = new Map<string, string>();
  readonly #toldFlows = new Map<string, boolean>();
  #cancel: (() => void) | undefined;
  #dueMs = Infinity;
  #stopped = false;

  constructor(options: TrafficSenderOptions) {
    this.#options = options;
    this.#sequence = options.firstSequence >>> 0;
  }

  /** Replaces what is tried. What stays keeps what is known of it. */
  setTargets(targets: readonly TrafficTarget[], peers: readonly ProbePeer[]): void {
    const { clock, settings } = this.#options;
    const now = clock.now();
    if (peers !== this.#peers) this.#keys = keysOf(peers);
    this.#peers = peers;
    const before = new Map(this.#tried.map((t) => [nameOf(t.target), t]));
    this.#tried = targets.map((target, i) => {
      const old = before.get(nameOf(target));
      // Not all at once.
      if (!old) return new TriedTarget(target, settings, now, now + ((i * 37) % settings.usedMs));
      old.replan(target, now);
      return old;
    });
    paceTargets(this.#tried, settings);
    const paths = new Set(targets.map(({ of }) => of));
    for (const path of [...this.#toldPaths.keys()]) if (!paths.has(path)) this.#toldPaths.delete(path);
    this.#arm();
  }

  /** Takes an answer. */
  receive(packet: Buffer): void {
    const { clock, refusals } = this.#options;
    if (packet.length !== answerBytes) return void refusals.malformed++;
    const number = packet.readUInt32BE(authenticatedLayout.senderSequence);
    const sent = this.#pending.get(number);
    if (!sent) return void refusals.replayed++;
    if (!this.#keys.get(sent.gateway)?.answer.verifies(packet, authenticatedLayout.hmac)) {
      return void refusals.forged++;
    }
    this.#pending.delete(number);
    const { parts, arrived, target: t } = sent.round;
    arrived.add(parts.get(number)!);
    t.rttMs += (clock.now() - sent.sentMs - t.rttMs) / 8;
  }

  figures(): readonly TrafficFigures[] {
    return this.#tried.map(({ target, sent, answered, small, whole, search }) => ({
      target,
      sent,
      arrived: answered,
      lost: small.lost,
      carriesBytes: whole.lost && search?.done ? search.carries : null,
    }));
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #tick(): void {
    if (this.#stopped) return;
    this.#dueMs = Infinity;
    const { clock, settings } = this.#options;
    const now = clock.now();
    // In their order of being due, which is almost that of being sent.
    const over = this.#rounds.filter((round) => round.dueMs <= now);
    this.#rounds = this.#rounds.filter((round) => round.dueMs > now);
    // Answers that wait in the sockets are read first.
    if (over.length > 0) {
      clock.afterPoll(() => {
        if (this.#stopped) return;
        for (const round of over) this.#end(round, clock.now());
        this.#arm();
      });
    }
    for (const t of this.#tried) {
      if (t.nextMs > now) continue;
      this.#begin(t, now);
      t.nextMs = now + (t.doubt > 0 ? settings.doubtMs : t.paceMs(settings));
    }
    this.#arm();
  }

  #begin(t: TriedTarget, now: number): void {
    const { target } = t;
    const waitMs = leastWaitMs + 1.5 * t.rttMs;
    const doubtful = t.doubt > 0 || t.small.inDoubt || t.small.lost;
    const rungs = t.search && !t.search.done && !t.small.lost ? t.search.rungs() : [];
    const round: Round = { target: t, dueMs: now + waitMs, parts: new Map(), arrived: new Set(), rungs };
    for (const end of target.ends) {
      if (!this.#keys.has(end.gateway)) continue;
      this.#send(round, end, smallBytes, 'small');
      if (doubtful) this.#send(round, end, smallBytes, 'twin');
      if (target.mtu !== null && !t.small.lost) {
        // What decides first: the last of many is the likeliest to be lost.
        for (const size of new Set([target.mtu, ...rungs])) this.#send(round, end, size, size);
      }
    }
    if (round.parts.size === 0) return;
    t.sent++;
    this.#rounds.push(round);
    if (t.doubt > 0) t.doubt--;
  }

  #send(round: Round, end: TrafficTarget['ends'][number], bytes: number, part: Part): void {
    const { clock, inject, transmit } = this.#options;
    const { family, rank, destination } = round.target.target;
    const packet = Buffer.alloc(Math.max(leastTrafficBytes, bytes - trafficHeaders[family]));
    const now = clock.now();
    setNtpTime(this.#time, clock.unixMs(now));
    this.#sequence = (this.#sequence + 1) >>> 0;
    writeProbe(authenticatedLayout, packet, this.#sequence, this.#time, error, 0);
    sealProbe(packet, addressOctets(end.answerTo), this.#keys.get(end.gateway)!);
    round.parts.set(this.#sequence, part);
    this.#pending.set(this.#sequence, { round, gateway: end.gateway, sentMs: now });
    if (part === 'twin') transmit(packet, end.control);
    else inject(packet, family, rank, destination);
  }

  #end(round: Round, now: number): void {
    const { target: t, parts } = round;
    for (const number of parts.keys()) this.#pending.delete(number);
    if (!this.#tried.includes(t)) return;
    t.take(round, this.#options.settings, now);
    if (t.target.kind === 'flow') this.#tellFlow(t.target);
    else this.#tellPath(t.target.of);
  }

  #tellFlow({ of, family, rank }: TrafficTarget): void {
    const one = this.#tried.find(
      ({ target }) => target.kind === 'flow' && target.of === of && target.family === family,
    );
    const arrives = !one?.small.lost;
    const id = `${of} ${family} ${rank}`;
    if ((this.#toldFlows.get(id) ?? true) === arrives) return;
    this.#toldFlows.set(id, arrives);
    this.#options.listener.onFlow({ flow: of, family, arrives });
  }

  #tellPath(path: string): void {
    const verdict = carriageOf(
      this.#tried.filter(({ target }) => target.kind === 'path' && target.of === path),
    );
    if (verdict === undefined) return;
    const text = JSON.stringify(verdict);
    if ((this.#toldPaths.get(path) ?? JSON.stringify(wellCarried)) === text) return;
    this.#toldPaths.set(path, text);
    this.#options.listener.onPath(path, verdict);
  }

  #arm(): void {
    if (this.#stopped) return;
    const { clock } = this.#options;
    const next = Math.min(
      this.#tried.reduce((least, t) => Math.min(least, t.nextMs), Infinity),
      this.#rounds.reduce((least, round) => Math.min(least, round.dueMs), Infinity),
    );
    if (next === this.#dueMs) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#dueMs = next;
    if (next === Infinity) return;
    this.#cancel = clock.after(Math.max(1, Math.ceil(next - clock.now())), () => this.#tick());
  }
}

/** What a target is known by from one plan to the next. */
function nameOf({ kind, of, family, rank, destination }: TrafficTarget): string {
  return `${kind} ${of} ${family} ${rank} ${destination}`;
}

function keysOf(peers: readonly ProbePeer[]): Map<string, TrafficKeys> {
  return new Map(
    peers.flatMap(({ gateway, answering }) =>
      answering ? [[gateway, trafficKeys(answering)] as const] : [],
    ),
  );
}

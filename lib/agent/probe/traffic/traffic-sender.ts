import { errorEstimate, setNtpTime, type NtpTime } from '../ntp-time';
import type { ProbeClock } from '../port';
import type { Refusals } from '../refusals';
import type { ProbePeer } from '../session';
import { authenticatedLayout, writeProbe } from '../stamp-packet';
import { Carriage } from './carriage';
import { SizeSearch } from './size-search';
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

/** Bytes of a small probe, with IP's header. */
const smallBytes = 204;
/** An answer is waited for a round trip and half, and this, ms. */
const leastWaitMs = 150;
/** Rounds in doubt at the quick pace, when not even the reference is answered. */
const mostDoubtRounds = 10;
const firstDoubtRounds = 3;
/** A size that a search has found is searched anew after so long, ms. */
const searchAgainMs = 30_000;

/** What one packet of a round is. */
type Part = 'small' | 'twin' | number;

interface Round {
  readonly target: Tried;
  readonly dueMs: number;
  readonly parts: Map<number, Part>;
  readonly arrived: Set<Part>;
  readonly rungs: readonly number[];
}

/** A target while it is tried. */
interface Tried {
  target: TrafficTarget;
  readonly small: Carriage;
  readonly whole: Carriage;
  search: SizeSearch | null;
  searchedMs: number;
  /** Anything of it ever arrived. */
  lived: boolean;
  rttMs: number;
  intervalMs: number;
  nextMs: number;
  /** Rounds left at the quick pace. */
  doubt: number;
  open: number;
  sent: number;
  answered: number;
}

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

export interface TrafficSender {
  setTargets(targets: readonly TrafficTarget[], peers: readonly ProbePeer[]): void;
  receive(packet: Buffer): void;
  figures(): readonly TrafficFigures[];
  stop(): void;
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

/**
 * Sends rounds of packets that belong together and compares which of them arrive: a small one that goes the
 * traffic's way; one as long as the plan allows, where size is in question; and, while the small one is in
 * doubt, one by the control probes' way to the same end. Traffic is dead where the last arrives and the first
 * does not; long packets vanish where the small one arrives and the long one does not. Rounds in which
 * nothing arrives say nothing: the control probes find that, and sooner.
 */
export function startTrafficSender(options: TrafficSenderOptions): TrafficSender {
  const { settings, listener, clock, inject, transmit, refusals } = options;
  const error = errorEstimate(null);
  const time: NtpTime = { seconds: 0, fraction: 0 };
  let tried: Tried[] = [];
  let keys = new Map<string, TrafficKeys>();
  let known: readonly ProbePeer[] = [];
  const pending = new Map<number, { readonly round: Round; readonly gateway: string; sentMs: number }>();
  let rounds: Round[] = [];
  let sequence = options.firstSequence >>> 0;
  const toldPaths = new Map<string, string>();
  const toldFlows = new Map<string, boolean>();
  let cancel: (() => void) | undefined;
  let dueMs = Infinity;
  let stopped = false;

  const keyOf = ({ kind, of, family, rank, destination }: TrafficTarget) =>
    `${kind} ${of} ${family} ${rank} ${destination}`;

  function packetOf(t: Tried, bytes: number, answerTo: string, gateway: string, round: Round, part: Part) {
    const signed = keys.get(gateway)!;
    const packet = Buffer.alloc(Math.max(leastTrafficBytes, bytes - trafficHeaders[t.target.family]));
    const now = clock.now();
    setNtpTime(time, clock.unixMs(now));
    sequence = (sequence + 1) >>> 0;
    writeProbe(authenticatedLayout, packet, sequence, time, error, 0);
    sealProbe(packet, addressOctets(answerTo), signed);
    round.parts.set(sequence, part);
    pending.set(sequence, { round, gateway, sentMs: now });
    return packet;
  }

  function begin(t: Tried, now: number): void {
    const { target } = t;
    const waitMs = leastWaitMs + 1.5 * t.rttMs;
    const doubtful = t.doubt > 0 || t.small.inDoubt || t.small.lost;
    const rungs = t.search && !t.search.done && !t.small.lost ? t.search.rungs() : [];
    const round: Round = { target: t, dueMs: now + waitMs, parts: new Map(), arrived: new Set(), rungs };
    for (const { gateway, answerTo, control } of target.ends) {
      if (!keys.has(gateway)) continue;
      const send = (bytes: number, part: Part) => {
        const packet = packetOf(t, bytes, answerTo, gateway, round, part);
        if (part === 'twin') transmit(packet, control);
        else inject(packet, target.family, target.rank, target.destination);
      };
      send(smallBytes, 'small');
      if (doubtful) send(smallBytes, 'twin');
      if (target.mtu !== null && !t.small.lost) {
        // What decides first: the last of many is the likeliest to be lost.
        for (const size of new Set([target.mtu, ...rungs])) send(size, size);
      }
    }
    if (round.parts.size === 0) return;
    t.sent++;
    t.open++;
    rounds.push(round);
    if (t.doubt > 0) t.doubt--;
  }

  function end(round: Round, now: number): void {
    const { target: t, arrived, rungs } = round;
    const { mtu } = t.target;
    t.open--;
    for (const number of round.parts.keys()) pending.delete(number);
    if (!tried.includes(t)) return;
    const small = arrived.has('small') || [...arrived].some((part) => typeof part === 'number');
    if (small) {
      t.lived = true;
      t.answered++;
      t.small.arrived(now);
    } else if (arrived.has('twin')) t.small.missed(now);
    else if (!round.arrived.has('twin') && t.doubt === 0 && ![...round.parts.values()].includes('twin')) {
      // The first that is missing: ask both for a moment.
      t.doubt = firstDoubtRounds;
    }
    if (mtu !== null && small && [...round.parts.values()].includes(mtu)) {
      if (arrived.has(mtu)) t.whole.arrived(now);
      else t.whole.missed(now);
      const sizes = new Set([...arrived].filter((part) => typeof part === 'number'));
      if (t.search && rungs.length > 0) t.search.take(rungs, sizes);
      if (!t.whole.lost && !t.whole.inDoubt) t.search = null;
      else if (t.search === null || (t.search.done && now - t.searchedMs > searchAgainMs)) {
        t.search = new SizeSearch(smallBytes, mtu);
        t.searchedMs = now;
      }
    }
    const settled = !t.small.inDoubt && !t.whole.inDoubt && (t.search?.done ?? true);
    if (settled && (small || t.small.lost)) t.doubt = 0;
    else if (!settled && t.doubt === 0) t.doubt = mostDoubtRounds;
    if (t.doubt > 0) t.nextMs = Math.min(t.nextMs, now + settings.doubtMs);
    tell(t.target);
  }

  function tell({ kind, of, family, rank }: TrafficTarget): void {
    if (kind === 'flow') {
      const one = tried.find(
        ({ target }) => target.kind === kind && target.of === of && target.family === family,
      );
      const arrives = !one?.small.lost;
      const id = `${of} ${family} ${rank}`;
      if ((toldFlows.get(id) ?? true) === arrives) return;
      toldFlows.set(id, arrives);
      return listener.onFlow({ flow: of, family, arrives });
    }
    const all = tried.filter(({ target }) => target.kind === 'path' && target.of === of);
    const verdict = carriageOf(all);
    if (verdict === undefined) return;
    const text = JSON.stringify(verdict);
    if ((toldPaths.get(of) ?? JSON.stringify(wellCarried)) === text) return;
    toldPaths.set(of, text);
    listener.onPath(of, verdict);
  }

  function receive(packet: Buffer): void {
    if (packet.length !== answerBytes) return void refusals.malformed++;
    const number = packet.readUInt32BE(authenticatedLayout.senderSequence);
    const sent = pending.get(number);
    if (!sent) return void refusals.replayed++;
    if (!keys.get(sent.gateway)?.answer.verifies(packet, authenticatedLayout.hmac)) {
      return void refusals.forged++;
    }
    pending.delete(number);
    const part = sent.round.parts.get(number)!;
    sent.round.arrived.add(part);
    const t = sent.round.target;
    t.rttMs += (clock.now() - sent.sentMs - t.rttMs) / 8;
  }

  function tick(): void {
    if (stopped) return;
    dueMs = Infinity;
    const now = clock.now();
    // In their order of being due, which is almost that of being sent.
    const over = rounds.filter((round) => round.dueMs <= now);
    rounds = rounds.filter((round) => round.dueMs > now);
    // Answers that wait in the sockets are read first.
    if (over.length > 0) {
      clock.afterPoll(() => {
        if (stopped) return;
        for (const round of over) end(round, clock.now());
        arm();
      });
    }
    for (const t of tried) {
      if (t.nextMs > now) continue;
      begin(t, now);
      t.nextMs = now + (t.doubt > 0 ? settings.doubtMs : paceOf(t));
    }
    arm();
  }

  const paceOf = (t: Tried) =>
    t.small.lost || t.whole.lost ? Math.min(t.intervalMs, 2 * settings.usedMs) : t.intervalMs;

  function arm(): void {
    if (stopped) return;
    const now = clock.now();
    const next = Math.min(
      tried.reduce((least, t) => Math.min(least, t.nextMs), Infinity),
      rounds.reduce((least, round) => Math.min(least, round.dueMs), Infinity),
    );
    if (next === dueMs) return;
    cancel?.();
    cancel = undefined;
    dueMs = next;
    if (next < Infinity) cancel = clock.after(Math.max(1, Math.ceil(next - now)), tick);
  }

  /** Rounds as often as wanted, and as the budgets of tunnels and of this machine allow. */
  function repace(): void {
    const packets = (t: Tried) => t.target.ends.length * (t.target.mtu === null ? 1 : 2);
    const bits = (t: Tried) => 8 * t.target.ends.length * (smallBytes + (t.target.mtu ?? 0));
    const wanted = (t: Tried) => (t.target.used ? settings.usedMs : settings.unusedMs);
    const perMs = new Map<string, number>();
    for (const t of tried) {
      const { tunnel } = t.target;
      if (tunnel) perMs.set(tunnel.id, (perMs.get(tunnel.id) ?? 0) + bits(t) / wanted(t));
    }
    const all = tried.reduce((sum, t) => sum + packets(t) / wanted(t), 0) * 1000;
    for (const t of tried) {
      const { tunnel } = t.target;
      const allowed = (tunnel?.bandwidthMbps ?? Infinity) * 1000 * settings.bandwidthShare;
      const by = Math.max(
        1,
        all / settings.packetsPerSecond,
        tunnel ? perMs.get(tunnel.id)! / Math.max(allowed, 1e-9) : 1,
      );
      t.intervalMs = Math.min(Math.max(wanted(t), settings.longestMs), wanted(t) * by);
    }
  }

  return {
    setTargets(targets, peers) {
      const now = clock.now();
      const before = new Map(tried.map((t) => [keyOf(t.target), t]));
      if (peers !== known)
        keys = new Map(
          peers.flatMap(({ gateway, answering }) =>
            answering ? [[gateway, trafficKeys(answering)] as const] : [],
          ),
        );
      known = peers;
      tried = targets.map((target, i): Tried => {
        const old = before.get(keyOf(target));
        if (old) {
          // What comes into use is tried at once.
          if (target.used && !old.target.used) [old.nextMs, old.doubt] = [now, mostDoubtRounds];
          if (old.target.mtu !== target.mtu) old.search = null;
          old.target = target;
          return old;
        }
        const settled = { search: null, searchedMs: now, lived: false, open: 0, sent: 0, answered: 0 };
        return {
          ...settled,
          target,
          small: new Carriage(settings.carriage),
          whole: new Carriage(settings.carriage),
          rttMs: target.plannedRttMs,
          intervalMs: settings.usedMs,
          // Not all at once.
          nextMs: now + ((i * 37) % settings.usedMs),
          doubt: firstDoubtRounds,
        };
      });
      repace();
      const paths = new Set(targets.map(({ of }) => of));
      for (const path of [...toldPaths.keys()]) if (!paths.has(path)) toldPaths.delete(path);
      arm();
    },
    receive,
    figures: () =>
      tried.map(({ target, sent, answered, small, whole, search }) => ({
        target,
        sent,
        arrived: answered,
        lost: small.lost,
        carriesBytes: whole.lost && search?.done ? search.carries : null,
      })),
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}

const wellCarried: PathCarriage = { health: 'up', cause: 'traffic arrives', carriesBytes: null };

/** Of a path's families; undefined: the size that it carries is still searched. */
function carriageOf(all: readonly Tried[]): PathCarriage | undefined {
  const lost = all.filter((t) => t.small.lost);
  if (lost.length > 0) {
    const whole = lost.length === all.length;
    const what = whole ? 'traffic' : `IPv${lost[0].target.family} traffic`;
    const health = whole && all.some((t) => t.lived) ? 'down' : 'degraded';
    return { health, cause: `${what} vanishes, though control probes are answered`, carriesBytes: null };
  }
  const short = all.filter((t) => t.whole.lost);
  if (short.length === 0) return wellCarried;
  if (short.some((t) => !t.search?.done)) return undefined;
  const carriesBytes = Math.min(...short.map((t) => t.search!.carries));
  return { health: 'degraded', cause: `packets over ${carriesBytes} bytes vanish`, carriesBytes };
}

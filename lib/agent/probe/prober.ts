import { randomInt } from 'node:crypto';
import type { OpenPort, ProbeClock, ProbePort, Receive } from './port';
import { Reflector } from './reflector';
import type { ProbeListener } from './probe-listener';
import { noRefusals, type Refusals } from './refusals';
import { Sender } from './sender';
import { statisticsOf } from './session-statistics';
import type { Health, Pace, ProbePeer, ProbeSession } from './session';
import type { ProbeSettings } from './settings';
import type { SessionStatistics } from './statistics';
import { openUdpPort, systemClock } from './udp-port';

/** Sends the probes of all sessions, answers those of others, and says how sessions fare. */
export interface Prober {
  /**
   * Replaces what is probed and who is answered. A session whose destination and peer stay keeps its records,
   * its health, its pace and its sequence.
   *
   * @throws RangeError if a session's peer is not among the peers; then nothing has changed.
   */
  setSessions(sessions: readonly ProbeSession[], peers: readonly ProbePeer[]): void;
  /** Takes effect within this turn of the event loop. @throws RangeError if there is no such session. */
  setPace(session: string, pace: Pace): void;
  /**
   * Sends a probe at once and has the next answer told that proves the session alive from now on, see
   * `onAnswer`, as a poll sequence of RFC 5880 section 6.5 would.
   *
   * @throws RangeError if there is no such session.
   */
  poll(session: string): void;
  /**
   * Takes a session for down at once, by better evidence than silence: its interface is gone. Answers in a
   * row bring it back, as after any outage. Nothing happens to one that is not known, or not up.
   */
  condemn(session: string, cause: string): void;
  /** Undefined: no such session, or nothing known yet. */
  health(session: string): Health | undefined;
  /** Undefined: no such session. The histogram inside is live, not a copy. */
  statistics(session: string): SessionStatistics | undefined;
  readonly sessions: readonly ProbeSession[];
  readonly reflector: ReflectorStatistics;
  /** How many times longer than asked for intervals are, 1 to 10: more than 1 on an overloaded machine. */
  readonly stretch: number;
  /** Answers that were not taken as such. */
  readonly refusals: Readonly<Refusals>;
  /** Probes sent since it began. */
  readonly sent: number;
  /**
   * Tells all peers that this agent restarts, and that its kernel forwards meanwhile: they take its silence
   * for nothing else for so long. Resolves once the notice is out, three times.
   *
   * @param holdMs 10,000 at most.
   */
  announceRestart(holdMs: number): Promise<void>;
  /** Closes both sockets; nothing is called back after it. */
  close(): Promise<void>;
}

/** What the reflector has done since it began. */
export interface ReflectorStatistics {
  readonly answered: number;
  /** Sessions of others that it remembers; bounded. */
  readonly sessions: number;
  readonly refusals: Readonly<Refusals>;
}

export interface ProberOptions {
  readonly settings: ProbeSettings;
  readonly listener: ProbeListener;
  /** How far this machine's clock may be off UTC, s. Absent or null: not synchronised, no one-way delays. */
  readonly clockErrorSeconds?: number | null;
  /** Absent: the machine's own. */
  readonly clock?: ProbeClock;
  readonly open?: OpenPort;
  /** First session identifier, 1 to 65535; absent: drawn, so that a restart begins new sessions. */
  readonly firstSsid?: number;
}

/** A notice is said so often, so far apart, ms: each may be lost. */
const notices = 3;
const noticeApartMs = 15;

/** Answers a second to one peer at most, in what one gateway sends to all: never a bound in honest use. */
const answersPerProbe = 2;

/**
 * Opens the two sockets, one that sends for all sessions and one that answers.
 *
 * @throws the system's error if a socket cannot be opened, such as EADDRINUSE or EACCES.
 */
export async function startProber(options: ProberOptions): Promise<Prober> {
  const { settings, listener, clockErrorSeconds = null, open = openUdpPort } = options;
  const clock = options.clock ?? systemClock();
  const firstSsid = options.firstSsid ?? randomInt(1, 0x10000);
  const senderRefusals = noRefusals();
  const reflectorRefusals = noRefusals();
  const ports: ProbePort[] = [];
  const sender = new Sender({
    settings,
    listener,
    clock,
    transmit: (packet, address) => ports[1].send(packet, settings.port, address),
    refusals: senderRefusals,
    firstSsid,
    clockErrorSeconds,
  });
  const reflector = new Reflector({
    clock,
    transmit: (packet, address, port) => ports[0].send(packet, port, address),
    refusals: reflectorRefusals,
    stretch: () => sender.stretch,
    onReport: (...told) => sender.hear(...told),
    answersPerSecond: settings.probesPerSecond * answersPerProbe,
    clockErrorSeconds,
  });
  let closed = false;
  const reading =
    (receive: Receive): Receive =>
    (...packet) => {
      if (closed) return;
      sender.noteRead();
      receive(...packet);
    };
  ports.push(
    await open(
      settings.port,
      reading((...probe) => reflector.receive(...probe)),
    ),
  );
  try {
    ports.push(
      await open(
        0,
        reading((packet, address) => sender.receive(packet, address)),
      ),
    );
  } catch (error) {
    await ports[0].close();
    throw error;
  }
  return {
    setSessions(sessions, peers) {
      sender.setSessions(sessions, peers);
      reflector.setPeers(peers);
    },
    setPace: (session, pace) => sender.setPace(session, pace),
    poll: (session) => sender.poll(session),
    condemn: (session, cause) => sender.condemn(session, cause),
    health: (session) => sender.sessions.find(session)?.judge.health,
    statistics(session) {
      const p = sender.sessions.find(session);
      return p && statisticsOf(p);
    },
    get sessions() {
      return sender.sessions.all.map((p) => p.session);
    },
    reflector: {
      get answered() {
        return reflector.answered;
      },
      get sessions() {
        return reflector.sessions;
      },
      refusals: reflectorRefusals,
    },
    refusals: senderRefusals,
    get sent() {
      return sender.sent;
    },
    async announceRestart(holdMs) {
      for (let i = 0; i < notices && !closed; i++) {
        sender.announceRestart(holdMs);
        await new Promise<void>((resolve) => clock.after(noticeApartMs, resolve));
      }
    },
    get stretch() {
      return sender.stretch;
    },
    async close() {
      if (closed) return;
      closed = true;
      sender.stop();
      await Promise.all(ports.map((port) => port.close()));
    },
  };
}

import { randomInt } from 'node:crypto';
import type { ProbeClock, ProbePort } from '../port';
import { noRefusals, type Refusals } from '../refusals';
import type { ProbePeer } from '../session';
import { systemClock } from '../udp-port';
import { isTrafficProbe } from './traffic-packet';
import { openTrafficPort, type OpenTrafficPort } from './traffic-port';
import { startTrafficReflector } from './traffic-reflector';
import { TrafficSender, type TrafficFigures, type TrafficListener } from './traffic-sender';
import { defaultTrafficSettings, type TrafficSettings, type TrafficTarget } from './traffic-target';

/** Finds out whether traffic arrives, by sending probes the way it goes, and answers those of others. */
export interface TrafficProber {
  /**
   * Replaces what is tried, and who is answered.
   *
   * @param from addresses that probes are sent from, and the first of their ports less one.
   */
  setTargets(
    targets: readonly TrafficTarget[],
    peers: readonly ProbePeer[],
    from: { readonly ipv4: string; readonly ipv6: string },
  ): void;
  figures(): readonly TrafficFigures[];
  readonly refusals: Readonly<Refusals>;
  close(): Promise<void>;
}

export interface TrafficProberOptions {
  readonly listener: TrafficListener;
  readonly log: (message: string) => void;
  /** Port of those who answer; probes of the n-th class are sent from the n-th behind it. */
  readonly port: number;
  readonly settings?: TrafficSettings;
  readonly clock?: ProbeClock;
  readonly open?: OpenTrafficPort;
}

/**
 * @throws the system's error where the port cannot be opened.
 */
export async function startTrafficProber(options: TrafficProberOptions): Promise<TrafficProber> {
  const { listener, log, port, settings = defaultTrafficSettings, open = openTrafficPort } = options;
  const clock = options.clock ?? systemClock();
  const refusals = noRefusals();
  const ports: ProbePort[] = [];
  /** By family, address and rank. */
  const senders = new Map<string, ProbePort>();
  let sending = '';
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  let answered: readonly ProbePeer[] = [];
  const answerers = new Map<4 | 6, ProbePort>();
  const transmit = (packet: Uint8Array, address: string) => answerers.get(6)?.send(packet, port, address);
  const reflector = startTrafficReflector(clock, transmit, refusals);
  const nameOf = (family: 4 | 6, rank: number) => `${family} ${rank}`;
  const sender = new TrafficSender({
    settings,
    listener,
    clock,
    transmit,
    inject: (packet, family, rank, address) => senders.get(nameOf(family, rank))?.send(packet, port, address),
    refusals,
    firstSequence: randomInt(0, 2 ** 31),
  });
  const receive = (packet: Buffer) => {
    if (closed) return;
    if (isTrafficProbe(packet)) reflector.receive(packet);
    else sender.receive(packet);
  };
  try {
    for (const family of [6, 4] as const) {
      const opened = await open(family, null, port, receive);
      answerers.set(family, opened);
      ports.push(opened);
    }
  } catch (error) {
    await Promise.all(ports.map((one) => one.close()));
    throw error;
  }

  /** Sockets from which traffic of these classes is sent; those of another address are closed. */
  async function openSenders(
    targets: readonly TrafficTarget[],
    from: { readonly ipv4: string; readonly ipv6: string },
  ): Promise<void> {
    if (sending !== `${from.ipv4} ${from.ipv6}`) {
      await Promise.all([...senders.values()].map((one) => one.close()));
      senders.clear();
      sending = `${from.ipv4} ${from.ipv6}`;
    }
    for (const { family, rank } of targets) {
      const name = nameOf(family, rank);
      if (senders.has(name)) continue;
      const address = family === 4 ? from.ipv4 : from.ipv6;
      senders.set(name, await open(family, address, port + 1 + rank, () => undefined));
    }
  }

  return {
    setTargets(targets, peers, from) {
      if (peers !== answered) reflector.setPeers(peers);
      answered = peers;
      last = last
        .then(async () => {
          if (closed) return;
          await openSenders(targets, from);
          sender.setTargets(targets, peers);
        })
        .catch((error: unknown) => {
          // Without them nothing is said of traffic; what is said of links and paths stays.
          sender.setTargets([], []);
          log(`traffic is not tried: ${String(error)}`);
        });
    },
    figures: () => sender.figures(),
    refusals,
    async close() {
      closed = true;
      sender.stop();
      await last;
      await Promise.all([...ports, ...senders.values()].map((one) => one.close()));
    },
  };
}

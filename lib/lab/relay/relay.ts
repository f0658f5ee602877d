import { createSocket, type Socket } from 'node:dgram';
import { monotonicMs } from '../clock';
import { noImpairment, type Impairment } from '../impairment';
import { delayQueue } from './delay-queue';
import { punctual } from '../punctual';
import type { RelayFlow } from './relay-plan';

/** Datagrams of one flow, since the start. */
export interface FlowCount {
  received: number;
  forwarded: number;
  /** By loss and blackholes, and what the sockets refused. */
  dropped: number;
}

/** UDP datagrams between gateways, each after its flow's latency. */
export interface Relay {
  /**
   * Replaces all impairments, by flow id; a flow that is not named has none. Holds for what arrives from now
   * on, and blackholes also for what is on its way. @returns when, CLOCK_MONOTONIC ms.
   */
  impair(impairments: Readonly<Record<string, Impairment>>): number;
  counts(): Readonly<Record<string, FlowCount>>;
  close(): void;
}

interface Wire {
  readonly flow: RelayFlow;
  readonly socket: Socket;
  readonly count: FlowCount;
  impairment: Impairment;
  /** A datagram never overtakes one of its own flow, also when latency falls. */
  lastDueMs: number;
}

/** What arrives may wait this long, ms; shorter naps cost more processor time. */
const napMs = 0.4;
/** Of each socket, for bursts; the kernel gives what net.core.rmem_max permits. */
const bufferBytes = 2 ** 21;

/**
 * Binds every flow's socket and starts forwarding.
 *
 * @param random 0 to 1, below 1: decides what is lost.
 */
export async function startRelay(flows: readonly RelayFlow[], random: () => number): Promise<Relay> {
  const wires = new Map<string, Wire>();
  const queue = delayQueue<{ readonly wire: Wire; readonly out: Wire; readonly datagram: Buffer }>();
  const alarm = punctual(() => {
    const now = monotonicMs() + 0.02;
    for (let next = queue.tryTake(now); next; next = queue.tryTake(now))
      send(next.wire, next.out, next.datagram);
    alarm.set(queue.nextMs);
  }, napMs);
  for (const flow of flows) {
    const socket = createSocket('udp4');
    const count = { received: 0, forwarded: 0, dropped: 0 };
    wires.set(flow.id, { flow, socket, count, impairment: noImpairment, lastDueMs: 0 });
  }
  for (const wire of wires.values()) {
    const out = wires.get(wire.flow.reverse)!;
    wire.socket.on('message', (datagram) => {
      const { flow, impairment, count } = wire;
      count.received++;
      if (impairment.blackhole || (impairment.lossRatio > 0 && random() < impairment.lossRatio)) {
        count.dropped++;
        return;
      }
      const dueMs = Math.max(wire.lastDueMs, monotonicMs() + flow.latencyMs + impairment.extraMs);
      wire.lastDueMs = dueMs;
      const first = dueMs < queue.nextMs;
      queue.push(dueMs, { wire, out, datagram });
      if (first) alarm.set(dueMs);
    });
    // A gateway that does not listen (yet) answers by ICMP: the wire does not mind.
    wire.socket.on('error', () => undefined);
    await connect(wire);
  }
  return {
    impair(impairments) {
      for (const wire of wires.values()) wire.impairment = impairments[wire.flow.id] ?? noImpairment;
      return monotonicMs();
    },
    counts: () => Object.fromEntries([...wires].map(([id, { count }]) => [id, { ...count }])),
    close() {
      alarm.set(Infinity);
      for (const { socket } of wires.values()) socket.close();
    },
  };
}

function send({ count, impairment }: Wire, { socket }: Wire, datagram: Buffer): void {
  if (impairment.blackhole) {
    count.dropped++;
    return;
  }
  socket.send(datagram, (error) => {
    if (error) count.dropped++;
    else count.forwarded++;
  });
}

/** Connected sockets (connect(2)) take datagrams of their gateway alone, and send without a lookup. */
async function connect({ flow, socket }: Wire): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(new Error(`relay of ${flow.id}: ${error.message}`));
    socket.once('error', fail);
    socket.bind({ address: flow.address, port: flow.port, exclusive: true }, () => {
      socket.setRecvBufferSize(bufferBytes);
      socket.setSendBufferSize(bufferBytes);
      socket.connect(flow.fromPort, flow.fromAddress, () => {
        socket.off('error', fail);
        resolve();
      });
    });
  });
}

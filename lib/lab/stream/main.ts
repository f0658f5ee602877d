import { createSocket } from 'node:dgram';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { monotonicMs } from '../clock';
import { punctual } from '../punctual';
import { encodePacket, tryDecodePacket } from './packet';
import { visibleOutput } from '../../escape';

/** One stream, as its sender is told. */
export interface StreamOrder {
  readonly stream: number;
  /** Address to send from: it decides by which gateway the stream leaves. */
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly port: number;
  readonly spacingMs: number;
  /** Of each datagram's payload. Absent: as few as there can be. */
  readonly bytes?: number;
}

/**
 * A line of JSON on standard input of the stream program; each is answered by one line. `listen`: opens the
 * ports on every address. `send`: starts streams. `stop`: ends them, and tells when each datagram was sent.
 * `take`: hands over what arrived since the last time.
 */
export type StreamRequest =
  | { readonly listen: readonly number[] }
  | { readonly send: readonly StreamOrder[] }
  | { readonly stop: true }
  | { readonly take: true };

/** Of one stream: `sentMs` by sequence number. */
export interface Sent {
  readonly stream: number;
  readonly sentMs: readonly number[];
}

/** Of one stream, in the order of arrival: sequence numbers and times. */
export interface Received {
  readonly stream: number;
  readonly sequences: readonly number[];
  readonly receivedMs: readonly number[];
}

/** Longest wait of an arrival for its time. */
const napMs = 0.3;

const sending = new Map<number, { sentMs: number[]; close: () => void }>();
const received = new Map<number, { sequences: number[]; receivedMs: number[] }>();

function listen(ports: readonly number[]): Promise<unknown> {
  return Promise.all(
    ports.map((port) => {
      const socket = createSocket({ type: 'udp6' });
      socket.on('message', (bytes) => {
        const receivedMs = monotonicMs();
        const packet = tryDecodePacket(bytes);
        if (!packet) return;
        const found = received.get(packet.stream) ?? { sequences: [], receivedMs: [] };
        found.sequences.push(packet.sequence);
        found.receivedMs.push(receivedMs);
        received.set(packet.stream, found);
      });
      return new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.bind(port, '::', () => {
          socket.setRecvBufferSize(2 ** 20);
          resolve();
        });
      });
    }),
  );
}

/** Starts a stream; it keeps its schedule: after a delay of ours what is missing follows at once. */
async function send(order: StreamOrder): Promise<void> {
  const { stream, source, sourcePort, destination, port, spacingMs, bytes } = order;
  const socket = createSocket(source.includes(':') ? 'udp6' : 'udp4');
  // An unreachable destination answers by ICMP: that is a loss like any other.
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.bind(sourcePort, source, resolve));
  await new Promise<void>((resolve) => socket.connect(port, destination, () => resolve()));
  const sentMs: number[] = [];
  const startMs = monotonicMs();
  const alarm = punctual(() => {
    const now = monotonicMs() + 0.02;
    while (startMs + sentMs.length * spacingMs <= now) {
      const at = monotonicMs();
      socket.send(encodePacket({ stream, sequence: sentMs.length, sentMs: at }, bytes), () => undefined);
      sentMs.push(at);
    }
    alarm.set(startMs + sentMs.length * spacingMs);
  }, napMs);
  alarm.set(startMs);
  const close = () => {
    alarm.set(Infinity);
    socket.close();
  };
  sending.set(stream, { sentMs, close });
}

function stop(): Sent[] {
  const all = [...sending].map(([stream, { sentMs, close }]) => {
    close();
    return { stream, sentMs };
  });
  sending.clear();
  return all;
}

function take(): Received[] {
  const all = [...received].map(([stream, found]) => ({ stream, ...found }));
  received.clear();
  return all;
}

async function answer(request: StreamRequest): Promise<unknown> {
  if ('listen' in request) return listen(request.listen).then(() => ({ listening: true }));
  if ('send' in request) return Promise.all(request.send.map(send)).then(() => ({ sending: true }));
  return 'stop' in request ? stop() : take();
}

setPriority(-10);
createInterface(process.stdin)
  .on('line', (line) => {
    answer(JSON.parse(line) as StreamRequest).then(
      (found) => process.stdout.write(visibleOutput(`${JSON.stringify(found)}\n`, false)),
      (error: Error) =>
        process.stdout.write(visibleOutput(`${JSON.stringify({ error: error.message })}\n`, false)),
    );
  })
  // Whoever started it is gone.
  .on('close', () => process.exit(0));

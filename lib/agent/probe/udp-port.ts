import { createSocket, type Socket } from 'node:dgram';
import type { OpenPort, ProbeClock, ProbePort, Receive } from './port';

/** What a busy agent may find waiting: some 400 probes. The kernel grants at most `net.core.rmem_max`. */
const receiveBufferBytes = 512 * 1024;

/** RFC 8762 section 4.2: so that a reflector can tell how many routers a probe passed. */
const hopLimit = 255;

/** Where a socket is: its families, its address (null: all of them) and its port, 0: any free one. */
export interface UdpPlace {
  /** `both`: an IPv6 socket that takes IPv4 as mapped addresses too (RFC 3493 section 3.7). */
  readonly family: 4 | 6 | 'both';
  readonly address: string | null;
  readonly port: number;
}

/**
 * Opens a socket of this machine. The kernel chooses the source by the route to the destination. Packets that
 * cannot be sent (no route, buffers full) are probes without an answer.
 *
 * @param tune sets what is special about it.
 * @throws the system's error, such as EADDRINUSE or EADDRNOTAVAIL.
 */
export async function openSocket(
  { family, address, port }: UdpPlace,
  receive: Receive,
  tune: (socket: Socket) => void = () => undefined,
): Promise<ProbePort> {
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    ...(family === 6 && { ipv6Only: true }),
    // Only addresses come here, and Node's own look-up defers each packet to a later turn.
    lookup: (name, _options, callback) => callback(null, name, family === 4 ? 4 : 6),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address ?? (family === 4 ? '0.0.0.0' : '::'), () => {
      socket.off('error', reject);
      resolve();
    });
  });
  tune(socket);
  // An ICMP error for one session must not end the others.
  socket.on('error', () => undefined);
  socket.on('message', (packet, from) => receive(packet, from.address, from.port));
  return {
    port: socket.address().port,
    send: (packet, to, where) => socket.send(packet, to, where),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** A socket on `[::]` for IPv6. */
export const openUdpPort: OpenPort = (port, receive) =>
  openSocket({ family: 6, address: null, port }, receive, (socket) => {
    socket.setTTL(hopLimit);
    socket.setRecvBufferSize(receiveBufferBytes);
  });

/** How far the wall clock may run from the monotonic one before that follows, ms; how often to look, ms. */
const driftMs = 1;
const lookMs = 10_000;

/** The machine's clocks and timers. Timers keep the process alive. */
export function systemClock(): ProbeClock {
  let offset = performance.timeOrigin;
  let lookedMs = performance.now();
  return {
    now: () => performance.now(),
    unixMs(nowMs) {
      if (nowMs - lookedMs > lookMs) {
        lookedMs = nowMs;
        // Forward alone: reflectors refuse sessions that begin in the past.
        const ahead = Date.now() - (performance.now() + offset);
        if (ahead > driftMs) offset += ahead;
      }
      return nowMs + offset;
    },
    after(delayMs, callback) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    afterPoll: (callback) => void setImmediate(callback),
  };
}

import { createSocket } from 'node:dgram';
import type { OpenPort, ProbeClock } from './port';

/** What a busy agent may find waiting: some 400 probes. The kernel grants at most `net.core.rmem_max`. */
const receiveBufferBytes = 512 * 1024;

/** RFC 8762 section 4.2: so that a reflector can tell how many routers a probe passed. */
const hopLimit = 255;

/**
 * A socket on `[::]` for IPv6. The kernel chooses the source by the route to the destination. Packets that
 * cannot be sent (no route, buffers full) are probes without an answer.
 */
export const openUdpPort: OpenPort = async (port, receive) => {
  const socket = createSocket({
    type: 'udp6',
    ipv6Only: true,
    // Only addresses come here, and Node's own look-up defers each packet to a later turn.
    lookup: (address, _options, callback) => callback(null, address, 6),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, '::', () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.setTTL(hopLimit);
  socket.setRecvBufferSize(receiveBufferBytes);
  // An ICMP error for one session must not end the others.
  socket.on('error', () => undefined);
  socket.on('message', (packet, from) => receive(packet, from.address, from.port));
  return {
    port: socket.address().port,
    send: (packet, to, address) => socket.send(packet, to, address),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
};

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

import { createSocket } from 'node:dgram';
import type { ProbePort, Receive } from '../port';

/**
 * Opens a socket of one family. @param address null: all.
 *
 * @throws the system's error, such as EADDRINUSE or EADDRNOTAVAIL.
 */
export type OpenTrafficPort = (
  family: 4 | 6,
  address: string | null,
  port: number,
  receive: Receive,
) => Promise<ProbePort>;

/** A socket of the machine. What cannot be sent is a probe without an answer. */
export const openTrafficPort: OpenTrafficPort = async (family, address, port, receive) => {
  const lookup = (
    name: string,
    _options: unknown,
    callback: (error: Error | null, address: string, family: number) => void,
  ) => callback(null, name, family);
  const socket =
    family === 4
      ? createSocket({ type: 'udp4', lookup })
      : createSocket({ type: 'udp6', ipv6Only: true, lookup });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, address ?? (family === 4 ? '0.0.0.0' : '::'), () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.on('error', () => undefined);
  socket.on('message', (packet, from) => receive(packet, from.address, from.port));
  return {
    port: socket.address().port,
    send: (packet, to, where) => socket.send(packet, to, where, () => undefined),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
};

import type { ProbePort, Receive } from '../port';
import { openSocket } from '../udp-port';

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

/** A socket of the machine. */
export const openTrafficPort: OpenTrafficPort = (family, address, port, receive) =>
  openSocket({ family, address, port }, receive);

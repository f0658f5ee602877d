import type { SeenPeer } from '../host';
import type { LinuxPlace } from './linux-place';
import { output } from './run-process';

/**
 * Columns of each line of `wg show all dump` (wg(8)): 9 of a peer, fewer of an interface. Keys are among
 * them.
 *
 * @param look of an observation that reads all of the host at once.
 */
export async function wireguardRows({ prefix }: LinuxPlace, look?: LinuxPlace['look']): Promise<string[][]> {
  const dump = await output([...prefix, 'wg', 'show', 'all', 'dump'], '', look);
  return dump.split('\n').map((line) => line.split('\t'));
}

/** What is seen of each peer, by interface. */
export async function seePeers(place: LinuxPlace): Promise<Map<string, SeenPeer[]>> {
  const found = new Map<string, SeenPeer[]>();
  for (const columns of await wireguardRows(place)) {
    if (columns.length !== 9) continue;
    const [name, publicKey, , endpoint, allowed, handshake, received] = columns;
    found.set(name, [
      ...(found.get(name) ?? []),
      {
        publicKey,
        endpoint: endpoint === '(none)' ? null : endpoint,
        handshakeSeconds: Number(handshake),
        receivedBytes: Number(received),
        holds: allowed !== '(none)',
      },
    ]);
  }
  return found;
}

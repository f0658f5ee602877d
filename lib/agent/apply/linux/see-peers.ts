import type { SeenPeer } from '../host';
import type { LinuxPlace } from './linux-host';
import { output } from './run-process';

/** `wg show all dump` (wg(8)): 9 columns of a peer, the preshared key among them, which is passed over. */
export async function seePeers({ prefix }: LinuxPlace): Promise<Map<string, SeenPeer[]>> {
  const found = new Map<string, SeenPeer[]>();
  for (const line of (await output([...prefix, 'wg', 'show', 'all', 'dump'])).split('\n')) {
    const columns = line.split('\t');
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

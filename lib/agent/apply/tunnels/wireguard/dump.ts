import type { LinuxPlace } from '../../linux/linux-place';
import { output } from '../../linux/run-process';
import type { SeenPeer } from './seen-peer';

/** An interface as wg(8) shows it. Keys are among it. */
export interface ListedDevice {
  readonly privateKey: string | null;
  readonly publicKey: string | null;
  /** 0: none. */
  readonly listenPort: number;
  readonly peers: readonly ListedPeer[];
}

export interface ListedPeer {
  readonly publicKey: string;
  readonly presharedKey: string | null;
  /** Source of its last authentic packet, or what was set since; null: neither. */
  readonly endpoint: string | null;
  /** Networks that it holds; empty: none, for another peer holds them. */
  readonly allowedIps: string;
  /** Of the last handshake, seconds since 1970; 0: none yet. */
  readonly handshakeSeconds: number;
  /** Bytes of authentic packets. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** 0: off. */
  readonly keepaliveSeconds: number;
}

/**
 * All WireGuard interfaces by name.
 *
 * @param look how the process is run: an observation reads all of the host at once.
 * @throws Error if wg fails
 */
export async function listDevices({
  prefix,
  look,
}: Pick<LinuxPlace, 'prefix' | 'look'>): Promise<Map<string, ListedDevice>> {
  return parseDump(await output([...prefix, 'wg', 'show', 'all', 'dump'], '', look));
}

/** One WireGuard interface; undefined: there is none of this name, or it does not answer. */
export async function tryListDevice(
  { prefix, look }: Pick<LinuxPlace, 'prefix' | 'look'>,
  name: string,
): Promise<ListedDevice | undefined> {
  const { code, stdout } = await look([...prefix, 'wg', 'show', name, 'dump']);
  // Of one interface wg leaves the name out.
  return code === 0 ? parseDump(stdout.replace(/^(?=.)/gm, `${name}\t`)).get(name) : undefined;
}

/** What is seen of each peer, by interface. @throws Error if wg fails */
export async function seePeers(place: LinuxPlace): Promise<Map<string, SeenPeer[]>> {
  const seen = ({
    publicKey,
    endpoint,
    handshakeSeconds,
    receivedBytes,
    allowedIps,
  }: ListedPeer): SeenPeer => ({
    publicKey,
    endpoint,
    handshakeSeconds,
    receivedBytes,
    holds: allowedIps !== '',
  });
  return new Map([...(await listDevices(place))].map(([name, { peers }]) => [name, peers.map(seen)]));
}

/** `wg show all dump` (wg(8)): a line of 5 columns for an interface, then one of 9 for each peer of it. */
export function parseDump(text: string): Map<string, ListedDevice> {
  const found = new Map<string, ListedDevice & { readonly peers: ListedPeer[] }>();
  const known = (column: string) => (column === '(none)' ? null : column);
  for (const line of text.split('\n')) {
    const columns = line.split('\t');
    const [name, second, third] = columns;
    if (columns.length === 5) {
      const [privateKey, publicKey] = [known(second), known(third)];
      found.set(name, { privateKey, publicKey, listenPort: Number(columns[3]), peers: [] });
    } else if (columns.length === 9) {
      const [endpoint, allowedIps] = [known(columns[3]), known(columns[4])];
      const [handshakeSeconds, receivedBytes, sentBytes] = columns.slice(5, 8).map(Number);
      found.get(name)?.peers.push({
        publicKey: second,
        presharedKey: known(third),
        endpoint,
        allowedIps: allowedIps ?? '',
        handshakeSeconds,
        receivedBytes,
        sentBytes,
        keepaliveSeconds: columns[8] === 'off' ? 0 : Number(columns[8]),
      });
    }
  }
  return found;
}

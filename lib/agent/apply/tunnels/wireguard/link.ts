import type { LinuxPlace } from '../../linux/linux-place';
import { output, runProcess } from '../../linux/run-process';
import { aliasWord } from '../../numbers';
import { endDaemon, startDaemon } from './daemon';
import { peersOf, type WireguardDevice } from './device';
import { tryListDevice } from './dump';
import type { TunnelOrder } from './seen-peer';
import { allAddresses, configuration, configurationOf } from './setconf';

/**
 * Makes a tunnel's interface: the kernel's WireGuard, else wireguard-go as a process of its own that outlives
 * the agent. Keys go in by standard input, never by arguments.
 */
export async function addTunnel(place: LinuxPlace, tunnel: WireguardDevice): Promise<void> {
  const { prefix } = place;
  const { name } = tunnel;
  const set = (...words: string[]) => output([...prefix, 'ip', 'link', 'set', 'dev', name, ...words]);
  await clearRemains(place, name);
  if (!(await tryAddToKernel(place, name))) await startDaemon(place, name);
  try {
    // At once: from here on the interface is known as ours, whatever comes between.
    await set('alias', aliasOf({ ...tunnel, peer: null }));
    await pipe(place, ['wg', 'setconf', name], configuration(tunnel));
    await set('mtu', String(tunnel.mtu), 'up', 'alias', aliasOf(tunnel));
  } catch (error) {
    await runProcess([...prefix, 'ip', 'link', 'delete', 'dev', name]);
    throw error;
  }
}

/** Places whose kernel has said that it has no WireGuard: to ask again takes a process for each tunnel. */
const withoutKernel = new WeakSet<LinuxPlace>();

async function tryAddToKernel(place: LinuxPlace, name: string): Promise<boolean> {
  if (withoutKernel.has(place)) return false;
  const command = [...place.prefix, 'ip', 'link', 'add', 'dev', name, 'type', 'wireguard'];
  const { code, stderr } = await runProcess(command);
  if (/Unknown device type/.test(stderr)) withoutKernel.add(place);
  return code === 0;
}

/**
 * Removes an interface of this name that an agent left behind before it could say whose it is.
 *
 * @throws Error if one is there that is somebody else's.
 */
async function clearRemains(place: LinuxPlace, name: string): Promise<void> {
  const { prefix } = place;
  const shown = await runProcess([...prefix, 'ip', '-j', '-d', 'link', 'show', 'dev', name]);
  if (shown.code !== 0) return;
  const [link] = JSON.parse(shown.stdout) as { ifalias?: string; linkinfo?: { info_kind?: string } }[];
  const device = await tryListDevice(place, name);
  const bare = device?.privateKey === null && device.peers.length === 0;
  if (link.ifalias !== undefined || !bare) throw new Error(`an interface ${name} that is not ours is there`);
  await deleteTunnel(place, name);
}

/**
 * Changes only what differs: sessions that are up stay up. Keys change in one message: a handshake that began
 * between two would fail, and WireGuard repeats it after 5 s.
 */
export async function changeTunnel(
  place: LinuxPlace,
  to: WireguardDevice,
  from: WireguardDevice,
): Promise<void> {
  const { prefix } = place;
  const wg = (...words: string[]) => output([...prefix, 'wg', ...words]);
  if (to.listenPort !== from.listenPort) await wg('set', to.name, 'listen-port', String(to.listenPort));
  const remove = async (keys: readonly string[]) => {
    const words = keys.flatMap((publicKey) => ['peer', publicKey, 'remove']);
    if (words.length > 0) await wg('set', to.name, ...words);
  };
  await remove(from.strays ?? []);
  const changes = configurationOf(to, from);
  if (changes !== '') await pipe(place, ['wg', 'addconf', to.name], changes);
  const kept = new Set(peersOf(to).map(({ publicKey }) => publicKey));
  await remove(peersOf(from).flatMap(({ publicKey }) => (kept.has(publicKey) ? [] : [publicKey])));
  const words = ['mtu', String(to.mtu), 'up', 'alias', aliasOf(to)];
  await output([...prefix, 'ip', 'link', 'set', 'dev', to.name, ...words]);
}

/** As `Host.giveTo`. */
export async function giveTunnelTo({ prefix }: LinuxPlace, order: TunnelOrder): Promise<void> {
  const { device, publicKey, others, keepaliveSeconds, endpoint } = order;
  const words = ['allowed-ips', allAddresses, 'persistent-keepalive', String(keepaliveSeconds)];
  if (endpoint !== null) words.push('endpoint', endpoint);
  // The other one is not to begin handshakes by itself.
  const rest = others.flatMap((other) => ['peer', other, 'persistent-keepalive', '0']);
  await output([...prefix, 'wg', 'set', device, 'peer', publicKey, ...words, ...rest]);
}

/** Removes the interface; wireguard-go ends with it. */
export async function deleteTunnel(place: LinuxPlace, name: string): Promise<void> {
  await output([...place.prefix, 'ip', 'link', 'delete', 'dev', name]);
  await endDaemon(place, name);
}

/** The alias says whose the interface is, for which tunnel, and the endpoint that was set: peers may roam. */
function aliasOf({ tunnel, peer }: Pick<WireguardDevice, 'tunnel' | 'peer'>): string {
  return `${aliasWord} ${tunnel} ${peer?.endpoint ?? 'none'}`;
}

/**
 * Runs wg with `/dev/stdin` as the last word. Through cat, for Node gives a process a socket as its standard
 * input, and Linux does not open sockets by path.
 */
async function pipe({ prefix }: LinuxPlace, command: readonly string[], input: string): Promise<void> {
  await output([...prefix, 'sh', '-c', 'cat | "$@" /dev/stdin', 'sh', ...command], `${input}\n`);
}

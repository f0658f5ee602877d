import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { peersOf, type TunnelDevice, type TunnelDevicePeer } from '../host-object';
import { aliasWord } from '../numbers';
import type { TunnelOrder } from '../host';
import type { LinuxPlace } from './linux-place';
import { output, runProcess } from './run-process';

/** Longest that wireguard-go may take to begin or to end, ms. */
const patienceMs = 5000;

/**
 * Makes a tunnel's interface: the kernel's WireGuard, else wireguard-go as a process of its own that outlives
 * the agent. Keys go in by standard input, never by arguments.
 */
export async function addTunnel(place: LinuxPlace, tunnel: TunnelDevice): Promise<void> {
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
  const dump = await runProcess([...prefix, 'wg', 'show', name, 'dump']);
  const bare = dump.code === 0 && /^\(none\)\t[^\n]*\n$/.test(dump.stdout);
  if (link.ifalias !== undefined || !bare) throw new Error(`an interface ${name} that is not ours is there`);
  await deleteTunnel(place, name);
}

/**
 * Changes only what differs: sessions that are up stay up. Keys change in one message: a handshake that began
 * between two would fail, and WireGuard repeats it after 5 s.
 */
export async function changeTunnel(place: LinuxPlace, to: TunnelDevice, from: TunnelDevice): Promise<void> {
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

const allAddresses = '0.0.0.0/0,::/0';

/** Removes the interface; wireguard-go ends with it. */
export async function deleteTunnel(place: LinuxPlace, name: string): Promise<void> {
  await output([...place.prefix, 'ip', 'link', 'delete', 'dev', name]);
  const file = processFile(place, name);
  const id = tryProcess(place, name);
  const end = Date.now() + patienceMs;
  while (id !== undefined && isDaemon(id, name) && Date.now() < end) await wait(20);
  if (id !== undefined && isDaemon(id, name)) process.kill(id, 'SIGKILL');
  rmSync(file, { force: true });
  rmSync(`${file}.log`, { force: true });
}

/** The process that was written down for an interface; undefined: none was, or it could not be. */
function tryProcess(place: LinuxPlace, name: string): number | undefined {
  try {
    const id = Number(readFileSync(processFile(place, name), 'utf8'));
    return id > 0 ? id : undefined;
  } catch {
    return undefined;
  }
}

/** The alias says whose the interface is, for which tunnel, and the endpoint that was set: peers may roam. */
export function aliasOf({ tunnel, peer }: Pick<TunnelDevice, 'tunnel' | 'peer'>): string {
  return `${aliasWord} ${tunnel} ${peer?.endpoint ?? 'none'}`;
}

/** Configuration for wg setconf, keys and all. */
function configuration(tunnel: TunnelDevice): string {
  return `[Interface]\nListenPort = ${tunnel.listenPort}\n${configurationOf(tunnel)}`;
}

/** All lines but the port; those that differ from what is there, for wg addconf; empty: none. */
function configurationOf(to: TunnelDevice, from?: TunnelDevice): string {
  const { privateKey } = to;
  const own = privateKey && to.publicKey !== from?.publicKey ? `PrivateKey = ${privateKey.reveal()}` : '';
  const before = new Map(from ? peersOf(from).map((peer) => [peer.publicKey, peer]) : []);
  const all = peersOf(to);
  // Whoever holds the addresses keeps them.
  const holder = all.find((peer) => peer.publicKey === from?.peer?.publicKey) ?? to.peer;
  const peers = all.flatMap((peer) => {
    const lines = peerLines(peer, before.get(peer.publicKey), peer === holder, privateKey !== null);
    const same = lines.length === 0 && before.has(peer.publicKey);
    return same ? [] : ['[Peer]', `PublicKey = ${peer.publicKey}`, ...lines];
  });
  const lines = [...(own === '' ? [] : ['[Interface]', own]), ...peers];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** 32 zero bytes: no preshared key (wg(8)). */
const noKey = `${'A'.repeat(43)}=`;

function peerLines(
  peer: TunnelDevicePeer,
  from: TunnelDevicePeer | undefined,
  holds: boolean,
  keysAtHand: boolean,
): string[] {
  const lines: string[] = [];
  const preshared = peer.presharedKey;
  if (keysAtHand && (from === undefined || preshared?.digest() !== from.presharedKey?.digest())) {
    lines.push(`PresharedKey = ${preshared?.reveal() ?? noKey}`);
  }
  if (peer.endpoint !== null && peer.endpoint !== from?.endpoint) lines.push(`Endpoint = ${peer.endpoint}`);
  const keepalive = holds ? peer.keepaliveSeconds : 0;
  if (keepalive !== (from?.keepaliveSeconds ?? 0)) lines.push(`PersistentKeepalive = ${keepalive}`);
  // wg addconf replaces them in any case, within the same message.
  const addresses = holds ? [`AllowedIPs = ${allAddresses}`] : [];
  return lines.length > 0 || from === undefined ? [...lines, ...addresses] : [];
}

/**
 * Runs wg with `/dev/stdin` as the last word. Through cat, for Node gives a process a socket as its standard
 * input, and Linux does not open sockets by path.
 */
async function pipe({ prefix }: LinuxPlace, command: readonly string[], input: string): Promise<void> {
  await output([...prefix, 'sh', '-c', 'cat | "$@" /dev/stdin', 'sh', ...command], `${input}\n`);
}

async function startDaemon(place: LinuxPlace, name: string): Promise<void> {
  for (let left = 3; ; left--) {
    const why = await tryStartDaemon(place, name);
    if (why === undefined) return;
    if (left === 1) throw new Error(`the kernel has no WireGuard, and wireguard-go ${name}: ${why}`);
  }
}

/** @returns why it did not begin; undefined: it takes configurations. */
async function tryStartDaemon(place: LinuxPlace, name: string): Promise<string | undefined> {
  // An agent is urgent and has little to do. This has much to do, and its packets can wait in a queue: it has
  // the niceness of the kernel's own WireGuard, whose workers have 0.
  const nicer = String(Math.max(0, -getPriority()));
  const [program, ...words] = [...place.prefix, 'nice', '-n', nicer, 'wireguard-go', '-f', name];
  const file = processFile(place, name);
  const complaints = `${file}.log`;
  const log = tryOpen(place, complaints);
  const env = { ...process.env, LOG_LEVEL: 'error' };
  const output = log ?? 'ignore';
  const daemon = spawn(program, words, { detached: true, stdio: ['ignore', output, output], cwd: '/', env });
  if (log !== undefined) closeSync(log);
  let ended: string | undefined;
  daemon.once('error', (error) => (ended = error.message));
  daemon.once('exit', (code, signal) => (ended = `ended with ${signal ?? `code ${code}`}`));
  daemon.unref();
  if (daemon.pid !== undefined) noteProcess(place, file, daemon.pid);
  // Not by asking wg: it removes a socket that does not listen yet (ipc-uapi-unix.h), and the daemon ends.
  for (const end = Date.now() + patienceMs; ended === undefined && Date.now() < end; await wait(10)) {
    if (await listens(place, name)) return undefined;
  }
  if (ended === undefined && daemon.pid !== undefined) process.kill(daemon.pid, 'SIGKILL');
  rmSync(file, { force: true });
  const said = tryRead(complaints).trim().split('\n').slice(-1)[0];
  return `${ended ?? `did not begin within ${patienceMs} ms`} ${said}`.trim();
}

/** Does wireguard-go take configurations? Without a prefix our own namespace is asked, by no process. */
async function listens({ prefix }: LinuxPlace, name: string): Promise<boolean> {
  const line = `00010000 .* /var/run/wireguard/${name}.sock$`;
  if (prefix.length === 0) return new RegExp(line, 'm').test(tryRead('/proc/net/unix'));
  return (await runProcess([...prefix, 'grep', '-q', line, '/proc/net/unix'])).code === 0;
}

/** Where wireguard-go complains; undefined: nowhere, for nothing can be written. */
function tryOpen({ onWrite }: LinuxPlace, file: string): number | undefined {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    return openSync(file, 'w', 0o600);
  } catch (error) {
    onWrite('wireguard-go', error as Error);
    return undefined;
  }
}

function noteProcess({ onWrite }: LinuxPlace, file: string, id: number): void {
  try {
    writeFileSync(file, String(id));
    onWrite('wireguard-go', null);
  } catch (error) {
    // Removing the interface ends it; only one that hangs is not found then.
    rmSync(file, { force: true });
    onWrite('wireguard-go', error as Error);
  }
}

function tryRead(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Is the process still wireguard-go for this interface? Process ids are used again. */
function isDaemon(id: number, name: string): boolean {
  try {
    const words = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
    return words.some((word) => word.endsWith('wireguard-go')) && words.includes(name);
  } catch {
    return false;
  }
}

function processFile({ folder }: LinuxPlace, name: string): string {
  return path.join(folder, 'wireguard-go', `${name}.pid`);
}

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { LinuxPlace } from '../../linux/linux-place';
import { runProcess } from '../../linux/run-process';

/** Longest that wireguard-go may take to begin or to end, ms. */
const patienceMs = 5000;

/**
 * Runs wireguard-go for an interface, as a process of its own that outlives the agent.
 *
 * @throws Error if it did not begin in three attempts, with what it said
 */
export async function startDaemon(place: LinuxPlace, name: string): Promise<void> {
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

/** Waits for the end of the wireguard-go of an interface that was deleted, and ends one that hangs. */
export async function endDaemon(place: LinuxPlace, name: string): Promise<void> {
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

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  gatewayFolder,
  isAlive,
  labFolder,
  LabFault,
  tryIdentify,
  type Lab,
  type ProcessIdentity,
} from './record';
import { inside, run } from './run';

/**
 * Processes of a lab get no more of our environment than they need: no passphrase, no cloud credentials.
 * wireguard-go gets one processor for each tunnel: a lab has far more tunnels than this machine has cores,
 * and waking a thread for every packet costs it most of its time.
 */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG, TERM } = process.env;
  return { PATH, HOME, LANG, TERM, GOMAXPROCS: '1' };
}

/**
 * Niceness of what stands for machines of their own (setpriority(2)): other work on this one is no reason for
 * a gateway to be late.
 */
const precedence = -10;

/**
 * Gives a command a /run of its own, but for the lab's folder ($0), and in it a folder for WireGuard's
 * sockets ($1): wireguard-go names a socket by its interface alone, and several gateways have interfaces of
 * one name. `ip netns exec` has made a mount namespace: nothing of this is seen outside.
 */
const ownRun = `exec 3<"$0"
mount -t tmpfs -o mode=0755 dwcp-lab /run
mkdir -p "$0" /run/wireguard
mount --no-canonicalize --rbind /proc/self/fd/3 "$0"
mount --bind "$1" /run/wireguard
exec 3<&-
shift
exec "$@"`;

/** The command as it runs on a gateway: in its namespace, its WireGuard interfaces within reach of wg(8). */
export function onGateway(
  lab: Pick<Lab, 'directory' | 'record' | 'layout'>,
  id: string,
  command: readonly string[],
): string[] {
  const { namespace } = lab.layout.gateways.find((g) => g.id === id)!;
  const sockets = path.join(gatewayFolder(lab, id), 'wireguard');
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  const folder = labFolder(lab.directory, lab.record.lab);
  return inside(namespace, ['sh', '-ec', ownRun, folder, sockets, ...command]);
}

/**
 * Starts a program that outlives this one, in a session of its own, its output in a file.
 *
 * @param command as `inside` or `onGateway` give it: every step of it is an exec, so that the process keeps
 *   its number.
 */
export function startDetached(command: readonly string[], logFile: string): ProcessIdentity {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(command[0], command.slice(1), {
      detached: true,
      stdio: ['ignore', log, log],
      env: environment(),
      cwd: '/',
    });
    child.on('error', () => undefined);
    child.unref();
    const identity = child.pid === undefined ? undefined : tryIdentify(child.pid);
    if (identity) setPriority(identity.pid, precedence);
    if (!identity) throw new LabFault(`${command[0]} cannot be started`);
    return identity;
  } finally {
    closeSync(log);
  }
}

/**
 * Waits for the line `{"ready":true,...}` of a program's log.
 *
 * @param from length of the log before the program was started.
 * @throws LabFault with the end of the log if the program ends or takes longer.
 */
export async function untilReady(
  identity: ProcessIdentity,
  logFile: string,
  what: string,
  { from = 0, seconds = 60, signal }: { from?: number; seconds?: number; signal?: AbortSignal } = {},
): Promise<void> {
  for (let waited = 0; ; waited += 0.05) {
    signal?.throwIfAborted();
    const log = readFileSync(logFile).subarray(from).toString('utf8');
    if (/^\{"ready":true[,}]/m.test(log)) return;
    const why = !isAlive(identity)
      ? 'ended'
      : waited >= seconds
        ? `is not ready after ${seconds} s`
        : undefined;
    if (why)
      throw new LabFault(
        `${what} ${why}; the end of ${logFile}:\n${log.trimEnd().split('\n').slice(-30).join('\n')}`,
      );
    await sleep(50);
  }
}

/** Remembers a gateway's agent. */
export function writeAgentProcess(
  lab: Pick<Lab, 'directory' | 'record'>,
  id: string,
  identity: ProcessIdentity,
): void {
  writeFileSync(path.join(gatewayFolder(lab, id), 'agent.json'), JSON.stringify(identity), { mode: 0o600 });
}

/** The gateway's agent as it was started last; undefined: none was. */
export function tryAgentProcess(
  lab: Pick<Lab, 'directory' | 'record'>,
  id: string,
): ProcessIdentity | undefined {
  try {
    return JSON.parse(
      readFileSync(path.join(gatewayFolder(lab, id), 'agent.json'), 'utf8'),
    ) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** Numbers of the processes in a namespace; none if there is no such namespace. */
export async function processesIn(namespace: string): Promise<number[]> {
  try {
    const out = await run(['ip', 'netns', 'pids', namespace]);
    return out.split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

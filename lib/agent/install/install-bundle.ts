import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProcess } from '../apply/linux/run-process';
import { AgentProblem, connect } from '../client';
import { readApplied } from '../bundle/applied-record';
import { carryingTunnels, judgeBundle } from './bundle-health';
import {
  agentUnit,
  hostUnit,
  openNote,
  readInstalled,
  removeOtherReleases,
  sameAgent,
  writeInstalled,
  type Installed,
  type InstallPlaces,
} from './installed';
import { followOptionalUnits } from './optional-units';
import { readBundle } from '../bundle/read-bundle';
import { print, printError } from '../files/print';

export interface InstallOptions extends InstallPlaces {
  /** The new public addresses, JSON. */
  readonly endpoints: string;
  /** Unsealing secrets by epoch that open it; may be the installed file itself. */
  readonly unseal: string;
  readonly stateDir: string;
  /** Socket of the running agent. */
  readonly socket: string;
  /** Longest wait for a started agent to have applied its plan, ms; default 60,000. */
  readonly startMs?: number;
  /** Longest wait for the new plan to be ready where its health is judged, ms; default 60,000. */
  readonly readyMs?: number;
  /** How long it must then stay ready, ms; default 10,000. */
  readonly steadyMs?: number;
  /** Judge the health of what was there already, too. */
  readonly health?: boolean;
  /** How systemctl(1) is called; default by its name. */
  readonly systemctl?: string;
}

/** A failure after which what was installed before is put back. */
class NotInstalled extends Error {}

/**
 * `dwcp-agent install`: makes an unpacked bundle the one that the agent runs, and that it would run after a
 * boot. What the agent would refuse changes nothing; what it then cannot apply is taken back. Reloads the
 * agent where only the plan differs, starts it anew where its program does. Does nothing where all is there
 * already. Killed at any point, the next call brings it to an end. Prints `health good`, `bad` or `unknown`
 * last, where it changed anything or is asked to.
 *
 * @param release folder of the unpacked bundle, beside those of others.
 * @returns 0 installed or there already, 1 refused or not applied; standard error says why.
 */
export async function installBundle(release: string, options: InstallOptions): Promise<number> {
  const files = { bundle: release, endpoints: options.endpoints, unseal: options.unseal };
  const read = readBundle(files, readApplied(options.stateDir, options.runDir));
  if (!read.ok) return complain(`refused (${read.code}): ${read.message}; ${read.next}`);
  const wanted: Installed = {
    release: path.resolve(release),
    endpoints: readFileSync(options.endpoints, 'utf8'),
    unseal: readFileSync(options.unseal, 'utf8'),
  };
  const before = readInstalled(options);
  const note = openNote(options);
  const { planDigest, generation } = read.bundle.gateway;
  const { socket, readyMs = 60_000, steadyMs = 10_000 } = options;
  if (note.found || !before || !equal(before, wanted)) {
    const carried = await carryingTunnels(socket);
    const reload = !note.found && before !== null && sameAgent(before.release, wanted.release);
    try {
      note.write();
      writeInstalled(options, wanted);
      await hand(options, planDigest, reload);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (before === null) return complain(`not installed: ${message}`);
      return complain(`not installed: ${message}; ${await putBack(before, options, reload)}`);
    }
    await followOptionalUnits(options.units, wanted.release, read.bundle.gateway, systemctlOf(options));
    note.remove();
    print(`installed generation ${generation}`);
    removeOtherReleases(wanted.release);
    print(`health ${await judgeBundle(socket, planDigest, carried, { readyMs, steadyMs })}`);
    return 0;
  }
  removeOtherReleases(wanted.release);
  if (options.health) print(`health ${await judgeBundle(socket, planDigest, 0, { readyMs: 0, steadyMs })}`);
  return 0;
}

function complain(message: string): number {
  printError(`dwcp-agent: ${message}`);
  return 1;
}

function equal(a: Installed, b: Installed): boolean {
  return a.release === b.release && a.endpoints === b.endpoints && a.unseal === b.unseal;
}

/** Has the agent take what is installed. @throws NotInstalled if it does not. */
async function hand(options: InstallOptions, planDigest: string, reload: boolean): Promise<void> {
  const systemctl = systemctlOf(options);
  await systemctl('daemon-reload');
  await systemctl('enable', '--quiet', agentUnit);
  await tellHost(options);
  if (reload && (await reloaded(options.socket, planDigest))) return;
  await systemctl('restart', agentUnit);
  const agent = connect({ socket: options.socket });
  const endMs = Date.now() + (options.startMs ?? 60_000);
  while (Date.now() < endMs) {
    const state = await agent.state().catch(() => undefined);
    if (state?.planDigest === planDigest) return;
    await sleep(200);
  }
  throw new NotInstalled(`the agent did not come up with the plan; see 'journalctl -u ${agentUnit}'`);
}

/**
 * Before the agent makes anything: systemd-networkd may be configuring interfaces right now. A gateway works
 * without, so that a failure is only told; `dwcp-agent doctor` shows what is missing.
 */
async function tellHost(options: InstallOptions): Promise<void> {
  if (!existsSync(path.join(options.units, hostUnit))) return;
  try {
    await systemctlOf(options)('start', hostUnit);
  } catch (error) {
    printError(`dwcp-agent: others on this host were not told what is ours: ${(error as Error).message}`);
  }
}

/** False: no agent is there to ask, or it has another plan. @throws NotInstalled if it refuses. */
async function reloaded(socket: string, planDigest: string): Promise<boolean> {
  const agent = connect({ socket });
  try {
    await agent.reload();
    return (await agent.state()).planDigest === planDigest;
  } catch (error) {
    if (!(error instanceof AgentProblem)) throw error;
    if (error.status === 0) return false;
    throw new NotInstalled(`${error.message}; ${error.next}`);
  }
}

/** Runs systemctl. @throws NotInstalled with what it said. */
function systemctlOf({ systemctl = 'systemctl' }: InstallOptions) {
  return async (...args: string[]): Promise<void> => {
    const { code, stderr } = await runProcess([systemctl, ...args]);
    if (code !== 0) throw new NotInstalled(`systemctl ${args.join(' ')}: ${stderr.trim()}`);
  };
}

/** What became of it, in words. The note stays where it failed: the next call starts the agent anew. */
async function putBack(before: Installed, options: InstallOptions, reload: boolean): Promise<string> {
  try {
    const files = { bundle: before.release, endpoints: options.endpoints, unseal: options.unseal };
    writeInstalled(options, before);
    const read = readBundle({ ...files, ...laid(options) }, null);
    if (!read.ok) return `what was there before is refused too: ${read.message}`;
    await hand(options, read.bundle.gateway.planDigest, reload);
    openNote(options).remove();
    return 'what was there before is back';
  } catch (error) {
    return `and what was there before is not: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function laid({ home, runDir }: InstallPlaces): { readonly endpoints: string; readonly unseal: string } {
  return { endpoints: path.join(home, 'endpoints.json'), unseal: path.join(runDir, 'unseal') };
}

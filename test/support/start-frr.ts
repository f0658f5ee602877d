import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Folder of Debian's daemons. */
const programs = '/usr/lib/frr';

/** Why FRR cannot be run; undefined: it can. */
export function frrGap(): string | undefined {
  if (process.geteuid?.() !== 0) return 'FRR needs root';
  if (spawnSync('vtysh', ['--help']).status !== 0) return 'vtysh (FRR) is not installed';
  return spawnSync(`${programs}/zebra`, ['--version']).status === 0 ? undefined : 'FRR is not installed';
}

/**
 * Starts FRR's zebra and these daemons where we are, and loads a configuration into them. They stay when we
 * end. Needs a /run of its own: their sockets lie in /run/frr.
 *
 * @param folder for their logs and the configuration.
 */
export function startFrr(folder: string, config: string, daemons: readonly string[]): void {
  const run = '/run/frr';
  mkdirSync(run, { recursive: true });
  // Debian's daemons run as frr, and would not as root.
  execFileSync('chown', ['frr:frr', run]);
  for (const daemon of ['zebra', ...daemons]) {
    const log = openSync(path.join(folder, `${daemon}.log`), 'a');
    const args = ['-f', '/dev/null', '-i', `${run}/${daemon}.pid`, '-A', '127.0.0.1'];
    const stdio = ['ignore', log, log] as const;
    spawn(`${programs}/${daemon}`, args, { detached: true, stdio: [...stdio] }).unref();
    until(daemon, ['vtysh', '-d', daemon, '-c', 'show version']);
  }
  const file = path.join(folder, 'frr.conf');
  writeFileSync(file, config);
  execFileSync('vtysh', ['-f', file], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Repeats a command until it succeeds, for ten seconds. */
export function until(what: string, command: readonly string[]): void {
  for (let i = 0; spawnSync(command[0], command.slice(1), { stdio: 'ignore' }).status !== 0; i++) {
    if (i === 200) throw new Error(`${what} does not answer`);
    spawnSync('sleep', ['0.05']);
  }
}

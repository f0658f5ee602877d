import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { HostChange, HostWatch } from '../host-part';
import { tryIpChange, tryNftChange } from './parse-change';

/** A tool that prints changes as they come. */
interface Monitor {
  readonly command: readonly string[];
  readonly read: (line: string) => HostChange | undefined;
}

/** That of links, routes and rules first. */
const monitors: readonly Monitor[] = [
  {
    command: ['ip', '-o', '-N', 'monitor', 'label', 'link', 'address', 'route', 'nexthop', 'rule', 'netconf'],
    read: tryIpChange,
  },
  { command: ['nft', 'monitor'], read: tryNftChange },
];

/**
 * A tool that only writes when something changes does not see that its reader was killed: the kernel ends it
 * with whoever started it (PR_SET_PDEATHSIG). systemd does not, for what forwards is to outlive the agent
 * (`KillMode=process`). Where util-linux is not there it ends with the next line that it writes.
 */
const setpriv = '/usr/bin/setpriv';
const untilWeEnd = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL'] : [];

/** A tool that ended is started again after so long, ms, doubled each time up to the second. */
const leastPauseMs = 500;
const mostPauseMs = 60_000;
/** One that ran for so long was sound, ms. */
const soundMs = 60_000;

/**
 * Listens to rtnetlink and nftables by tools that stay (`ip monitor`, `nft monitor`). They lose changes when
 * they come faster than they read (ENOBUFS, which they complain of on standard error), and when they end:
 * then everything is to be looked at.
 */
export function watchHost(prefix: readonly string[], told: (change: HostChange) => void): HostWatch {
  const running = monitors.map((monitor) => keepRunning(prefix, monitor, told));
  return {
    get listening() {
      return running[0].listening;
    },
    async stop() {
      await Promise.all(running.map((one) => one.stop()));
    },
  };
}

function keepRunning(
  prefix: readonly string[],
  { command, read }: Monitor,
  told: (change: HostChange) => void,
): HostWatch {
  let stopped = false;
  let pauseMs = leastPauseMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let end: () => Promise<void> = () => Promise.resolve();
  let listening = false;
  const missed = (why: string) => {
    if (!stopped) told({ part: 'all', text: `${command[0]} monitor ${why}` });
  };
  const start = (again: boolean): void => {
    const began = performance.now();
    const [program, ...words] = [...untilWeEnd, ...prefix, ...command];
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    listening = true;
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop()!;
      if (stopped) return;
      for (const line of lines) {
        const change = read(line);
        if (change) told(change);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      missed(`missed changes: ${text.trim().split('\n')[0]}`);
    });
    const ended = new Promise<void>((resolve) => {
      const over = (why: string) => {
        if (!listening) return;
        listening = false;
        resolve();
        if (stopped) return;
        missed(why);
        if (performance.now() - began > soundMs) pauseMs = leastPauseMs;
        timer = setTimeout(() => start(true), pauseMs);
        pauseMs = Math.min(2 * pauseMs, mostPauseMs);
      };
      child.once('error', (error) => over(`could not be started: ${error.message}`));
      child.once('close', (code, signal) => over(`ended with ${signal ?? `code ${code}`}`));
    });
    end = () => {
      child.kill();
      return ended;
    };
    // What changed while nobody listened.
    if (again) missed('listens again');
  };
  start(false);
  return {
    get listening() {
      return listening;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      return listening ? end() : Promise.resolve();
    },
  };
}

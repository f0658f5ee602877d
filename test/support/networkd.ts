import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootGap, prepareBoot } from '../boot/prepare';

/** A systemd-networkd in the network namespace of a gateway, with a /run, /etc and bus of its own. */
export interface Networkd {
  /** Runs lines of sh where it runs. @throws Error with what they said. */
  sh(script: string): string;
  /** Writes a file, its folders too. */
  write(file: string, text: string): void;
  start(): Promise<void>;
  /** As `systemctl restart` stops it (`RestartKillSignal=SIGUSR2`). */
  stop(): void;
  close(): void;
}

/** Versions that are to be had here, by number: the machine's own and that of the boot tests' Debian. */
export function networkdRoots(): ReadonlyMap<string, string> {
  const roots = ['/', ...(bootGap() === undefined ? [prepareBoot().root] : [])];
  return new Map(
    roots.flatMap((root): [string, string][] => {
      if (!existsSync(path.join(root, 'lib/systemd/systemd-networkd'))) return [];
      if (!existsSync(path.join(root, 'usr/bin/dbus-daemon'))) return [];
      const { stdout } = spawnSync('chroot', [root, 'networkctl', '--version'], { encoding: 'utf8' });
      const version = /^systemd (\d+)/.exec(stdout)?.[1];
      return version === undefined ? [] : [[version, root]];
    }),
  );
}

/**
 * Prepares one; it does not run yet.
 *
 * @param root folder with it, never written to.
 */
export async function networkdBeside(ns: string, root: string): Promise<Networkd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'dwcp-networkd-'));
  const apart = ['unshare', '--mount', '--pid', '--fork', '--kill-child'];
  const script = path.join(__dirname, 'networkd.sh');
  const shim = spawn('ip', ['netns', 'exec', ns, ...apart, 'sh', script, root, folder], { stdio: 'pipe' });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    shim.stderr.on('data', (text: Buffer) => (said += text.toString()));
    shim.stdout.once('data', () => resolve());
    shim.once('close', () => reject(new Error(`no place for networkd: ${said}`)));
  });
  const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(shim.pid)], { encoding: 'utf8' });
  const target = ['--target', children.stdout.trim().split('\n')[0].trim()];
  const run = (lines: string, input?: string): string => {
    const parts = ['--mount', '--net', '--pid', '--root', '--wd=/'];
    const ran = spawnSync('nsenter', [...target, ...parts, 'sh', '-ec', lines], { encoding: 'utf8', input });
    if (ran.status !== 0) throw new Error(`${lines}: ${ran.stderr}${ran.stdout}`);
    return ran.stdout;
  };
  return {
    sh: (lines) => run(lines),
    write: (file, text) => void run(`mkdir -p "$(dirname ${file})"; cat >${file}; chmod 644 ${file}`, text),
    async start() {
      run('/lib/systemd/systemd-networkd >>/run/networkd.log 2>&1 & echo $! >/run/networkd.pid');
      for (const end = Date.now() + 10_000; ; await sleep(50)) {
        // It answers on the bus once it has looked at all interfaces.
        if (spawnAnswers(run)) return;
        if (Date.now() > end) throw new Error(`networkd does not answer: ${run('cat /run/networkd.log')}`);
      }
    },
    stop() {
      // Nobody reaps it: it ends as a zombie.
      const lives = `grep -q '^State:.[^Z]' /proc/$pid/status`;
      run(`pid=$(cat /run/networkd.pid); kill -USR2 $pid; while ${lives}; do sleep 0.02; done`);
    },
    close() {
      shim.removeAllListeners('close');
      shim.kill('SIGKILL');
      for (let i = 0; i < 100 && existsSync(`/proc/${target[1]}`); i++) spawnSync('sleep', ['0.02']);
      rmdirSync(folder);
    },
  };
}

function spawnAnswers(run: (lines: string) => string): boolean {
  try {
    return run('networkctl --no-legend list 2>&1').includes('ens5');
  } catch {
    return false;
  }
}

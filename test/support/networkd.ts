import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootGap, prepareBoot } from '../boot/prepare';
import { placeBeside, type PlaceBeside } from './place-beside';

/** A systemd-networkd in the network namespace of a gateway, with a /run, /etc and bus of its own. */
export interface Networkd extends PlaceBeside {
  start(): Promise<void>;
  /** As `systemctl restart` stops it (`RestartKillSignal=SIGUSR2`). */
  stop(): void;
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
  const place = await placeBeside(ns, 'networkd.sh', [root]);
  return {
    ...place,
    async start() {
      place.sh('/lib/systemd/systemd-networkd >>/run/networkd.log 2>&1 & echo $! >/run/networkd.pid');
      for (const end = Date.now() + 10_000; ; await sleep(50)) {
        // It answers on the bus once it has looked at all interfaces.
        if (answers(place)) return;
        if (Date.now() > end) {
          throw new Error(`networkd does not answer: ${place.sh('cat /run/networkd.log')}`);
        }
      }
    },
    stop() {
      // Nobody reaps it: it ends as a zombie.
      const lives = `grep -q '^State:.[^Z]' /proc/$pid/status`;
      place.sh(`pid=$(cat /run/networkd.pid); kill -USR2 $pid; while ${lives}; do sleep 0.02; done`);
    },
  };
}

function answers({ sh }: PlaceBeside): boolean {
  try {
    return sh('networkctl --no-legend list 2>&1').includes('ens5');
  } catch {
    return false;
  }
}

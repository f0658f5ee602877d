import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { placeBeside, type PlaceBeside } from './place-beside';

/** A firewalld in the network namespace of a gateway, with settings and a bus of its own. */
export interface Firewalld extends PlaceBeside {
  start(): Promise<void>;
  /** As `systemctl stop`: its table goes with it. */
  stop(): void;
}

/** Why there is none on this machine; undefined: there is. */
export function firewalldGap(): string | undefined {
  const missing = ['/usr/sbin/firewalld', '/usr/bin/dbus-daemon'].find((file) => !existsSync(file));
  return missing && `${missing} is not installed`;
}

const bus = 'export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/bus';

/** Prepares one; it does not run yet. */
export async function firewalldBeside(ns: string): Promise<Firewalld> {
  const place = await placeBeside(ns, 'firewalld.sh');
  const sh = (lines: string) => place.sh(`${bus}\n${lines}`);
  return {
    ...place,
    sh,
    async start() {
      sh('firewalld --nofork --nopid >>/run/firewalld.log 2>&1 & echo $! >/run/firewalld.pid');
      for (const end = Date.now() + 20_000; ; await sleep(50)) {
        if (runs(sh)) return;
        if (Date.now() > end) throw new Error(`firewalld does not answer: ${sh('cat /run/firewalld.log')}`);
      }
    },
    stop() {
      // Nobody reaps it: it ends as a zombie.
      const lives = `grep -q '^State:.[^Z]' /proc/$pid/status`;
      sh(`pid=$(cat /run/firewalld.pid); kill $pid; while ${lives}; do sleep 0.02; done`);
    },
  };
}

function runs(sh: (lines: string) => string): boolean {
  try {
    sh('firewall-cmd --state');
    return true;
  } catch {
    return false;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { runProcess } from '../apply/linux/run-process';
import type { HoldNews } from '../probe';

/** How long neighbours are to wait for the next agent, ms. It is there within a second or two. */
export const restartHoldMs = 10_000;
/** Longest wait for an answer of systemd, ms. */
const patienceMs = 300;

/** Does the machine go down? Then nobody is to wait for this gateway. */
export async function machineEnds(): Promise<boolean> {
  // Set by systemd for what it starts (systemd.exec(5)).
  if (process.env.INVOCATION_ID === undefined) return false;
  const asked = runProcess(['systemctl', 'is-system-running']);
  const answer = await Promise.race([asked, sleep(patienceMs, undefined, { ref: false })]);
  return answer?.stdout.trim() === 'stopping';
}

/** What an event says of a neighbour's restart. */
export function restartEvent(
  gateway: string,
  news: HoldNews,
  heldMs: number,
): { readonly what: string; readonly from: string; readonly to: string; readonly cause: string } {
  const what = gateway;
  const seconds = (heldMs / 1000).toFixed(1);
  switch (news) {
    case 'begins':
      return { what, from: 'running', to: 'restarting', cause: 'its agent says so and is waited for' };
    case 'back':
      return { what, from: 'restarting', to: 'running', cause: `its agent is back after ${seconds} s` };
    case 'expires':
      return { what, from: 'restarting', to: 'gone', cause: `its agent is not back after ${seconds} s` };
  }
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onGateway } from '../processes';
import { gatewayFolder, LabFault, type Lab } from '../record';
import { run } from '../run';
import type { GatewayFault } from './gateway-fault';
import { linkDevice } from './link-device';

/** Longest that an interface may stay after its process was killed, ms. */
const patienceMs = 5000;

export const killTunnel: GatewayFault = {
  async make(lab, gateway, value) {
    const { link, device } = linkDevice(lab, gateway, value);
    const pid = await endTunnel(lab, gateway, device);
    return `${gateway}: the interface ${device} of ${link} is gone${pid === null ? '' : `, wireguard-go ${pid} was killed`}`;
  },
};

/**
 * Ends an interface of a tunnel from outside: by its process where it has one, else as `ip link delete` does.
 *
 * @returns the process; null: the kernel's own WireGuard.
 * @throws LabFault if there is no such interface, or it stays.
 */
export async function endTunnel(lab: Lab, gateway: string, device: string): Promise<number | null> {
  if (!(await isThere(lab, gateway, device))) throw new LabFault(`${gateway} has no interface ${device} now`);
  const pid = tryDaemon(lab, gateway, device);
  if (pid === undefined) await run(onGateway(lab, gateway, ['ip', 'link', 'delete', 'dev', device]));
  else process.kill(pid, 'SIGKILL');
  for (const end = Date.now() + patienceMs; await isThere(lab, gateway, device); await sleep(10)) {
    if (Date.now() > end) throw new LabFault(`${device} is still there after ${patienceMs / 1000} s`);
    // An agent that mends at once has made another already.
    if (pid !== undefined && tryDaemon(lab, gateway, device) !== pid) break;
  }
  return pid ?? null;
}

function isThere(lab: Lab, gateway: string, device: string): Promise<boolean> {
  return run(onGateway(lab, gateway, ['ip', 'link', 'show', 'dev', device])).then(
    () => true,
    () => false,
  );
}

/** The process that the agent wrote down for an interface, if it still is that. */
function tryDaemon(lab: Lab, gateway: string, device: string): number | undefined {
  try {
    const file = path.join(gatewayFolder(lab, gateway), 'run', 'wireguard-go', `${device}.pid`);
    const pid = Number(readFileSync(file, 'utf8'));
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.includes(device) ? pid : undefined;
  } catch {
    return undefined;
  }
}

import path from 'node:path';
import { tryAgentProcess } from '../processes';
import { gatewayFolder, isAlive, LabFault, type Lab } from '../record';
import { run } from '../run';
import type { GatewayFault } from './gateway-fault';

/** What the agent writes to: `run` lives in memory and `state` on the disk of a real gateway. */
const folders: readonly string[] = ['run', 'state'];

/** A small file system with what was there before, filled to the last byte, or read-only ($2). */
const fill = `if mountpoint -q "$1"; then exit 0; fi
copy=$(mktemp -d)
cp -a "$1/." "$copy"
mount -t tmpfs -o size=512k,mode=0700 dwcp-full "$1"
cp -a "$copy/." "$1"
rm -rf "$copy"
if [ "$2" = ro ]; then mount -o remount,ro "$1"; else cat /dev/zero >"$1/filler" 2>/dev/null || true; fi`;

const empty = 'if mountpoint -q "$1"; then umount -l "$1"; fi';

/**
 * Nothing can be written to the folders of the agent any more. Makes it where the agent runs that is there
 * now, and where the next one will begin.
 */
export const diskFull: GatewayFault = {
  async make(lab, gateway, value) {
    if (value !== undefined && value !== 'read-only') {
      throw new LabFault(`disk-full takes 'read-only' or nothing, not '${value}'`);
    }
    const kind = value === undefined ? 'full' : 'ro';
    for (const [where, folder] of places(lab, gateway)) {
      await run([...where, 'sh', '-ec', fill, 'sh', folder, kind]);
    }
    return `${gateway}: the disk of its agent is ${kind === 'full' ? 'full' : 'read-only'}`;
  },
  async heal(lab, gateway) {
    for (const [where, folder] of places(lab, gateway)) {
      await run([...where, 'sh', '-ec', empty, 'sh', folder]);
    }
  },
};

/** In our mount namespace, which the next agent begins with, and in that of the agent that runs. */
function places(lab: Lab, gateway: string): (readonly [where: readonly string[], folder: string])[] {
  const agent = tryAgentProcess(lab, gateway);
  const inAgent = agent && isAlive(agent) ? [['nsenter', `--mount=/proc/${agent.pid}/ns/mnt`]] : [];
  const all: readonly (readonly string[])[] = [[], ...inAgent];
  return all.flatMap((where) =>
    folders.map((name) => [where, path.join(gatewayFolder(lab, gateway), name)] as const),
  );
}

import { writeFileSync } from 'node:fs';
import { agentClockFile } from '../start-agent';
import { LabFault } from '../record';
import type { GatewayFault } from './gateway-fault';

const hourMs = 3_600_000;
const units = { h: hourMs, m: 60_000, s: 1000 } as const;

/**
 * The wall clock as the gateway's agent sees it: Linux has one for all namespaces. Certificates and
 * WireGuard keep the machine's.
 */
export const clock: GatewayFault = {
  make(lab, gateway, value = '+16h') {
    const found = /^([+-])(\d{1,5})([hms])$/.exec(value);
    if (!found)
      return Promise.reject(new LabFault(`clock takes a step such as +16h or -90s, not '${value}'`));
    const [, sign, count, unit] = found;
    const stepMs = Number(`${sign}${count}`) * units[unit as keyof typeof units];
    writeFileSync(agentClockFile(lab, gateway), `${stepMs}\n`);
    return Promise.resolve(`${gateway}: the agent's wall clock was set by ${value}`);
  },
  heal(lab, gateway) {
    writeFileSync(agentClockFile(lab, gateway), '0\n');
    return Promise.resolve();
  },
};

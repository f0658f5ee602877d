import { setTimeout as sleep } from 'node:timers/promises';
import { neighbourPort } from '../../agent/takeover/neighbour-port';
import { cloudPort } from '../cloud/cloud-config';
import { onGateway, tryAgentProcess } from '../processes';
import { isAlive, LabFault, type Lab, type ProcessIdentity } from '../record';
import { run } from '../run';
import { startAgent } from '../start-agent';
import type { GatewayFault } from './gateway-fault';

/** Drops packets of a gateway before anything else sees them, by a table of nftables of this name. */
async function drop(lab: Lab, gateway: string, name: string, what: string): Promise<void> {
  const chain = (hook: string) =>
    `chain ${hook} { type filter hook ${hook} priority -500; policy accept; ${what} }\n`;
  const table = `table inet ${name} {\n${chain('prerouting')}${chain('output')}}\n`;
  await run(onGateway(lab, gateway, ['nft', '-f', '-']), table);
}

function admit(lab: Lab, gateway: string, name: string): Promise<string> {
  return run(onGateway(lab, gateway, ['nft', 'delete', 'table', 'inet', name]));
}

function agentOf(lab: Lab, gateway: string): ProcessIdentity {
  const identity = tryAgentProcess(lab, gateway);
  if (!identity || !isAlive(identity)) throw new LabFault(`the agent of ${gateway} does not run`);
  return identity;
}

/** The machine is gone: nothing comes in or goes out, and what ran on it has ended. */
export const killGateway: GatewayFault = {
  async make(lab, gateway) {
    const agent = agentOf(lab, gateway);
    await drop(lab, gateway, 'lab_dead', 'drop;');
    process.kill(agent.pid, 'SIGKILL');
    return `${gateway}: it is dead`;
  },
  async heal(lab, gateway) {
    await admit(lab, gateway, 'lab_dead');
    for (let left = 100; isAlive(tryAgentProcess(lab, gateway) ?? null) && left > 0; left--) await sleep(20);
    await startAgent(lab, gateway);
  },
};

/** The agent hangs, and the kernel goes on forwarding. */
export const stopAgent: GatewayFault = {
  async make(lab, gateway) {
    process.kill(agentOf(lab, gateway).pid, 'SIGSTOP');
    return Promise.resolve(`${gateway}: its agent hangs`);
  },
  async heal(lab, gateway) {
    process.kill(agentOf(lab, gateway).pid, 'SIGCONT');
    return Promise.resolve();
  },
};

/** The other gateway of the region cannot be heard, nor hear this one. */
export const cutNeighbour: GatewayFault = {
  async make(lab, gateway) {
    await drop(
      lab,
      gateway,
      'lab_neighbour',
      `udp dport ${neighbourPort} drop; udp sport ${neighbourPort} drop;`,
    );
    return `${gateway}: probes to and from its neighbour are lost`;
  },
  async heal(lab, gateway) {
    await admit(lab, gateway, 'lab_neighbour');
  },
};

/** The cloud's API does not answer. */
export const cutApi: GatewayFault = {
  async make(lab, gateway) {
    await drop(lab, gateway, 'lab_api', `tcp dport ${cloudPort} drop; tcp sport ${cloudPort} drop;`);
    return `${gateway}: the cloud's API does not answer it`;
  },
  async heal(lab, gateway) {
    await admit(lab, gateway, 'lab_api');
  },
};

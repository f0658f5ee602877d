import { onGateway } from '../processes';
import type { Lab } from '../record';
import { run } from '../run';
import { nftTable, protocol } from '../../agent/apply/numbers';
import type { GatewayFault } from './gateway-fault';

const ours = String(protocol);

async function on(lab: Lab, gateway: string, commands: readonly string[][]): Promise<void> {
  for (const command of commands) await run(onGateway(lab, gateway, command));
}

export const flushRules: GatewayFault = {
  async make(lab, gateway) {
    const flush = ['rule', 'flush', 'protocol', ours];
    await on(lab, gateway, [
      ['ip', ...flush],
      ['ip', '-6', ...flush],
    ]);
    return `${gateway}: our routing rules were removed`;
  },
};

export const flushNexthops: GatewayFault = {
  async make(lab, gateway) {
    await on(lab, gateway, [['ip', 'nexthop', 'flush', 'proto', ours]]);
    return `${gateway}: our nexthops were removed, and with them groups and routes`;
  },
};

export const flushMarking: GatewayFault = {
  async make(lab, gateway) {
    await on(lab, gateway, [['nft', 'delete', 'table', 'inet', nftTable]]);
    return `${gateway}: our nftables table was removed`;
  },
};

import { nearest } from '../../diagnostics';
import { onGateway } from '../processes';
import { LabFault, type Lab } from '../record';
import { run } from '../run';
import type { GatewayFault } from './gateway-fault';

/** As wg-quick(8) numbers its own; before all rules of ours. */
const table = '51820';
const priority = '100';

function blocksOf({ layout }: Lab, gateway: string, region: string | undefined): string[] {
  const own = layout.gateways.find(({ id }) => id === gateway)!.region;
  const others = layout.regions.filter(({ id }) => id !== own);
  const taken = others.filter(({ id }) => region === undefined || id === region);
  if (taken.length > 0) return taken.map(({ ipv4Block }) => ipv4Block);
  const known = others.map(({ id }) => id);
  const near = nearest(region!, known);
  throw new LabFault(
    `the lab has no other region '${region}'${near === undefined ? '' : `; did you mean '${near}'?`}`,
  );
}

/** What an earlier VPN left: a rule that leads the traffic to other regions into a table of its own. */
export const stealRule: GatewayFault = {
  async make(lab, gateway, value) {
    const lines = [
      `route replace blackhole default table ${table}`,
      ...blocksOf(lab, gateway, value).map(
        (block) => `rule add to ${block} lookup ${table} pref ${priority}`,
      ),
    ];
    await run(onGateway(lab, gateway, ['ip', '-batch', '-']), `${lines.join('\n')}\n`);
    return `${gateway}: a rule of an earlier VPN takes IPv4 traffic to ${value ?? 'every other region'}`;
  },
  async heal(lab, gateway, value) {
    const lines = blocksOf(lab, gateway, value).map(
      (block) => `rule del to ${block} lookup ${table} pref ${priority}`,
    );
    await run(onGateway(lab, gateway, ['ip', '-force', '-batch', '-']), `${lines.join('\n')}\n`);
  },
};

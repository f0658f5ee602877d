import { onGateway } from '../processes';
import { run } from '../run';
import type { GatewayFault } from './gateway-fault';
import { endTunnel } from './kill-tunnel';
import { linkDevice } from './link-device';

/** What stands in the place is one end of a veth pair: every kernel that runs a lab has it. */
export const foreignInterface: GatewayFault = {
  async make(lab, gateway, value) {
    const { link, device } = linkDevice(lab, gateway, value);
    const other = ['type', 'veth', 'peer', 'name', `f${device.slice(1)}`];
    // An agent that mends at once may be first.
    for (let left = 5; ; left--) {
      await endTunnel(lab, gateway, device);
      try {
        await run(onGateway(lab, gateway, ['ip', 'link', 'add', device, ...other]));
        break;
      } catch (error) {
        if (left === 1) throw error;
      }
    }
    return `${gateway}: ${device} of ${link} is an interface of somebody else`;
  },
  async heal(lab, gateway, value) {
    const { device } = linkDevice(lab, gateway, value);
    await run(onGateway(lab, gateway, ['ip', 'link', 'delete', 'dev', device]));
  },
};

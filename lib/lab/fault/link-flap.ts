import { onGateway } from '../processes';
import { run } from '../run';
import type { GatewayFault } from './gateway-fault';
import { linkDevice } from './link-device';

/** Linux removes nexthops, groups, routes and IPv6 addresses with an interface that goes down. */
export const linkFlap: GatewayFault = {
  async make(lab, gateway, value) {
    const { link, device } = linkDevice(lab, gateway, value);
    const lines = ['down', 'up'].map((way) => `link set dev ${device} ${way}\n`);
    await run(onGateway(lab, gateway, ['ip', '-batch', '-']), lines.join(''));
    return `${gateway}: the interface ${device} of ${link} went down and up`;
  },
};

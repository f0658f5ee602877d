import { onGateway } from '../processes';
import { run } from '../run';
import { gatewayLines } from '../wiring';
import type { GatewayFault } from './gateway-fault';

/** As hardening guides have it: `sysctl -w net.ipv6.conf.all.disable_ipv6=1`. */
export const noIpv6: GatewayFault = {
  async make(lab, gateway) {
    const turnOff = 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6';
    await run(onGateway(lab, gateway, ['sh', '-ec', turnOff]));
    return `${gateway}: IPv6 is switched off by sysctl, on all interfaces`;
  },
  /** What is not the agent's: the lab's own addresses and routes of IPv6. */
  async heal(lab, gateway) {
    const turnOn = 'for i in all default; do echo 0 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done';
    await run(onGateway(lab, gateway, ['sh', '-ec', turnOn]));
    const own = lab.layout.gateways.find(({ id }) => id === gateway)!;
    const lines = gatewayLines(
      own,
      lab.layout.regions.find(({ id }) => id === own.region)!,
    );
    const ofIpv6 = lines.filter((line) => /^(address|route) add \S*:/.test(line));
    const again = ofIpv6.map((line) => line.replace(/^(address|route) add/, '$1 replace'));
    await run(onGateway(lab, gateway, ['ip', '-force', '-batch', '-']), `${again.join('\n')}\n`);
  },
};

import type { OpenPort } from '../../lib/agent/probe';
import { openUdpPort } from '../../lib/agent/probe/udp-port';

/** Reflector and sender port of a prober that stands for a gateway on the loopback interface. */
export interface LoopbackPorts {
  reflector: number;
  sender: number;
}

const loopback = '::1';

/**
 * Opens ports for many gateways on one machine without namespaces: all have `::1`, and UDP ports tell them
 * apart. Planned addresses are turned into ports on the way out and back on the way in.
 *
 * @param gatewayOf the gateway that holds an address.
 * @param addressOf the address that packets from a gateway carry, by gateway: one each.
 */
export function loopbackPorts(
  own: LoopbackPorts,
  peers: ReadonlyMap<string, LoopbackPorts>,
  gatewayOf: (address: string) => string,
  addressOf: (gateway: string) => string,
): OpenPort {
  const byPort = new Map<number, string>();
  const addressOfPort = (port: number): string => {
    const known = byPort.get(port);
    if (known !== undefined) return known;
    for (const [gateway, { reflector, sender }] of peers) {
      byPort.set(reflector, addressOf(gateway));
      byPort.set(sender, addressOf(gateway));
    }
    return byPort.get(port) ?? loopback;
  };
  let opened = 0;
  return async (_wanted, receive) => {
    const isReflector = opened++ === 0;
    const port = await openUdpPort(0, (packet, _address, from) => receive(packet, addressOfPort(from), from));
    own[isReflector ? 'reflector' : 'sender'] = port.port;
    return {
      ...port,
      send: (packet, to, address) =>
        port.send(packet, isReflector ? to : peers.get(gatewayOf(address))!.reflector, loopback),
    };
  };
}

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
 * apart. Sessions and peers take gateway ids for addresses. Packets to a gateway without a port are lost.
 *
 * @param own filled in as ports are opened, the reflector's first.
 */
export function loopbackPorts(own: LoopbackPorts, peers: ReadonlyMap<string, LoopbackPorts>): OpenPort {
  const byPort = new Map<number, string>();
  const gatewayOf = (port: number): string => {
    if (byPort.size === 0) {
      for (const [gateway, { reflector, sender }] of peers) {
        byPort.set(reflector, gateway);
        byPort.set(sender, gateway);
      }
    }
    return byPort.get(port) ?? loopback;
  };
  let opened = 0;
  return async (_wanted, receive) => {
    const isReflector = opened++ === 0;
    const port = await openUdpPort(0, (packet, _address, from) => receive(packet, gatewayOf(from), from));
    own[isReflector ? 'reflector' : 'sender'] = port.port;
    return {
      ...port,
      send(packet, to, gateway) {
        const reflector = isReflector ? to : peers.get(gateway)?.reflector;
        if (reflector !== undefined) port.send(packet, reflector, loopback);
      },
    };
  };
}

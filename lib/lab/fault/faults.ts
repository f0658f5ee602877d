import { clock } from './clock';
import type { FaultName } from './fault-names';
import { forwardDrop, mtu } from './filters';
import { diskFull } from './disk-full';
import { flushMarking, flushNexthops, flushRules } from './flush';
import { foreignInterface } from './foreign-interface';
import { cutApi, cutNeighbour, killGateway, stopAgent } from './gateway-down';
import { foreignMark } from './foreign-mark';
import type { GatewayFault } from './gateway-fault';
import { killTunnel } from './kill-tunnel';
import { linkFlap } from './link-flap';
import { networkd } from './networkd';
import { noIpv6 } from './no-ipv6';
import { stealRule } from './steal-rule';

/** Every fault: a new one is a file, a line here and a line in `faultSummaries`. */
export const faults: Readonly<Record<FaultName, GatewayFault>> = {
  'kill-tunnel': killTunnel,
  'link-flap': linkFlap,
  'flush-rules': flushRules,
  'flush-nexthops': flushNexthops,
  'flush-marking': flushMarking,
  networkd,
  'foreign-interface': foreignInterface,
  'kill-gateway': killGateway,
  'stop-agent': stopAgent,
  'cut-neighbour': cutNeighbour,
  'cut-api': cutApi,
  mtu,
  'forward-drop': forwardDrop,
  'steal-rule': stealRule,
  'no-ipv6': noIpv6,
  clock,
  'disk-full': diskFull,
  mark: foreignMark,
};

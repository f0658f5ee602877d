import type { GatewayState, GatewayTunnel } from '../../../gateway';
import type { HostObject } from '../host-object';
import type { HostSettings } from '../host-settings';
import { loopbackDevice, returnDevice } from '../numbers';
import { tunnelWords, wantedTunnel, type TunnelDevice } from '../tunnels/drivers';

/**
 * Settings of the whole host. Segments need both the general switch and that of the interface that they come
 * in by (net/ipv6/exthdrs.c), so that only tunnels take them. Reverse path filtering knows no marks and would
 * drop what comes in by another tunnel than the answer leaves by. Flows are told apart by ports (policy 1).
 * Without the compatibility mode a change of a group is one message, not one more for each of its routes.
 */
export const hostSysctls = {
  'net/ipv4/ip_forward': 1,
  'net/ipv6/conf/all/forwarding': 1,
  'net/ipv6/conf/all/seg6_enabled': 1,
  'net/ipv4/conf/all/rp_filter': 0,
  'net/ipv4/fib_multipath_hash_policy': 1,
  'net/ipv6/fib_multipath_hash_policy': 1,
  'net/ipv4/nexthop_compat_mode': 0,
} as const;

/** Names of the settings of the whole host that the agent makes. */
export const hostSysctlNames: readonly string[] = Object.keys(hostSysctls);

/**
 * IPv6 stays on where packets of ours pass, whatever was set for all interfaces: the switch of each decides
 * (net/ipv6/ip6_input.c). What this host sends by the veth pair comes in from an address of its own.
 */
const loopbackSysctls: [string, number][] = [
  [`net/ipv6/conf/${loopbackDevice}/disable_ipv6`, 0],
  [`net/ipv6/conf/${returnDevice}/disable_ipv6`, 0],
  [`net/ipv4/conf/${returnDevice}/rp_filter`, 0],
  [`net/ipv4/conf/${returnDevice}/accept_local`, 1],
];

const tunnelSysctls = (name: string): [string, number][] => [
  [`net/ipv6/conf/${name}/disable_ipv6`, 0],
  [`net/ipv6/conf/${name}/seg6_enabled`, 1],
  [`net/ipv4/conf/${name}/rp_filter`, 0],
];

/** Names of the settings of interfaces that the agent makes. */
export function deviceSysctlNames(tunnels: readonly string[]): string[] {
  return [...loopbackSysctls, ...tunnels.flatMap(tunnelSysctls)].map(([sysctl]) => sysctl);
}

/** Host settings, interfaces, and addresses. */
export function tunnelObjects(gateway: GatewayState, settings: HostSettings): HostObject[] {
  const { tunnels } = gateway;
  const sysctl = (kind: 'sysctl' | 'deviceSysctl', [key, value]: readonly [string, number]): HostObject => ({
    kind,
    key,
    value: String(value),
  });
  return [
    ...Object.entries(hostSysctls).map((entry) => sysctl('sysctl', entry)),
    { kind: 'device', key: loopbackDevice, value: 'up' },
    ...loopbackSysctls.map((entry) => sysctl('deviceSysctl', entry)),
    ...tunnels.map((tunnel) => tunnelObject(wantedTunnel(gateway, tunnel, settings))),
    ...tunnels.flatMap(({ interfaceName }) =>
      tunnelSysctls(interfaceName).map((entry) => sysctl('deviceSysctl', entry)),
    ),
    ...addresses(gateway, tunnels),
  ];
}

/** A tunnel's interface as an object; keys do not stand in its words. */
export function tunnelObject(tunnel: TunnelDevice): HostObject {
  return { kind: 'tunnel', key: tunnel.name, value: tunnelWords(tunnel), tunnel };
}

/**
 * Duplicate address detection is off: nobody else can have them, and it would hold back packets for a
 * second. Probe addresses are deprecated (RFC 4862 section 5.5.4), so that nothing but probes uses them.
 */
function addresses(gateway: GatewayState, tunnels: readonly GatewayTunnel[]): HostObject[] {
  const address = (text: string, device: string, value = ''): HostObject => ({
    kind: 'address',
    key: `${text} dev ${device}`,
    value,
  });
  const probes = [
    ...gateway.paths.flatMap((path) => (path.probe ? [path.probe.source] : [])),
    ...gateway.returns.map((back) => back.probe.source),
  ];
  return [
    address(`${gateway.ipv4}/32`, loopbackDevice),
    address(`${gateway.ipv6}/128`, loopbackDevice),
    ...tunnels.flatMap(({ interfaceName, ipv4, ipv6 }) => [
      address(`${ipv4}/31`, interfaceName),
      address(`${ipv6}/127`, interfaceName),
    ]),
    ...probes.map((source) => address(`${source}/128`, loopbackDevice, 'preferred_lft 0')),
  ];
}

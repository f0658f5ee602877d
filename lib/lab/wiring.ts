import { formatPrefix, isIpv4Prefix } from '../net';
import { relayPool, underlayPool, type LabGateway, type LabLayout, type LabRegion } from './layout';

/** Lines of ip(8) that make a lab's network, without tunnels: those are the agents' work. */
export interface Wiring {
  /** Outside every namespace: makes them and the wires between them. */
  readonly outside: readonly string[];
  /** Inside, by namespace. */
  readonly inside: ReadonlyMap<string, readonly string[]>;
}

/** Kernel switches of a namespace, by path below /proc/sys/net. Both families are forwarded by the agents. */
export type Switches = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Every namespace of a lab, in the order in which they are made. */
export function namespacesOf({ underlay, gateways, regions }: LabLayout): string[] {
  return [underlay, ...gateways.map((g) => g.namespace), ...regions.map((r) => r.namespace)];
}

/** Makes the namespaces, the wires and their addresses. */
export function wiring(layout: LabLayout): Wiring {
  const { underlay, gateways, regions } = layout;
  const region = new Map(regions.map((r) => [r.id, r]));
  const wires = gateways.flatMap((g) => {
    const { id, namespace } = region.get(g.region)!;
    const host = region.get(id)!.hosts.find((h) => h.gateway === g.id)!;
    return [
      `link add underlay0 netns ${g.namespace} type veth peer name ${g.underlayDevice} netns ${underlay}`,
      `link add region0 netns ${g.namespace} type veth peer name ${host.device} netns ${namespace}`,
    ];
  });
  return {
    outside: [...namespacesOf(layout).map((name) => `netns add ${name}`), ...wires],
    inside: new Map([
      [underlay, underlayLines(gateways)],
      ...gateways.map((g) => [g.namespace, gatewayLines(g, region.get(g.region)!)] as const),
      ...regions.map((r) => [r.namespace, regionLines(r, gateways)] as const),
    ]),
  };
}

function underlayLines(gateways: readonly LabGateway[]): string[] {
  return [
    'link set lo up',
    // Every address of the pool is the relay's (RFC 5735 calls it benchmarking).
    `route add local ${formatPrefix(relayPool)} dev lo`,
    ...gateways.flatMap((g) => [
      `address add ${g.underlayAddress}/31 dev ${g.underlayDevice}`,
      `link set ${g.underlayDevice} up`,
    ]),
  ];
}

/** Lines of ip(8) inside the namespace of a gateway. */
export function gatewayLines(gateway: LabGateway, region: LabRegion): string[] {
  const host = region.hosts.find((h) => h.gateway === gateway.id)!;
  return [
    'link set lo up',
    `address add ${gateway.address}/31 dev underlay0`,
    'link set underlay0 up',
    `route add ${formatPrefix(underlayPool)} via ${gateway.underlayAddress} dev underlay0`,
    `address add ${gateway.ipv4}/32 dev region0`,
    `address add ${gateway.ipv6}/128 dev region0 nodad`,
    'link set region0 up',
    // As the VPC's router: the whole block is behind this wire.
    `route add ${host.ipv4}/32 dev region0`,
    `route add ${host.ipv6}/128 dev region0`,
    `route add ${region.ipv4Block} via ${host.ipv4} dev region0`,
    `route add ${region.ipv6Block} via ${host.ipv6} dev region0`,
    ...region.hosts
      .filter((other) => other.gateway !== gateway.id)
      .map((other) => `route add ${other.gatewayOverlay}/32 via ${host.ipv4} dev region0`),
    ...region.prefixes.map(
      ({ prefix }) => `route add ${prefix} via ${isIpv4Prefix(prefix) ? host.ipv4 : host.ipv6} dev region0`,
    ),
  ];
}

function regionLines(region: LabRegion, gateways: readonly LabGateway[]): string[] {
  const wire = region.hosts.flatMap((host, i) => {
    const gateway = gateways.find((g) => g.id === host.gateway)!;
    // By source address: the second address leaves by the second gateway, as a subnet of its zone would.
    const table = i === 0 ? '' : ` table ${i + 1}`;
    return [
      `address add ${host.ipv4}/32 dev ${host.device}`,
      `address add ${host.ipv6}/128 dev ${host.device} nodad`,
      `link set ${host.device} up`,
      `route add ${gateway.ipv4}/32 dev ${host.device}`,
      `route add ${gateway.ipv6}/128 dev ${host.device}`,
      `route add ${host.gatewayOverlay}/32 via ${gateway.ipv4} dev ${host.device} onlink`,
      `route add default via ${gateway.ipv4} dev ${host.device} onlink src ${host.ipv4}${table}`,
      `route add ::/0 via ${gateway.ipv6} dev ${host.device} onlink src ${host.ipv6}${table}`,
      ...(i === 0
        ? []
        : [`rule add from ${host.ipv4} lookup ${i + 1}`, `-6 rule add from ${host.ipv6} lookup ${i + 1}`]),
    ];
  });
  const behind = region.prefixes.map(({ prefix, address }) =>
    isIpv4Prefix(prefix) ? `address add ${address}/32 dev lo` : `address add ${address}/128 dev lo nodad`,
  );
  return ['link set lo up', ...wire, ...behind];
}

/** Paths below /proc/sys/net and what is written there, by namespace. */
export function switchesOf({ underlay, regions }: LabLayout): Switches {
  return new Map<string, Readonly<Record<string, string>>>([
    [underlay, { 'ipv4/ip_forward': '1' }],
    // With two gateways what is sent to one may be answered through the other.
    ...regions.map(
      (r) =>
        [
          r.namespace,
          {
            'ipv4/conf/all/rp_filter': '0',
            'ipv4/conf/default/rp_filter': '0',
            // As the VPC's router: gateways that stand in for each other watch each other through it.
            ...(r.shared && { 'ipv4/ip_forward': '1', 'ipv6/conf/all/forwarding': '1' }),
          },
        ] as const,
    ),
  ]);
}

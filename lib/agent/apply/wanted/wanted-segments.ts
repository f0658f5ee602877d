import type { GatewayState } from '../../../gateway';
import type { HostObject } from '../host-object';
import { loopbackDevice, pinTable, routeMetric, rulePriority, tables } from '../numbers';

/**
 * Segments that end here or go on by a tunnel (RFC 8986 sections 4.2, 4.5 to 4.7), and the way to each
 * peer's locator: by its one tunnel, or, with parallel ones, by the one whose address the packet carries.
 * A locator never moves to another tunnel: what is pinned over a dead link is to fail.
 */
export function segmentObjects(gateway: GatewayState): HostObject[] {
  const local = (segment: string, action: string): HostObject => ({
    kind: 'segment',
    key: routeKey(`${segment}/128`, tables.main),
    value: `encap seg6local action ${action} dev ${loopbackDevice}`,
  });
  const { tunnels } = gateway;
  return [
    local(gateway.segmentDx4, 'End.DX4 nh4 0.0.0.0'),
    local(gateway.segmentDx6, 'End.DX6 nh6 ::'),
    local(gateway.segmentLocal, `End.DT6 table ${tables.local}`),
    ...tunnels.map(({ segment, peer }) => local(segment, `End.X nh6 ${peer.ipv6}`)),
    ...tunnels.map(({ interfaceName, listenPort, parallel, peer }): HostObject => {
      const table = parallel ? pinTable(listenPort) : tables.main;
      return {
        kind: 'segment',
        key: routeKey(peer.locator, table),
        value: `via ${peer.ipv6} dev ${interfaceName}`,
      };
    }),
    ...tunnels
      .filter(({ parallel }) => parallel)
      .map(({ ipv6, listenPort, peer }): HostObject => {
        const words = `from ${ipv6} to ${peer.locator} lookup ${pinTable(listenPort)}`;
        return { kind: 'rule6', key: `priority ${rulePriority.pin} ${words}`, value: '' };
      }),
  ];
}

/** How a route is known: prefix, table and metric, in iproute2's words. */
export function routeKey(prefix: string, table: number, metric = routeMetric): string {
  return `${prefix} table ${table} metric ${metric}`;
}

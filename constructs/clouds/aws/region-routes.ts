import type { NetworkInterface } from '@cdktf/provider-aws/lib/network-interface';
import { Route } from '@cdktf/provider-aws/lib/route';
import { prefixName, vpcPrefixes } from '../../../lib/clouds/aws/names';
import { regionFolder } from '../../../lib/clouds/region-folder';
import { operatorRoutes } from '../../../lib/gateway/operator-access';
import { takesOver } from '../../../lib/plan';
import type { GatewayBase } from './gateway-base';
import type { RegionScope } from './region-scope';
import type { RegionTable } from './region-tables';

/** Routes by table, then by what they lead to. */
export type RoutesByTable = ReadonlyMap<string, ReadonlyMap<string, Route>>;

/**
 * Routes to every remote block, by region, and to every remote IPv4 prefix, by prefix, through the gateway
 * that each table is at home at. Where two gateways stand in for each other, they own where a route leads:
 * Terraform makes it and then leaves it, until the interface of its home is another one. So it is with the
 * route by which operators reach gateways elsewhere; the route to a gateway of the region leads to it alone.
 *
 * @param bases of the region's gateways, by number.
 */
export function createRoutes(
  scope: RegionScope,
  tables: readonly RegionTable[],
  bases: readonly GatewayBase[],
): { readonly routes: RoutesByTable; readonly prefixRoutes: RoutesByTable } {
  const interfaces = new Map(bases.map(({ gateway, networkInterface }) => [gateway.id, networkInterface]));
  const remote = scope.plan.regions.filter((region) => region.id !== scope.region.id);
  const owned = takesOver(scope.region);
  for (const { name, id: routeTableId, home } of tables)
    for (const { name: to, destination, gateway } of operatorRoutes(scope.plan, scope.region)) {
      const leadsTo = gateway === null ? interfaces.get(home)! : bases[gateway - 1].networkInterface;
      new Route(scope.construct, `${name}-to-${to}`, {
        region: scope.place,
        routeTableId,
        destinationCidrBlock: destination,
        networkInterfaceId: leadsTo.id,
        ...(owned && gateway === null && ownedBy(leadsTo)),
      });
    }
  const route = ({ name, id: routeTableId, home }: RegionTable, to: string, block: string) => {
    const networkInterface = interfaces.get(home)!;
    return new Route(scope.construct, `${name}-to-${to}`, {
      region: scope.place,
      routeTableId,
      destinationCidrBlock: block,
      networkInterfaceId: networkInterface.id,
      ...(owned && ownedBy(networkInterface)),
    });
  };
  const byTable = (routesOf: (table: RegionTable) => [string, Route][]) =>
    new Map(tables.map((table) => [table.name, new Map(routesOf(table))]));
  return {
    routes: byTable((table) =>
      remote.map((to) => [to.id, route(table, `region-${regionFolder(to)}`, to.ipv4Block)]),
    ),
    prefixRoutes: byTable((table) =>
      remote
        .flatMap(vpcPrefixes)
        .map((prefix) => [prefix, route(table, `prefix-${prefixName(prefix)}`, prefix)]),
    ),
  };
}

/** Where it leads is the gateways' own, until its home is another interface. */
function ownedBy({ friendlyUniqueId }: NetworkInterface) {
  const home = `aws_network_interface.${friendlyUniqueId}.id`;
  return { lifecycle: { ignoreChanges: ['network_interface_id'], replaceTriggeredBy: [home] } };
}

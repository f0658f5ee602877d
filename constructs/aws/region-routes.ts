import { Route } from '@cdktf/provider-aws/lib/route';
import { Token } from 'cdktf';
import type { GatewayResources, MadeVpc } from './resources';
import { prefixName, regionFolder, routeTableName, vpcPrefixes } from '../../lib/emit/aws-names';
import type { RegionScope } from './region-scope';

/** A table, with the gateway that its traffic leaves by. */
interface Table {
  readonly name: string;
  readonly id: string;
  readonly networkInterfaceId: string;
}

/** Routes by table, then by what they lead to. */
export type RoutesByTable = ReadonlyMap<string, ReadonlyMap<string, Route>>;

/**
 * Routes to every remote block, by region, and to every remote IPv4 prefix, by prefix, through the gateways:
 * with two, zone 2 leaves by the second, so that no traffic crosses zones. Of your own route tables, the i-th
 * of the list takes gateway 1 or 2 in turn.
 */
export function createRoutes(
  scope: RegionScope,
  made: MadeVpc | undefined,
  gateways: readonly GatewayResources[],
): { readonly routes: RoutesByTable; readonly prefixRoutes: RoutesByTable } {
  const by = (index: number) => gateways[index % gateways.length].networkInterface.id;
  const tables: Table[] = made
    ? [
        { name: 'public', id: made.publicTable.id, networkInterfaceId: by(0) },
        { name: 'private-1', id: made.privateTables[0].id, networkInterfaceId: by(0) },
        { name: 'private-2', id: made.privateTables[1].id, networkInterfaceId: by(1) },
      ]
    : (scope.region.vpc?.routeTables ?? []).map((id, i) => ({
        // A token is no part of a construct's id, which must be the same before and after apply.
        name: routeTableName(Token.isUnresolved(id) ? undefined : id, i),
        id,
        networkInterfaceId: by(i),
      }));
  const remote = scope.plan.regions.filter((region) => region.id !== scope.region.id);
  const route = ({ name, id: routeTableId, networkInterfaceId }: Table, to: string, block: string) =>
    new Route(scope.construct, `${name}-to-${to}`, {
      region: scope.place,
      routeTableId,
      destinationCidrBlock: block,
      networkInterfaceId,
    });
  const byTable = (routesOf: (table: Table) => [string, Route][]) =>
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

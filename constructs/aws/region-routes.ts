import { Route } from '@cdktf/provider-aws/lib/route';
import { Token } from 'cdktf';
import { routeTableName } from '../../lib/emit/aws-names';
import type { GatewayResources, MadeVpc } from './resources';
import { regionFolder } from '../../lib/emit/aws-names';
import type { RegionScope } from './region-scope';

/** A table, with the gateway that its traffic leaves by. */
interface Table {
  readonly name: string;
  readonly id: string;
  readonly networkInterfaceId: string;
}

/**
 * Routes to every remote block through the gateways: with two, zone 2 leaves by the second, so that no
 * traffic crosses zones. Of your own route tables, the i-th of the list takes gateway 1 or 2
 * in turn.
 */
export function createRoutes(
  scope: RegionScope,
  made: MadeVpc | undefined,
  gateways: readonly GatewayResources[],
): ReadonlyMap<string, ReadonlyMap<string, Route>> {
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
  return new Map(
    tables.map(({ name, id, networkInterfaceId }) => [
      name,
      new Map(
        remote.map((to) => [
          to.id,
          new Route(scope.construct, `${name}-to-region-${regionFolder(to)}`, {
            region: scope.place,
            routeTableId: id,
            destinationCidrBlock: to.ipv4Block,
            networkInterfaceId,
          }),
        ]),
      ),
    ]),
  );
}

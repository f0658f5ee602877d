import {
  gatewayTables,
  routeTablesVersion,
  type GatewayTable,
  type RouteTablesFile,
} from '../../../lib/gateway';
import type { GatewayBase } from './gateway-base';
import type { RegionScope } from './region-scope';
import type { MadeVpc } from './resources';

/** A route table that leads to the region's gateways, with the id that AWS has for it. */
export interface RegionTable extends GatewayTable {
  readonly id: string;
}

/** The tables of a region, in the plan's order. */
export function regionTables(
  { region, gateways }: RegionScope,
  made: MadeVpc | undefined,
): readonly RegionTable[] {
  const ids = made
    ? [made.publicTable.id, ...made.privateTables.map((table) => table.id)]
    : (region.vpc?.routeTables ?? []);
  return gatewayTables(region, gateways).map((table, i) => ({ ...table, id: ids[i] }));
}

/** The text of `route-tables.json`, for two gateways that stand in for each other: ids known after apply. */
export function routeTablesText(tables: readonly RegionTable[], bases: readonly GatewayBase[]): string {
  const file: RouteTablesFile = {
    formatVersion: routeTablesVersion,
    tables: Object.fromEntries(tables.map(({ name, id }) => [name, id])),
    interfaces: Object.fromEntries(
      bases.map(({ gateway, networkInterface }) => [
        gateway.identity,
        { id: networkInterface.id, ipv4: networkInterface.privateIp },
      ]),
    ),
  };
  return `${JSON.stringify(file)}\n`;
}

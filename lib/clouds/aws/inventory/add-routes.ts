import { routeTableName } from '../../../gateway';
import { operatorRoutes } from '../../../gateway/operator-access';
import { isKnownAtApply } from '../../../model';
import { servedTables, takesOver } from '../../../plan';
import { regionFolder } from '../../region-folder';
import { prefixName, vpcPrefixes } from '../names';
import type { InventoryVpc } from './add-vpc';
import type { InventoryScope } from './inventory-scope';

/** @param interfaces of the region's gateways, by number. */
export function addRoutes(
  { plan, region, add }: InventoryScope,
  made: InventoryVpc | undefined,
  interfaces: string[],
): void {
  servedTables(region).forEach(({ name: own, given, gateway }, i) => {
    const network_interface_id = interfaces[gateway - 1];
    const name = own ?? routeTableName(isKnownAtApply(given!) ? undefined : given!, i);
    const lifecycle = takesOver(region)
      ? { ignored: ['network_interface_id'], replacedWith: [network_interface_id] }
      : {};
    const addRoute = (to: string, destination_cidr_block: string) =>
      add(
        'aws_route',
        `${name}-to-${to}`,
        { destination_cidr_block, ...(own ? {} : { route_table_id: given }) },
        { network_interface_id, ...(own ? { route_table_id: made!.tables[own] } : {}) },
        lifecycle,
      );
    for (const remote of plan.regions) {
      if (remote.id === region.id) continue;
      addRoute(`region-${regionFolder(remote)}`, remote.ipv4Block);
      for (const prefix of vpcPrefixes(remote)) addRoute(`prefix-${prefixName(prefix)}`, prefix);
    }
    for (const { name: to, destination, gateway: number } of operatorRoutes(plan, region))
      add(
        'aws_route',
        `${name}-to-${to}`,
        { destination_cidr_block: destination, ...(own ? {} : { route_table_id: given }) },
        {
          network_interface_id: number === null ? network_interface_id : interfaces[number - 1],
          ...(own ? { route_table_id: made!.tables[own] } : {}),
        },
        number === null ? lifecycle : {},
      );
  });
}

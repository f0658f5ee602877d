import { gatewayFailures, tryCloudOf } from '../catalog';
import type { GatewayOutage } from '../failure';
import type { Region } from '../model';
import { servedTables, takesOver, type Served } from './served-tables';

/**
 * What the workloads of each region see when one of its gateways dies, by gateway id. Traffic is taken to be
 * spread evenly over the tables that workloads use; without any table of ours, over the gateways. Sites
 * outside the cloud are left out: what becomes of their gateways is theirs.
 */
export function gatewayOutages(
  regions: readonly (Served & Pick<Region, 'id'>)[],
): ReadonlyMap<string, GatewayOutage> {
  return new Map(
    regions.flatMap((region) => {
      const cloud = tryCloudOf(region);
      if (!cloud) return [];
      const { backSeconds } = cloud;
      const tables = servedTables(region).filter((table) => table.workloads);
      const seconds = takesOver(region) ? gatewayFailures.takeOverSeconds : backSeconds;
      return Array.from({ length: region.gatewayCount }, (_, i): [string, GatewayOutage] => {
        const own = tables.filter((table) => table.gateway === i + 1).length;
        const share = tables.length === 0 ? 1 / region.gatewayCount : own / tables.length;
        return [`${region.id}/${i + 1}`, { region: region.id, share, seconds, backSeconds }];
      });
    }),
  );
}

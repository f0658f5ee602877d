import { tryCloudOf } from '../catalog';
import type { Region } from '../model';

/** A route table whose traffic to other regions leaves by one of its region's gateways. */
export interface ServedTable {
  /** Of a network that is made, as its cloud names it (`private-1`); null: a table of yours. */
  readonly name: string | null;
  /** Yours, as the description gives it; null in a VPC that is made. */
  readonly given: string | null;
  /** Number of the gateway while all is well. */
  readonly gateway: number;
  /** Do workloads stand behind it? Behind the public one of a VPC that is made stand gateways alone. */
  readonly workloads: boolean;
}

/** The parts of a region that decide its tables. */
export type Served = Pick<Region, 'provider' | 'vpc' | 'gatewayCount'>;

/**
 * The route tables that lead to a region's gateways: with two, zone 2 leaves by the second, so that no
 * traffic crosses zones. Of your own tables the i-th takes gateway 1 or 2 in turn. A site outside the cloud
 * has none.
 */
export function servedTables({ provider, vpc, gatewayCount }: Served): readonly ServedTable[] {
  const cloud = tryCloudOf({ provider });
  if (!cloud) return [];
  if (vpc !== null) {
    return vpc.routeTables.map((given, i) => ({
      name: null,
      given,
      gateway: 1 + (i % gatewayCount),
      workloads: true,
    }));
  }
  return cloud.madeTables.map(({ name, zone, workloads }) => {
    return { name, given: null, gateway: Math.min(zone, gatewayCount), workloads };
  });
}

/** Does a living gateway of the region take over the routes of a dead one? */
export function takesOver(region: Served): boolean {
  return region.gatewayCount > 1 && servedTables(region).length > 0;
}

import type { Region } from '../model';

/** A route table whose traffic to other regions leaves by one of its region's gateways. */
export interface ServedTable {
  /** `public`, `private-1` or `private-2` of a VPC that is made; null: a table of yours. */
  readonly name: 'public' | 'private-1' | 'private-2' | null;
  /** Yours, as the description gives it; null in a VPC that is made. */
  readonly given: string | null;
  /** Number of the gateway while all is well. */
  readonly gateway: number;
  /** Do workloads stand behind it? Behind the public one of a VPC that is made stand gateways alone. */
  readonly workloads: boolean;
}

/** What of a region decides its tables. */
export type Served = Pick<Region, 'provider' | 'vpc' | 'gatewayCount'>;

/**
 * The route tables that lead to a region's gateways: with two, zone 2 leaves by the second, so that no
 * traffic crosses zones. Of your own tables the i-th takes gateway 1 or 2 in turn. A site outside the cloud
 * has none.
 */
export function servedTables({ provider, vpc, gatewayCount }: Served): readonly ServedTable[] {
  if (provider !== 'aws') return [];
  if (vpc !== null) {
    return vpc.routeTables.map((given, i) => ({
      name: null,
      given,
      gateway: 1 + (i % gatewayCount),
      workloads: true,
    }));
  }
  const made = (name: NonNullable<ServedTable['name']>, gateway: number, workloads: boolean) => ({
    name,
    given: null,
    gateway,
    workloads,
  });
  return [
    made('public', 1, false),
    made('private-1', 1, true),
    made('private-2', Math.min(2, gatewayCount), true),
  ];
}

/** Does a living gateway of the region take over the routes of a dead one? */
export function takesOver(region: Served): boolean {
  return region.gatewayCount > 1 && servedTables(region).length > 0;
}

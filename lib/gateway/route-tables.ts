import type { PlanDocument, PlannedGateway, PlannedRegion } from '../plan';
import { servedTables } from '../plan/served-tables';

/** A route table of the cloud that leads to the gateways of a region. */
export interface GatewayTable {
  /** `public`, `private-1`, `private-2`, or what stands for a table of yours (`routeTableName`). */
  readonly name: string;
  /** Gateway id: where its routes lead while both gateways serve. */
  readonly home: string;
}

/**
 * What a deployment tells the gateways of a region with two of them, as `route-tables.json` in each one's
 * folder of the bucket: ids that exist after apply only. Nothing signs it, see `readRouteTables` of agent.
 */
export interface RouteTablesFile {
  readonly formatVersion: typeof routeTablesVersion;
  /** Ids of route tables (`rtb-...`) by the name that the plan has for them. */
  readonly tables: Readonly<Record<string, string>>;
  /** By gateway identity; both gateways of the region. */
  readonly interfaces: Readonly<Record<string, GatewayInterface>>;
}

/** Where a gateway stands in its VPC. */
export interface GatewayInterface {
  /** Id of its network interface, `eni-...`. */
  readonly id: string;
  /** Private addresses. A VPC without IPv6 gives none of that family. */
  readonly ipv4: string;
  readonly ipv6?: string;
}

/**
 * Version of `route-tables.json`; an agent refuses every other.
 *
 * 1, 2026-11-30: the first.
 */
export const routeTablesVersion = 1;

/** Name of the file in a gateway's folder of the bucket. */
export const routeTablesName = 'route-tables.json';

/**
 * The role of a gateway names each table that it may take over. Its inline policies hold 10,240 characters
 * (IAM quotas), a table takes 76 of them.
 */
export const mostSharedTables = 100;

/** Key of the object in the region's bucket by which its gateways agree who moves routes (`lease`). */
export function leaseKey(region: Pick<PlannedRegion, 'identity'>): string {
  return `leases/${region.identity}`;
}

/**
 * The route tables of a region that lead to its gateways, as constructs make their routes. Empty outside AWS.
 *
 * @param gateways of the region, by number.
 */
export function gatewayTables(
  region: PlannedRegion,
  gateways: readonly PlannedGateway[],
): readonly GatewayTable[] {
  if (gateways.length === 0) return [];
  return servedTables(region).map(({ name, given, gateway }, i) => ({
    // Elsewhere the text stands for a token: its value is known at apply.
    name: name ?? routeTableName(given!.startsWith('rtb-') ? given! : undefined, i),
    home: gateways[gateway - 1].id,
  }));
}

/** The tables that the gateways of a region take over from each other; empty: it has one gateway, or none. */
export function sharedTables(
  plan: Pick<PlanDocument, 'gateways'>,
  region: PlannedRegion,
): readonly GatewayTable[] {
  const gateways = plan.gateways
    .filter((gateway) => gateway.region === region.id)
    .sort((a, b) => a.number - b.number);
  return gateways.length < 2 ? [] : gatewayTables(region, gateways);
}

/**
 * What stands for a route table of yours in the construct ids of its routes: its id, or its number in the
 * list where the id is known at apply alone.
 */
export function routeTableName(id: string | undefined, index: number): string {
  return id === undefined ? `table-${index + 1}` : id;
}

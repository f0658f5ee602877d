import type { PlanDocument, PlannedRegion } from '../plan';

/** A route in each table of a region by which operators reach gateways. */
export interface OperatorRoute {
  /** Behind `<table>-to-` in the construct's id. */
  readonly name: string;
  readonly destination: string;
  /** Number of the gateway that it leads to; null: the one that the table is at home at. */
  readonly gateway: number | null;
}

/** Are gateways reached by their overlay addresses? */
export function servesOverlay({ operations }: Pick<PlanDocument, 'operations'>): boolean {
  return operations !== undefined && (operations.api || operations.metrics !== null);
}

/**
 * The overlay addresses of all gateways lie in one pool: one route leads there. Where a region has two
 * gateways, each has a route of its own, since no tunnel joins them.
 */
export function operatorRoutes(
  plan: Pick<PlanDocument, 'operations' | 'pools' | 'gateways'>,
  region: Pick<PlannedRegion, 'id'>,
): readonly OperatorRoute[] {
  if (!servesOverlay(plan)) return [];
  const own = plan.gateways.filter((gateway) => gateway.region === region.id);
  return [
    { name: 'operators', destination: plan.pools.gateways, gateway: null },
    ...(own.length < 2 ? [] : own).map(({ number, ipv4 }) => {
      return { name: `operators-${number}`, destination: `${ipv4}/32`, gateway: number };
    }),
  ];
}

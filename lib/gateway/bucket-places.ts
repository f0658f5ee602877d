import type { PlanDocument, PlannedGateway, PlannedRegion } from '../plan';

/** The construct id of a gateway below its region, and its folder in the region's bucket. */
export function gatewayFolder(gateway: PlannedGateway): string {
  return `gateway-${gateway.number}`;
}

/** The name of the group that the journals of a region's gateways go to. */
export function journalGroup(
  plan: Pick<PlanDocument, 'identity'>,
  region: Pick<PlannedRegion, 'identity'>,
): string {
  return `/dwcp/${plan.identity}/${region.identity}/gateways`;
}

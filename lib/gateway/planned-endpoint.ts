import type { PlanDocument } from '../plan';

/** A gateway's public address as far as the plan knows it: an external site's endpoint, else null. */
export function plannedEndpoint(
  plan: Pick<PlanDocument, 'gateways' | 'regions'>,
  gatewayId: string,
): string | null {
  const region = plan.gateways.find((gateway) => gateway.id === gatewayId)?.region;
  return plan.regions.find(({ id }) => id === region)?.endpoint ?? null;
}

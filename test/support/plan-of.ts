import { gatewayState, type GatewayState } from '../../lib/emit';
import { parseDescription, type NetworkDescription } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';

/** A description's plan, without the solver, even where demands do not fit. Throws without one. */
export function planOf(description: NetworkDescription): PlanDocument {
  const parsed = parseDescription(description);
  if (!parsed.network) throw new Error(JSON.stringify(parsed.diagnostics));
  const { plan, diagnostics } = buildPlan(parsed.network, { lock: null, keys: null });
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

/** What each gateway is given, as it comes from a file: JSON alone, nothing shared. */
export function gatewaysOf(plan: PlanDocument): GatewayState[] {
  return plan.gateways.map(({ id }) => JSON.parse(JSON.stringify(gatewayState(plan, id))) as GatewayState);
}

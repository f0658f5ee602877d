import { gatewayState, type GatewayState } from '../../lib/gateway';
import { loadSolver } from '../../lib/project/solver';
import { parseDescription, readDescription, type NetworkDescription } from '../../lib/model';
import { buildPlan, type PlanDocument } from '../../lib/plan';

/** A description's plan, without the solver, even where demands do not fit. Throws without one. */
export function planOf(description: NetworkDescription): PlanDocument {
  const parsed = parseDescription(description);
  if (!parsed.network) throw new Error(JSON.stringify(parsed.diagnostics));
  const { plan, diagnostics } = buildPlan(parsed.network, { lock: null, keys: null });
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

/** The plan of a description in YAML, with the solver. Throws where there is none. */
export function planOfText(yaml: string): PlanDocument {
  const { network, diagnostics } = readDescription(yaml, 'net.yaml');
  if (!network) throw new Error(JSON.stringify(diagnostics));
  const { plan, diagnostics: found } = buildPlan(network, { lock: null, keys: null, solver: loadSolver });
  if (!plan) throw new Error(JSON.stringify(found));
  return plan;
}

/** What each gateway is given, as it comes from a file: JSON alone, nothing shared. */
export function gatewaysOf(plan: PlanDocument): GatewayState[] {
  return plan.gateways.map(({ id }) => JSON.parse(JSON.stringify(gatewayState(plan, id))) as GatewayState);
}

import { hasErrors, type Diagnostic } from '../../lib/diagnostics';
import type { DeployablePlan } from '../deploy/deployment';
import { parseDescription, type Locate } from '../../lib/model';
import type { PlanDocument } from '../../lib/plan';
import { planProject } from '../../lib/project';
import { projectOptions, synthHost, type PlanFileProps } from '../deploy/plan-files';
import { takeTokens } from './take-tokens';

/** The outcome of planning: without a plan there is at least one error. */
export interface PlannedNetwork extends Omit<DeployablePlan, 'plan'> {
  readonly plan?: PlanDocument;
  readonly diagnostics: readonly Diagnostic[];
}

/** From a raw description to the plan. Tokens are taken out first, for the planner knows none. */
export function planNetwork(
  given: Record<string, unknown>,
  files: PlanFileProps,
  locate?: Locate,
): PlannedNetwork {
  const { description, tokens, diagnostics: misplaced } = takeTokens(given);
  if (misplaced.length > 0) return { keys: null, diagnostics: misplaced };

  const { network, diagnostics: described } = parseDescription(description, locate);
  if (!network) return { keys: null, diagnostics: described };

  const planned = planProject(synthHost, { network, diagnostics: described }, '', projectOptions(files));
  const { plan, keys, validity, diagnostics } = planned;
  if (!plan || hasErrors(diagnostics)) return { keys: null, diagnostics, tokens };
  return { plan, keys, validity, diagnostics, tokens };
}

import { hasErrors, type Diagnostic } from '../lib/diagnostics';
import type { Validity } from '../lib/gateway';
import { parseDescription, type Locate } from '../lib/model';
import type { KeyFile } from '../lib/net/keys';
import type { PlanDocument } from '../lib/plan';
import { planProject } from '../lib/project';
import { projectOptions, synthHost, type PlanFileProps } from './plan-files';
import { takeTokens } from './take-tokens';

/**
 * A plan that can be deployed, with the keys it was made with; without a plan there is at least one error.
 */
export interface PlannedNetwork {
  readonly plan?: PlanDocument;
  /** Sealed; null while the network has none. */
  readonly keys: KeyFile | null;
  /** When its bundles may be installed; undefined: at any time, as no lock file says when. */
  readonly validity?: Validity;
  readonly diagnostics: readonly Diagnostic[];
  /** The values that Terraform knows at apply, by the text that stands for each in the plan. */
  readonly tokens?: ReadonlyMap<string, string>;
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

import { timesOf, withTimes } from '../lib/addressing';
import { loadSolver } from '../lib/cli/load-solver';
import { nowOf } from '../lib/cli/now';
import { hasErrors, type Diagnostic } from '../lib/diagnostics';
import { parseDescription, type Locate, type Network } from '../lib/model';
import { publicKeysOf, type KeyFile } from '../lib/net/keys';
import { buildPlan, strictly, type PlanDocument } from '../lib/plan';
import type { Validity } from '../lib/gateway';
import { checkDeployable } from '../lib/clouds/aws/deployable';
import {
  keepFiles,
  readKeys,
  readLockFile,
  readPreviousPlan,
  takeLockFile,
  type PlanFileProps,
} from './plan-files';
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

/**
 * From a raw description to the plan. Stages, each ending the run if it finds an error: tokens,
 * description, files (lock, keys, plan before), plan, what AWS needs, the lock file's new content.
 */
export function planNetwork(
  given: Record<string, unknown>,
  files: PlanFileProps,
  locate?: Locate,
): PlannedNetwork {
  const { description, tokens, diagnostics: misplaced } = takeTokens(given);
  if (misplaced.length > 0) return { keys: null, diagnostics: misplaced };

  const parsed = parseDescription(description, locate);
  const { network } = parsed;
  if (!network) return { keys: null, diagnostics: parsed.diagnostics };

  const exclusive = takeLockFile(network, files);
  if (exclusive?.ok === false)
    return { keys: null, diagnostics: [...parsed.diagnostics, exclusive.diagnostic] };
  try {
    return { ...planAlone(network, files, parsed.diagnostics), tokens };
  } finally {
    exclusive?.release();
  }
}

function planAlone(network: Network, files: PlanFileProps, described: readonly Diagnostic[]): PlannedNetwork {
  const lock = readLockFile(network, files);
  const keys = readKeys(network, files, lock.value);
  const before = readPreviousPlan(network, files);
  const read = [...described, ...lock.diagnostics, ...keys.diagnostics, ...before.diagnostics];
  if (hasErrors(read)) return { keys: null, diagnostics: read };

  const publicKeys = keys.value ? publicKeysOf(keys.value) : null;
  const built = buildPlan(network, {
    lock: lock.value ?? null,
    keys: publicKeys,
    solver: loadSolver,
    previous: before.value,
  });
  const planned = [...read, ...built.diagnostics];
  const { plan } = built;
  if (!plan || !built.lock || hasErrors(planned)) return { keys: null, diagnostics: planned };

  const found = [...planned, ...checkDeployable(plan)];
  const deployable = files.strict ? strictly(found, plan) : found;
  if (hasErrors(deployable)) return { keys: null, diagnostics: deployable };

  // What no file keeps would have other times in every run.
  const kept = files.lockFile !== false;
  const after = kept ? withTimes(lock.value ?? null, built.lock, nowOf(process.env)) : built.lock;
  const diagnostics = [...deployable, ...keepFiles(network, files, { before: lock, after }, keys)];
  if (hasErrors(diagnostics)) return { keys: null, diagnostics };
  return { plan, keys: keys.value ?? null, validity: timesOf(after), diagnostics };
}

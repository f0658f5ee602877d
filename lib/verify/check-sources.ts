import type { LockFile } from '../addressing';
import type { Diagnostic } from '../diagnostics';
import type { Network } from '../model';
import type { PublicKeys } from '../net/keys';
import type { PlanDocument } from '../plan';
import { checkDescribed } from './check-described';
import { checkKeyed } from './check-keyed';
import { checkLocked } from './check-locked';
import { findings } from './refuse';

/** What a plan says it was made from, to hold it against; each may be absent. */
export interface Sources {
  /** The description, as the model reads it. */
  readonly description?: Network;
  /** The lock file as it stood after the plan was made. */
  readonly lock?: LockFile;
  /** The public half of the key file. */
  readonly keys?: PublicKeys;
}

const deployNothing = 'deploy nothing of this plan';

/** Where a plan differs from what it was made from; at most fifty of each source. */
export function checkSources(plan: PlanDocument, { description, lock, keys }: Sources): Diagnostic[] {
  const again = `plan the description again, and ${deployNothing}`;
  const lockAgain = `plan again with this lock file, or give the one it was planned with; ${deployNothing}`;
  const keysAgain = `plan again with this key file, or give the one it was planned with; ${deployNothing}`;
  return [
    ...(description ? findings((refuse) => checkDescribed(plan, description, refuse), again) : []),
    ...(lock ? findings((refuse) => checkLocked(plan, lock, refuse), lockAgain) : []),
    ...(keys ? findings((refuse) => checkKeyed(plan, keys, refuse), keysAgain) : []),
  ];
}

import type { LockFile } from '../addressing';
import { problem, type Diagnostic } from '../diagnostics';
import type { Network } from '../model';
import type { PublicKeys } from '../net/keys';
import type { PlanDocument } from '../plan';
import { checkDescribed } from './check-described';
import { checkKeyed } from './check-keyed';
import { checkLocked } from './check-locked';
import { findings, type Refuse } from '../shape';

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

/** Where a plan differs from what it was made from; of each source at most fifty, and how many more. */
export function checkSources(plan: PlanDocument, { description, lock, keys }: Sources): Diagnostic[] {
  const again = (file: string) =>
    `plan again with this ${file} file, or give the one it was planned with; ${deployNothing}`;
  const descriptionAgain = `plan the description again, and ${deployNothing}`;
  return [
    ...(description ? told((refuse) => checkDescribed(plan, description, refuse), descriptionAgain) : []),
    ...(lock ? told((refuse) => checkLocked(plan, lock, refuse), again('lock')) : []),
    ...(keys ? told((refuse) => checkKeyed(plan, keys, refuse), again('key')) : []),
  ];
}

/** What a check finds, and how much of it is not shown. */
function told(check: (refuse: Refuse) => void, next: string): Diagnostic[] {
  let differences = 0;
  const found = findings((refuse) => {
    check((code, path, message) => {
      differences++;
      refuse(code, path, message);
    });
  }, next);
  const more = differences - found.length;
  return more > 0 ? [...found, problem(found[0].code, '', `${more} more differences`, next)] : found;
}

import { problem, type Code, type Diagnostic } from '../diagnostics';

/** Takes down a lie of the plan: a stable code, the place in the plan, and what is wrong there. */
export type Refuse = (code: Code, path: string, message: string) => void;

/** Most findings of one check that are told: a wrong figure at the root repeats in all that follows. */
const mostFindings = 50;

/**
 * What a check finds, at most fifty; a check that cannot even read the plan refuses it as malformed.
 *
 * @param next what to do about what it finds.
 */
export function findings(
  check: (refuse: Refuse) => void,
  next = 'plan the description again, and deploy nothing of this plan',
): Diagnostic[] {
  const found: Diagnostic[] = [];
  const refuse: Refuse = (code, path, message) => {
    if (found.length < mostFindings) found.push(problem(code, path, message, next));
  };
  try {
    check(refuse);
  } catch (error) {
    // Whatever shape of document makes a check stumble is no plan of this format.
    refuse('plan-malformed', '', `the plan cannot be read as one: ${(error as Error).message}`);
  }
  return found;
}

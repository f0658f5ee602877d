import { decide, failureText } from '../../lib/failure';

/** A decision with its evidence in words. */
export function decided(...given: Parameters<typeof decide>): { verdict: string; evidence: string } {
  const { verdict, evidence } = decide(...given);
  return { verdict, evidence: failureText(evidence, given[0]) };
}

import type { LockedPlan } from '../addressing';
import { digestOf } from './digest';
import type { PlanDocument } from './document';
import { encodeCanonical } from './encode';

/**
 * The number of a plan: that of the lock where the content is the same, else one more; above `supersedes` in
 * any case. Planning twice gives the same number and times, so the same bytes.
 *
 * @param digest of the content.
 */
export function nextGeneration(digest: string, last: LockedPlan | null, supersedes = 0): LockedPlan {
  const same = last !== null && last.digest === digest;
  if (same && last.generation > supersedes) return last;
  const next = last === null ? 1 : last.generation + (same ? 0 : 1);
  return { generation: Math.max(next, supersedes + 1), digest };
}

/** The digest of a plan's content, whatever its number. */
export function contentDigest(content: PlanContent): string {
  return digestOf(encodeCanonical(content));
}

/** A plan before it is numbered and sealed. */
export type PlanContent = Omit<PlanDocument, 'digest' | 'generation'>;

import { createHash } from 'node:crypto';
import type { LockedPlan } from '../addressing';
import type { PlanContent } from './build';
import { encodeCanonical } from './encode';

/**
 * The number of a plan: that of the lock where the content is the same, else one more; above `supersedes` in
 * any case. Planning twice gives the same number, so the same bytes.
 */
export function nextGeneration(content: PlanContent, last: LockedPlan | null, supersedes = 0): LockedPlan {
  const digest = contentDigest(content);
  const same = last !== null && last.digest === digest;
  const next = last === null ? 1 : last.generation + (same ? 0 : 1);
  return { generation: Math.max(next, supersedes + 1), digest };
}

/** The digest of a plan's content, whatever its number. */
export function contentDigest(content: PlanContent): string {
  return `sha256:${createHash('sha256').update(encodeCanonical(content)).digest('hex')}`;
}

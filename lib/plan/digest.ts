import { createHash } from 'node:crypto';
import { encodeCanonical } from './encode';
import type { PlanDocument } from './document';

/** `sha256:` and 64 hex digits over the canonical bytes of a document without its `digest`. */
export function planDigest(plan: Omit<PlanDocument, 'digest'>): string {
  const body: Record<string, unknown> = { ...plan };
  delete body.digest;
  return digestOf(encodeCanonical(body));
}

/** `sha256:` and 64 hex digits of a text. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** The canonical text of a plan, as it stands in `cdktf.out/plans/<network>.json`. */
export function encodePlan(plan: PlanDocument): string {
  return encodeCanonical(plan);
}

import { createHash } from 'node:crypto';
import type { PlanDocument } from '../plan';
import { sealedText } from './canonical-text';
import type { Refuse } from '../shape';

/** The one format that this verifier reads. */
const format: PlanDocument['formatVersion'] = 1;

/** The digest is the SHA-256 of the canonical text of everything else. */
export function checkDigest(plan: PlanDocument, refuse: Refuse): void {
  const right = `sha256:${createHash('sha256').update(sealedText(plan)).digest('hex')}`;
  if (plan.digest !== right) refuse('digest', 'digest', `the content has ${right}, not ${plan.digest}`);
}

/** Is this a plan, in the format that is checked here? */
export function checkFormat(plan: unknown, refuse: Refuse): void {
  if (typeof plan !== 'object' || plan === null || !Object.hasOwn(plan, 'formatVersion')) {
    refuse('not-a-plan', '', 'it has no format version, as every plan has');
    return;
  }
  const { formatVersion } = plan as PlanDocument;
  if (formatVersion !== format) {
    const found = typeof formatVersion === 'number' ? String(formatVersion) : 'another';
    refuse('format-version', 'formatVersion', `this verifier reads format ${format}, not ${found}`);
  }
}

import path from 'node:path';
import type { PlanDocument } from '../../lib/plan';
import { planOf } from '../verify/plans';

export const fourRegionsFile = path.join(__dirname, 'four-regions.yaml');

/** The plan of test/support/four-regions.yaml, without keys. */
export function fourRegions(): PlanDocument {
  return planOf(fourRegionsFile);
}

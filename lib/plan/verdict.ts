import type { PlannedObjective } from './document';

/** How an objective was judged, and by which figures. */
export type Verdict = Pick<PlannedObjective, 'verdict' | 'evidence'>;

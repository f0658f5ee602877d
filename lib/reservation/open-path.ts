import type { Request } from '../routing';
import { newProblem } from '../routing/problem';
import { everything, solve } from '../routing/solve';

/** A path as arcs, or null; `limited`: a constrained search gave up, so null proves nothing. */
export interface OpenPath {
  readonly arcs: readonly number[] | null;
  readonly limited: boolean;
}

/**
 * The best path of a request over arcs that are not closed (above 0), by the tie rule; null closes none. The
 * target's tree stays with the request: where it leads past all closed arcs this costs O(hops).
 */
export function openPath(
  request: Request,
  source: number,
  target: number,
  closed: Float64Array | null,
): OpenPath {
  if (source === target) return { arcs: null, limited: false };
  const problem = newProblem(request, target, closed);
  const arcs = solve(problem, source, everything)?.arcs ?? null;
  return { arcs, limited: problem.limited };
}

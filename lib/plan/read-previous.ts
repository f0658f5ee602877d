import { problem, type Diagnostic } from '../diagnostics';
import { parseQuantity } from '../units';
import type { PlanDocument } from './document';
import { readPlan } from './read-plan';
import type { Previous } from './recall';

/** How much worse than planned from scratch what is kept may be, unless told otherwise. */
export const defaultToleranceRatio = 0.1;

/**
 * Reads the text of a plan to keep as much of as can be kept. Refuses what `readPlan` does, a plan of another
 * network, and a tolerance that is not a share from 0 % to 100 %.
 *
 * @param tolerance as people write it, `5 %`; default 10 %.
 * @param was the name that the network had before: a plan of it is taken too.
 */
export function readPrevious(
  text: string,
  fileName: string,
  network: string,
  tolerance?: string,
  was?: string | null,
): { readonly previous?: Previous; readonly diagnostics: readonly Diagnostic[] } {
  const next = 'name the plan that was made last, or plan without a previous one';
  const read = readPlan(text, fileName);
  const found: Diagnostic[] = read.diagnostics.map((d) => ({ ...d, next }));
  const { plan } = read;
  if (plan && plan.network !== network && plan.network !== was) {
    const message = `${fileName} is a plan of network '${plan.network}', not '${network}'`;
    found.push(problem('plan-foreign', '', message, next));
  } else if (plan) {
    const fault = faultOf(plan);
    if (fault !== null)
      found.push(problem('plan-malformed', '', `${fileName} is no whole plan: ${fault}`, next));
  }
  const ratio = tolerance === undefined ? defaultToleranceRatio : readRatio(tolerance, found);
  if (!plan || ratio === undefined || found.length > 0) return { diagnostics: found };
  return { previous: { plan, toleranceRatio: ratio }, diagnostics: [] };
}

function readRatio(tolerance: string, found: Diagnostic[]): number | undefined {
  const parsed = parseQuantity(tolerance, 'ratio');
  if (parsed.ok && parsed.value <= 1) return parsed.value;
  const { message, next } = parsed.ok
    ? { message: `'${tolerance}' is more than all`, next: 'give a share from 0 % to 100 %' }
    : parsed.problem;
  found.push(problem('tolerance', '', `tolerance: ${message}`, next));
  return undefined;
}

/** What is missing of what is recalled; null: nothing. A digest does not tell a plan from a torso. */
function faultOf(plan: PlanDocument): string | null {
  try {
    const paths = new Set(plan.paths.map((p) => (p.regions.length === p.links.length + 1 ? p.id : '')));
    const demands = new Set(plan.demands.map((d) => d.id));
    const placed = plan.traffic.classes.flatMap((c) => c.demands);
    const named = [
      ...plan.routes.flatMap((r) => [
        ...r.classes.map(() => r.primary),
        ...r.backups.map((b) => b.path),
        ...r.equalCost,
      ]),
      ...placed.flatMap((d) => d.paths.map((p) => p.path)),
      ...plan.reservations.map((r) => r.path),
    ];
    const lost = named.find((id) => id !== null && !paths.has(id));
    if (lost !== undefined) return `path '${lost}' is missing`;
    const unasked = placed.find((d) => !demands.has(d.id));
    return unasked ? `demand '${unasked.id}' is missing` : null;
  } catch {
    return 'parts of it are missing';
  }
}

import { problem, warning, type Diagnostic } from '../diagnostics';
import type { Network } from '../model';
import type { PlannedObjective } from './document';
import { verdictOf, type Evidence } from './objective-kinds';
import { objectiveText } from './objective-text';

/** Decides the objectives. A broken one is an error at the objective, an undecided one a warning. */
export function decideObjectives(
  network: Network,
  given: Evidence,
): { readonly objectives: PlannedObjective[]; readonly diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const objectives = network.objectives.map((objective) => {
    const judged = { ...objective, ...verdictOf(objective, network, given) };
    const availability = given.availability?.planned ?? null;
    const text = objectiveText(judged, { availability, cost: given.cost });
    const at = `objectives.${objective.id}`;
    if (judged.verdict === 'broken') {
      const next = 'change the network, or the objective';
      diagnostics.push(problem('objective-broken', at, text, next));
    }
    if (judged.verdict === 'undecided') {
      const next = 'give what is missing, or remove the objective';
      diagnostics.push(warning('objective-undecided', at, text, next));
    }
    return judged;
  });
  return { objectives, diagnostics };
}

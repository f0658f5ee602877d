import { problem, warning, type Diagnostic } from '../diagnostics';
import type { Network } from '../model';
import type { PlannedObjective } from './document';
import { verdictOf, type Evidence } from './objective-kinds';

/** Decides the objectives. A broken one is an error at the objective, an undecided one a warning. */
export function decideObjectives(
  network: Network,
  given: Evidence,
): { readonly objectives: PlannedObjective[]; readonly diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const objectives = network.objectives.map((objective) => {
    const verdict = verdictOf(objective, network, given);
    const at = `objectives.${objective.id}`;
    if (verdict.verdict === 'broken') {
      const next = 'change the network, or the objective';
      diagnostics.push(problem('objective-broken', at, verdict.evidence, next));
    }
    if (verdict.verdict === 'undecided') {
      const next = 'give what is missing, or remove the objective';
      diagnostics.push(warning('objective-undecided', at, verdict.evidence, next));
    }
    return { ...objective, ...verdict };
  });
  return { objectives, diagnostics };
}

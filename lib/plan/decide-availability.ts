import type { Demand, Objective } from '../model';
import type { Verdict } from './verdict';
import { demandsOf, type AvailabilityStudy } from './plan-availability';

/**
 * Whether each demand in scope is fully carried for the wanted share of time. States left out count as down.
 * With a link whose availability is not known it is undecided.
 */
export function decideAvailability(
  objective: Objective,
  ratio: number,
  demands: readonly Demand[],
  { planned, likeliestLoss }: AvailabilityStudy,
): Verdict {
  const scope = new Set(demandsOf(objective, demands).map((d) => d.id));
  const figures = planned.demands.filter((d) => scope.has(d.id));
  if (figures.length === 0) return { verdict: 'holds', evidence: { kind: 'no-demands' } };
  const { id, lowerRatio, upperRatio } = figures.reduce((least, d) =>
    d.lowerRatio < least.lowerRatio ? d : least,
  );
  const short = figures.filter((d) => d.lowerRatio < ratio).length;
  const verdict = planned.unknownLinks.length > 0 ? 'undecided' : short === 0 ? 'holds' : 'broken';
  const found = verdict === 'broken' ? likeliestLoss(id) : null;
  const loss = found && { down: found.down, probability: found.probability };
  return { verdict, evidence: { kind: 'availability', demand: id, lowerRatio, upperRatio, short, loss } };
}

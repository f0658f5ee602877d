import type { Demand, Objective } from '../model';
import { count, formatRatio, listFirst } from '../units';
import type { PlannedObjective } from './document';
import { demandsOf, type AvailabilityStudy } from './plan-availability';

/**
 * Whether each demand in scope is fully carried for the wanted share of time. States left out count as down.
 * With a link whose availability is not known it is undecided, and the link is named.
 */
export function decideAvailability(
  objective: Objective,
  ratio: number,
  demands: readonly Demand[],
  { planned, likeliestLoss }: AvailabilityStudy,
): Pick<PlannedObjective, 'verdict' | 'evidence'> {
  const scope = new Set(demandsOf(objective, demands).map((d) => d.id));
  const figures = planned.demands.filter((d) => scope.has(d.id));
  if (figures.length === 0) return { verdict: 'holds', evidence: 'it concerns no demand' };
  const worst = figures.reduce((least, d) => (d.lowerRatio < least.lowerRatio ? d : least));
  const short = figures.filter((d) => d.lowerRatio < ratio);
  const states = count(planned.states, 'state');
  const deaths = planned.gatewayFailuresPerYear;
  const sum =
    `${states} of independent links down to a probability of ${planned.cutOff}` +
    (deaths === undefined ? '' : ` and ${count(deaths, 'failure')} of each gateway a year`);
  const wanted = `${share(ratio)} of the time are wanted`;
  const figure =
    short.length === 0
      ? `the least, demand '${worst.id}', is carried whole at least ${share(worst.lowerRatio)} of the time`
      : `demand '${worst.id}' is carried whole ${between(worst.lowerRatio, worst.upperRatio)} of the time`;
  const { unknownLinks } = planned;
  if (unknownLinks.length > 0) {
    const named = listFirst(unknownLinks, 4);
    const assumed = formatRatio(1 - planned.assumedUnavailability);
    const evidence = `the availability of ${named} is not known; at ${assumed} ${figure}; ${wanted}`;
    return { verdict: 'undecided', evidence };
  }
  if (short.length === 0) return { verdict: 'holds', evidence: `${figure}; ${wanted}; ${sum}` };
  const loss = likeliestLoss(worst.id);
  const when =
    loss === null
      ? 'states left out count as down'
      : loss.down.length === 0
        ? 'it does not fit even without a failure'
        : `the most is lost with ${loss.down.join(' and ')} down, ${percent(loss.probability)} of the time`;
  const others =
    short.length > 1
      ? `; ${count(short.length - 1, 'other demand falls', 'other demands fall')} short too`
      : '';
  return { verdict: 'broken', evidence: `${figure}; ${wanted}; ${when}${others}; ${sum}` };
}

function between(lower: number, upper: number): string {
  return share(lower) === share(upper) ? share(lower) : `${share(lower)} to ${share(upper)}`;
}

/** Per cent with five decimals, rounded down: nines are not rounded into existence. */
function share(ratio: number): string {
  return `${Math.floor(ratio * 1e7 + 1e-6) / 1e5} %`;
}

/** Per cent with three significant digits, for what is small. */
function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(3))} %`;
}

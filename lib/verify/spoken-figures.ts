import type { PlannedAvailability, PlannedObjective } from '../plan';
import { count, formatMoney, formatRatio, listFirst } from '../units';
import { isBetween } from './rule-book';
import type { World } from './world';

/** Per cent with five decimals, rounded down. */
function share(ratio: number): string {
  return `${Math.floor(ratio * 1e7 + 1e-6) / 1e5} %`;
}

/** What may stand as evidence that a share of time is reached, or not known; by the plan's own figures. */
export function availabilityEvidence(
  { plan }: World,
  objective: PlannedObjective,
  ratio: number,
): readonly string[] {
  const mine = plan.demands.filter((d) => isBetween(objective, d) && objective.classes.includes(d.class));
  if (mine.length === 0 || plan.availability === null) return ['it concerns no demand'];
  const { demands, unknownLinks, assumedUnavailability, states, cutOff, gatewayFailuresPerYear } =
    plan.availability;
  const figures = demands.filter((d) => mine.some((m) => m.id === d.id));
  const least = Math.min(...figures.map((d) => d.lowerRatio));
  const sentence = (d: PlannedAvailability['demands'][number]) =>
    least < ratio
      ? `demand '${d.id}' is carried whole ` +
        (share(d.lowerRatio) === share(d.upperRatio)
          ? share(d.lowerRatio)
          : `${share(d.lowerRatio)} to ${share(d.upperRatio)}`)
      : `the least, demand '${d.id}', is carried whole at least ${share(d.lowerRatio)}`;
  const wanted = `of the time; ${share(ratio)} of the time are wanted`;
  const deaths =
    gatewayFailuresPerYear === undefined
      ? ''
      : ` and ${count(gatewayFailuresPerYear, 'failure')} of each gateway a year`;
  const known = `; ${count(states, 'state')} of independent links down to a probability of ${cutOff}${deaths}`;
  const unknown = `the availability of ${listFirst(unknownLinks, 4)} is not known; at ${formatRatio(1 - assumedUnavailability)} `;
  return figures
    .filter((d) => d.lowerRatio === least)
    .map((d) =>
      unknownLinks.length > 0 ? `${unknown}${sentence(d)} ${wanted}` : `${sentence(d)} ${wanted}${known}`,
    );
}

/** What may stand as evidence that a month costs no more than is allowed, or that this is not known. */
export function costEvidence({ plan }: World, usd: number): readonly string[] {
  const { knownUsdPerMonth, traffic, unknown } = plan.cost;
  if (traffic === null) {
    return [
      `${formatMoney(knownUsdPerMonth)} a month before traffic; no demand says how much traffic there is`,
    ];
  }
  const sum = Math.round((knownUsdPerMonth + traffic.knownUsdPerMonth) * 100) / 100;
  const known =
    `${formatMoney(sum)} a month, ${formatMoney(traffic.knownUsdPerMonth)} of it for traffic, ` +
    'demands taken as the mean of the month';
  if (traffic.unknownCostLinks.length > 0)
    return [`${known}; the price of traffic on ${listFirst(traffic.unknownCostLinks, 4)} is not known`];
  const left = unknown.length > 0 ? `; not counted: ${unknown.join(', ')}` : '';
  return [`${known}; ${formatMoney(usd)} are allowed${left}`];
}

import { failureText } from '../failure/failure-text';
import { count, formatLatency, formatMoney, formatRatio, listFirst } from '../units';
import type { ObjectiveEvidence, PlanDocument, PlannedObjective } from './document';

type Figures = Pick<PlanDocument, 'availability' | 'cost'>;

/** Why an objective holds, is broken or is undecided: one sentence, without its full stop. */
export function objectiveText(objective: PlannedObjective, figures: Figures): string {
  const { evidence, statement, verdict } = objective;
  const broken = verdict === 'broken';
  switch (evidence.kind) {
    case 'no-routes':
      return 'it concerns no route';
    case 'no-demands':
      return 'it concerns no demand';
    case 'unrouted':
      return `${pairText(evidence)} has no route`;
    case 'slowest': {
      const limit = statement.kind === 'max-latency' ? formatLatency(statement.latencyMs) : '';
      const figure = `${pairText(evidence)} takes ${formatLatency(evidence.latencyMs)} one way`;
      return `${broken ? '' : 'the slowest, '}${figure}; ${limit} are allowed`;
    }
    case 'fewest-backups': {
      const figure = `${pairText(evidence)} has ${count(evidence.backups, 'backup')}`;
      if (!broken) return `the fewest, ${figure}`;
      return `${figure}; ${statement.kind === 'min-backups' ? statement.count : ''} are wanted`;
    }
    case 'cost':
      return costText(evidence.usdPerMonth, objective, figures);
    case 'availability':
      return availabilityText(evidence, objective, figures);
    default:
      return failureText(evidence, statement);
  }
}

function pairText(route: {
  readonly from: string;
  readonly to: string;
  readonly classes: readonly string[];
}): string {
  return `${route.from} to ${route.to} (${route.classes.join(', ')})`;
}

function costText(
  usd: number,
  { statement, verdict }: PlannedObjective,
  { cost: { traffic, unknown } }: Figures,
): string {
  const allowed = `${formatMoney(statement.kind === 'max-monthly-cost' ? statement.usd : 0)} are allowed`;
  if (traffic === null) {
    const before = `${formatMoney(usd)} a month before traffic`;
    return `${before}; ${verdict === 'broken' ? allowed : 'no demand says how much traffic there is'}`;
  }
  const known =
    `${formatMoney(usd)} a month, ${formatMoney(traffic.knownUsdPerMonth)} of it for traffic, ` +
    'demands taken as the mean of the month';
  if (verdict === 'undecided')
    return `${known}; the price of traffic on ${listFirst(traffic.unknownCostLinks, 4)} is not known`;
  const left = unknown.length === 0 || verdict === 'broken' ? '' : `; not counted: ${unknown.join(', ')}`;
  return `${known}; ${allowed}${left}`;
}

function availabilityText(
  evidence: Extract<ObjectiveEvidence, { kind: 'availability' }>,
  { statement, verdict }: PlannedObjective,
  { availability }: Figures,
): string {
  const { demand, lowerRatio, upperRatio, short, loss } = evidence;
  const figure =
    short === 0
      ? `the least, demand '${demand}', is carried whole at least ${share(lowerRatio)} of the time`
      : `demand '${demand}' is carried whole ${between(lowerRatio, upperRatio)} of the time`;
  const wanted = `${share(statement.kind === 'availability' ? statement.ratio : 0)} of the time are wanted`;
  if (availability === null) return `${figure}; ${wanted}`;
  const {
    states,
    cutOff,
    gatewayFailuresPerYear: deaths,
    unknownLinks,
    assumedUnavailability,
  } = availability;
  if (verdict === 'undecided') {
    const assumed = formatRatio(1 - assumedUnavailability);
    return `the availability of ${listFirst(unknownLinks, 4)} is not known; at ${assumed} ${figure}; ${wanted}`;
  }
  const sum =
    `${count(states, 'state')} of independent links down to a probability of ${cutOff}` +
    (deaths === undefined ? '' : ` and ${count(deaths, 'failure')} of each gateway a year`);
  if (short === 0) return `${figure}; ${wanted}; ${sum}`;
  const others =
    short > 1 ? `; ${count(short - 1, 'other demand falls', 'other demands fall')} short too` : '';
  return `${figure}; ${wanted}; ${lossText(loss)}${others}; ${sum}`;
}

function lossText(loss: { readonly down: readonly string[]; readonly probability: number } | null): string {
  if (loss === null) return 'states left out count as down';
  if (loss.down.length === 0) return 'it does not fit even without a failure';
  return `the most is lost with ${loss.down.join(' and ')} down, ${percent(loss.probability)} of the time`;
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

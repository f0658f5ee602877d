import { gatewayFailures } from '../catalog';
import {
  availability,
  tryLikeliestLoss,
  type Availability,
  type AvailabilityOptions,
  type FailureResults,
  type LikelyLoss,
} from '../failure';
import type { Demand, Link, Objective } from '../model';
import { concerns } from './concerns';
import type { PlannedAvailability, PlannedTraffic } from './document';

/** Where a link's availability is not known, this share of time is assumed down: 99.9 % up. */
export const assumedUnavailability = 0.001;

/**
 * Cut-offs of the sum over states, tried in turn until all objectives are decided. States as likely as the
 * first number 10,000 at most, as their shares of time add up to 1.
 */
const cutOffs = [1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9];
/** A finer cut-off with more states than this is not gone to. */
const mostStates = 20_000;

/**
 * How long each link of a topology is down: by its worse direction; null where it is not known. And what
 * gateways in a cloud do when they die, each by itself.
 */
export function availabilityOptions(
  links: readonly Link[],
  { evaluator, outcomes }: FailureResults,
): AvailabilityOptions {
  const { topology } = evaluator.base.table;
  const unavailability = links
    .filter(({ id }) => topology.linkIndex.has(id))
    .map(({ id, directions }): [string, number | null] => {
      const ratios = directions.map((d) => d.availabilityRatio);
      return [id, ratios.includes(null) ? null : 1 - Math.min(...ratios.map((r) => r!))];
    });
  const failures = outcomes.map((o) => o.scenario).filter((s) => s.outage !== null);
  return {
    linkUnavailability: new Map(unavailability),
    assumedUnavailability,
    gateways: { failures, perYear: gatewayFailures.perYear },
  };
}

/** Demands that are not carried whole even while nothing fails. */
export function shortDemands(demands: readonly Demand[], traffic: PlannedTraffic): ReadonlySet<string> {
  const carried = new Map(
    traffic.classes.flatMap((c) => c.demands.map((d) => [d.id, d.carriedMbps] as const)),
  );
  return new Set(demands.filter((d) => !(carried.get(d.id)! >= d.bandwidthMbps)).map((d) => d.id));
}

/** What is not carried whole even without a failure never is. */
export function withShort(shares: Availability, short: ReadonlySet<string>): Availability {
  const none = { lowerRatio: 0, upperRatio: 0 };
  return { ...shares, demands: shares.demands.map((d) => (short.has(d.id) ? { ...d, ...none } : d)) };
}

/** The demands that an objective is about. */
export function demandsOf(objective: Objective, demands: readonly Demand[]): Demand[] {
  return demands.filter(({ from, to, class: qos }) => concerns(objective, { from, to, classes: [qos] }));
}

/** What the objectives about availability need; null: there is none. */
export interface AvailabilityStudy {
  readonly planned: PlannedAvailability;
  /** What costs a demand the most time. */
  likeliestLoss(demand: string): LikelyLoss | null;
}

/**
 * Sums the states of the network until every objective about availability is decided: each of its demands is
 * up for at least as long as wanted, or surely is not. Links fail independently, and gateways beside them.
 */
export function studyAvailability(
  {
    links,
    demands,
    objectives,
  }: { links: readonly Link[]; demands: readonly Demand[]; objectives: readonly Objective[] },
  traffic: PlannedTraffic,
  results: FailureResults,
): AvailabilityStudy | null {
  const wanted = objectives.flatMap((o) =>
    o.statement.kind === 'availability' ? [{ ratio: o.statement.ratio, demands: demandsOf(o, demands) }] : [],
  );
  if (wanted.length === 0) return null;
  const { evaluator } = results;
  const placed = evaluator.base.table.demands;
  const options = availabilityOptions(links, results);
  const short = shortDemands(demands, traffic);
  const sumTo = (cutOff: number): { planned: PlannedAvailability; limited: boolean } => {
    const sum = availability(evaluator, { ...options, cutOff, mostStates });
    const { gatewayFailuresPerYear } = sum;
    const found = {
      cutOff,
      states: sum.states,
      coveredRatio: sum.coveredRatio,
      unknownLinks: sum.assumedLinks,
      assumedUnavailability,
      ...(gatewayFailuresPerYear !== null && { gatewayFailuresPerYear }),
      demands: withShort(sum, short).demands,
    };
    return { planned: found, limited: sum.limited };
  };
  let { planned } = sumTo(cutOffs[0]);
  for (const cutOff of cutOffs.slice(1)) {
    const of = new Map(planned.demands.map((d) => [d.id, d]));
    const open = wanted.some(({ ratio, demands: list }) =>
      list.some(({ id }) => of.get(id)!.lowerRatio < ratio && of.get(id)!.upperRatio >= ratio),
    );
    if (!open) break;
    const finer = sumTo(cutOff);
    if (finer.limited) break;
    planned = finer.planned;
  }
  return {
    planned,
    likeliestLoss: (id) =>
      short.has(id)
        ? { down: [], probability: 1 }
        : tryLikeliestLoss(
            evaluator,
            { ...options, cutOff: planned.cutOff },
            placed.findIndex((d) => d.id === id),
          ),
  };
}

import { eventsOf, type AvailabilityOptions } from './availability';
import type { Evaluator } from './evaluate';
import { gatewayLosses } from './gateway-losses';
import { likelyStates } from './likely-states';
import { failureOf } from './scenario';

/** A state of the network in which a demand is not fully carried. */
export interface LikelyLoss {
  /**
   * Links and groups that are down in it, or `gateway <id>`; empty: not even the whole network carries the
   * demand.
   */
  readonly down: readonly string[];
  /** Share of time of exactly this state. */
  readonly probability: number;
}

/**
 * The likeliest state in which a demand, by number in the flow table, is not fully carried: what costs it the
 * most time. null: there is none down to the cut-off.
 */
export function tryLikeliestLoss(
  evaluator: Evaluator,
  options: AvailabilityOptions,
  demand: number,
): LikelyLoss | null {
  const { table } = evaluator.base;
  const { cutOff = 1e-7 } = options;
  const { events } = eventsOf(evaluator, options);
  const holds = (f: number) =>
    table.demand.subarray(table.demandFirst[f], table.demandFirst[f + 1]).includes(demand);
  const flow = Array.from({ length: table.count }, (_, f) => f).find(holds)!;
  const unserved = table.partFirst[flow] === table.partFirst[flow + 1];
  const gateway = gatewayLosses(evaluator, options.gateways)
    .map(({ id, lostRatio }) => ({ down: [`gateway ${id}`], probability: lostRatio[flow] }))
    .filter((loss) => loss.probability > 0)
    .reduce<LikelyLoss | null>((most, x) => (most && most.probability >= x.probability ? most : x), null);
  for (const { events: lasting, probability } of likelyStates(events)) {
    if (probability < Math.max(cutOff, gateway?.probability ?? 0)) return gateway;
    const down = lasting.map((e) => events[e].id);
    const arcs = lasting.flatMap((e) => events[e].arcs);
    const { stranded, cut, congested } = evaluator.evaluate(
      failureOf(table.topology, 'events', down.join(' + '), arcs),
    );
    if (unserved || [...stranded, ...cut, ...congested.map((c) => c.flow)].includes(flow))
      return { down, probability };
  }
  return gateway;
}

import { noFailure, type FailureInput, type Scenario } from '../../lib/failure';
import { itemsOf, recompute } from './failure-recompute';

/**
 * The exhaustive twin of availability: every one of the 2^n states of n events, recomputed from nothing. By
 * demand id the exact share of time in which it is fully carried.
 */
export function carriedByAllStates(
  input: FailureInput,
  events: readonly { readonly probability: number; readonly arcs: readonly number[] }[],
): Map<string, number> {
  const carried = new Map(input.demands.map((d) => [d.id, 0]));
  const items = itemsOf(input);
  for (let state = 0; state < 2 ** events.length; state++) {
    const lasts = (i: number) => ((state >> i) & 1) === 1;
    const probability = events.reduce((p, e, i) => p * (lasts(i) ? e.probability : 1 - e.probability), 1);
    if (probability === 0) continue;
    const arcs = events.flatMap((e, i) => (lasts(i) ? e.arcs : []));
    const scenario: Scenario = { ...noFailure, kind: 'events', arcs };
    const { fits } = recompute(items, scenario);
    input.demands.forEach(({ id }, d) => {
      if (fits[input.routes.length + d]) carried.set(id, carried.get(id)! + probability);
    });
  }
  return carried;
}

/**
 * The plain twin of what gateways cost: each failure recomputed from nothing, one at a time. By demand id the
 * share of time in which none of them takes it along, or keeps it waiting.
 *
 * @param perSecond how often a gateway dies.
 */
export function sparedByGateways(
  input: FailureInput,
  scenarios: readonly Scenario[],
  perSecond: number,
): Map<string, number> {
  const items = itemsOf(input);
  const spared = new Map(input.demands.map((d) => [d.id, 1]));
  for (const scenario of scenarios) {
    const { outage } = scenario;
    if (outage === null) continue;
    const { fits } = recompute(items, scenario);
    input.demands.forEach(({ id, from, to }, d) => {
      const region = input.topology.nodes[outage.region];
      const waits = outage.share > 0 && (from === region || to === region) ? outage.seconds : 0;
      const seconds = fits[input.routes.length + d] ? waits : outage.backSeconds;
      spared.set(id, spared.get(id)! * (1 - perSecond * seconds));
    });
  }
  return spared;
}

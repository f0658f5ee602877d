import type { FailureInput, Scenario } from '../../lib/failure';
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
    const scenario: Scenario = { topology: null, kind: 'events', id: '', arcs, region: -1, degraded: [] };
    const { fits } = recompute(items, scenario);
    input.demands.forEach(({ id }, d) => {
      if (fits[input.routes.length + d]) carried.set(id, carried.get(id)! + probability);
    });
  }
  return carried;
}

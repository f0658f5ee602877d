import type { FailureInput, FailureResults, FlowTable, Outcome } from '../../lib/failure';
import { itemsOf, recompute, type Recomputed } from '../reference/failure-recompute';

/** Outcomes of one input against the twin. */
export interface Against {
  /** Place in the twin's items by name. */
  readonly place: ReadonlyMap<string, number>;
  /** Fails unless the outcome is what placing everything again gives; gives that. */
  expectEqual(outcome: Outcome): Recomputed;
}

/** The check of the outcomes of one input: all fates, counts, loads, the fullest arc, who does not fit. */
export function against(input: FailureInput, { evaluator }: FailureResults): Against {
  const { table } = evaluator.base;
  const items = itemsOf(input);
  const place = new Map(items.items.map((item, i) => [item.name, i]));
  const placesOf = Array.from({ length: table.count }, (_, f) =>
    namesOf(table, f).map((name) => place.get(name)!),
  );
  const routes = input.routes.length;

  const expectEqual = (outcome: Outcome): Recomputed => {
    const { id } = outcome.scenario;
    const twin = recompute(items, outcome.scenario);
    const ours = items.items.map(() => 'served');
    for (const fate of ['stranded', 'cut', 'ended'] as const) {
      for (const f of outcome[fate]) for (const i of placesOf[f]) ours[i] = fate;
    }
    const congested = new Set(outcome.congested.flatMap(({ flow }) => placesOf[flow]));
    let [routesAffected, demandsAffected] = [0, 0];
    twin.fates.forEach((fate, i) => {
      const served = fate === 'kept' || fate === 'moved' || fate === 'unserved';
      const { name, bps } = items.items[i];
      const wanted = served ? 'served' : fate;
      if (ours[i] !== wanted) throw new Error(`${id}, ${name}: ${ours[i]}, not ${wanted}`);
      if (fate !== 'kept' && fate !== 'unserved') {
        if (i < routes) routesAffected++;
        else demandsAffected++;
      }
      // A demand of 0 Mbps shares the fate of what follows the same route; the twin lets it fit anywhere.
      if (bps > 0 && congested.has(i) !== (twin.ways[i].length > 0 && !twin.fits[i]))
        throw new Error(`${id}, ${name}: ${congested.has(i) ? 'does not fit' : 'fits'}, the twin disagrees`);
    });
    expect([id, outcome.routesAffected, outcome.demandsAffected]).toEqual([
      id,
      routesAffected,
      demandsAffected,
    ]);
    expect([id, [...evaluator.loads(outcome.scenario)]]).toEqual([id, twin.load]);
    expect([id, outcome.fullest]).toEqual([id, twin.fullest]);
    expect([id, outcome.lostUnits, outcome.endedUnits]).toEqual([id, twin.lostBps, twin.endedBps]);
    return twin;
  };
  return { place, expectEqual };
}

/** The demands of a flow, and its route if it stands for one, by the twin's names. */
function namesOf(table: FlowTable, f: number): string[] {
  const names = Array.from(
    table.demand.slice(table.demandFirst[f], table.demandFirst[f + 1]),
    (d) => `demand ${table.demands[d].id}`,
  );
  if (table.leads[f] === 0) return names;
  const { from, to, classes } = table.routes[table.route[f]];
  return [...names, `route ${from} ${to} ${classes.join()}`];
}

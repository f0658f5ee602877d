import type { FlowTable, Outcome } from '../../lib/failure';

/** Fates of an outcome by the names that the twin uses; what is not in it kept its paths. */
export function outcomeFates(table: FlowTable, outcome: Outcome): Map<string, string> {
  const fates = new Map<string, string>();
  const say = (flows: readonly number[], fate: string) => {
    for (const f of flows) for (const name of namesOf(table, f)) fates.set(name, fate);
  };
  say(outcome.stranded, 'stranded');
  say(outcome.cut, 'cut');
  say(outcome.ended, 'ended');
  return fates;
}

/** The demands of a flow, and its route if it stands for one. */
export function namesOf(table: FlowTable, f: number): string[] {
  const names = Array.from(
    table.demand.slice(table.demandFirst[f], table.demandFirst[f + 1]),
    (d) => `demand ${table.demands[d].id}`,
  );
  if (table.leads[f] === 0) return names;
  const { from, to, classes } = table.routes[table.route[f]];
  return [...names, `route ${from} ${to} ${classes.join()}`];
}

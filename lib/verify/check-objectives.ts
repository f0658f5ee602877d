import type { PlannedObjective, PlannedRoute } from '../plan';
import type { States } from './check-failures';
import type { Flow } from './failing';
import type { Refuse } from './refuse';
import { classes } from './rule-book';
import type { World } from './world';

type Verdict = PlannedObjective['verdict'];

/** Every verdict is the one that the plan's own routes, failures and cost give, and none is `broken`. */
export function checkObjectives(world: World, states: States | undefined, refuse: Refuse): void {
  for (const objective of world.plan.objectives) {
    const at = `objectives.${objective.id}`;
    const right = verdictOf(world, states, objective);
    if (objective.verdict !== right)
      refuse('objective-verdict', at, `it is '${right}', not '${objective.verdict}'`);
    else if (right === 'broken')
      refuse('objective-broken', at, 'a plan that breaks an objective is no plan to deploy');
    if (objective.evidence === '') refuse('objective-evidence', at, 'it has no evidence');
  }
}

function covers(side: readonly string[], id: string): boolean {
  return side.length === 0 || side.includes(id);
}

function verdictOf(world: World, states: States | undefined, objective: PlannedObjective): Verdict {
  const { statement } = objective;
  const pair = ({ from, to }: { readonly from: string; readonly to: string }) =>
    covers(objective.from, from) && covers(objective.to, to);
  const routes = world.plan.routes.filter(
    (r) => pair(r) && r.classes.some((c) => objective.classes.includes(c)) && r.refusal?.code !== 'denied',
  );
  const all = (holds: (route: PlannedRoute) => boolean): Verdict =>
    routes.every((r) => r.primary !== null && holds(r)) ? 'holds' : 'broken';
  switch (statement.kind) {
    case 'max-latency':
      return all((r) => world.paths.get(r.primary!)!.latencyMs <= statement.latencyMs);
    case 'min-backups':
      return all((r) => r.backups.length >= statement.count);
    case 'max-monthly-cost':
      return world.plan.cost.knownUsdPerMonth > statement.usd ? 'broken' : 'undecided';
    case 'max-utilisation':
      return fullness(states) <= statement.ratio * (1 + 1e-6) ? 'holds' : 'broken';
    case 'headroom':
      return fullness(states) <= (1 - statement.ratio) * (1 + 1e-6) ? 'holds' : 'broken';
    case 'survive': {
      const wanted = objective.classes.length === 0 ? classes : objective.classes;
      const traffic = (f: Flow) => pair(f) && wanted.includes(classes[f.rank]);
      const route = (f: Flow) =>
        traffic(f) ||
        (f.leads && pair(f) && f.classes.some((c) => (wanted as readonly string[]).includes(c)));
      if (!states) return 'undecided';
      const failures = states.failures.filter((s) => s.event.kind === statement.of);
      const broken =
        states.unserved.some(route) ||
        [states.calm, ...failures].some((s) => [...s.congested].some(traffic)) ||
        failures.some((s) => [...s.stranded, ...s.cut].some(route));
      return broken ? 'broken' : 'holds';
    }
  }
}

function fullness(states: States | undefined): number {
  return Math.max(0, ...(states?.calm.ratios.values() ?? []));
}

import type { PlannedObjective, PlannedRoute } from '../plan';
import { isUp } from './check-availability';
import type { States } from './check-failures';
import { evidenceOf, isSameEvidence } from './evidence';
import type { Refuse } from '../shape';
import { isBetween } from './rule-book';
import { concernedFlows, tryUnmoved } from './surviving';
import { trafficCostOf } from './traffic-cost';
import { laneKey, type World } from './world';

type Verdict = PlannedObjective['verdict'];

/** Every verdict is the one that the plan's own routes, failures and cost give, and none is `broken`. */
export function checkObjectives(world: World, states: States | undefined, refuse: Refuse): void {
  for (const objective of world.plan.objectives) {
    const at = `objectives.${objective.id}`;
    const routes = concerned(world, objective);
    const right = verdictOf(world, states, objective, routes);
    if (objective.verdict !== right)
      refuse('objective-verdict', at, `it is '${right}', not '${objective.verdict}'`);
    else if (right === 'broken')
      refuse('objective-broken', at, 'a plan that breaks an objective is no plan to deploy');
    const possible = right === 'broken' ? null : evidenceOf(world, states, objective, routes);
    if (possible && !possible.some((one) => isSameEvidence(one, objective.evidence)))
      refuse('objective-evidence', at, `its evidence is ${JSON.stringify(possible[0])}`);
  }
}

/** The routes that an objective is about. */
function concerned({ plan }: World, objective: PlannedObjective): readonly PlannedRoute[] {
  const wanted = (r: PlannedRoute) => r.classes.some((c) => objective.classes.includes(c));
  return plan.routes.filter((r) => isBetween(objective, r) && wanted(r) && r.refusal?.code !== 'denied');
}

function verdictOf(
  world: World,
  states: States | undefined,
  objective: PlannedObjective,
  routes: readonly PlannedRoute[],
): Verdict {
  const { statement } = objective;
  const pair = (of: { readonly from: string; readonly to: string }) => isBetween(objective, of);
  const all = (holds: (route: PlannedRoute) => boolean): Verdict =>
    routes.every((r) => r.primary !== null && holds(r)) ? 'holds' : 'broken';
  switch (statement.kind) {
    case 'max-latency':
      return all((r) => world.paths.get(r.primary!)!.latencyMs <= statement.latencyMs);
    case 'min-backups':
      return all((r) => r.backups.length >= statement.count);
    case 'max-monthly-cost': {
      const traffic = trafficCostOf(world.plan);
      const known = Math.round((world.plan.cost.knownUsdPerMonth + (traffic?.usd ?? 0)) * 100) / 100;
      if (known > statement.usd) return 'broken';
      return traffic === null || traffic.unknown.length > 0 ? 'undecided' : 'holds';
    }
    case 'availability': {
      const stated = world.plan.availability;
      const mine = world.plan.demands.filter((d) => pair(d) && objective.classes.includes(d.class));
      if (mine.length === 0) return 'holds';
      if (stated === null || stated.unknownLinks.length > 0) return 'undecided';
      return mine.every((d) => isUp(stated, d.id, statement.ratio)) ? 'holds' : 'broken';
    }
    case 'max-utilisation':
      return fullness(world) <= statement.ratio * (1 + 1e-6) ? 'holds' : 'broken';
    case 'headroom':
      return fullness(world) <= (1 - statement.ratio) * (1 + 1e-6) ? 'holds' : 'broken';
    case 'survive': {
      const { traffic, route } = concernedFlows(objective);
      if (!states) return 'undecided';
      const failures = states.failures.filter((s) => s.event.kind === statement.of);
      const broken =
        states.unserved.some(route) ||
        [states.calm, ...failures].some((s) => [...s.congested].some(traffic)) ||
        failures.some((s) => [...s.stranded, ...s.cut].some(route));
      if (broken) return 'broken';
      return tryUnmoved(states, statement.of, route) ? 'undecided' : 'holds';
    }
  }
}

/** Of the fullest direction, with what reservations hold of it; the loads are checked elsewhere. */
function fullness({ plan, laneOf }: World): number {
  return plan.traffic.loads.reduce((most, l) => {
    const used = l.reservedMbps + l.demandMbps;
    return used === 0 ? most : Math.max(most, used / laneOf.get(laneKey(l.link, l.from))!.mbps);
  }, 0);
}

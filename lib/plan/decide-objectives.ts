import { problem, type Diagnostic } from '../diagnostics';
import type { Network, Objective } from '../model';
import { count, formatLatency, formatMoney } from '../units';
import { decide, type FailureResults } from '../failure';
import type { CostTable, PlannedObjective, PlannedRoute } from './document';
import type { PathTable } from './path-table';

type Verdict = Pick<PlannedObjective, 'verdict' | 'evidence'>;

/**
 * Decides the objectives: latency and backups by the routes, survival, utilisation and headroom by what
 * failures do. A monthly cost is broken where the fixed part alone breaks it, and undecided otherwise. A
 * broken one is an error at the objective.
 *
 * @param results null only where no objective asks for them.
 */
export function decideObjectives(
  network: Network,
  routes: readonly PlannedRoute[],
  paths: PathTable,
  results: FailureResults | null,
  cost: CostTable,
): { readonly objectives: PlannedObjective[]; readonly diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const objectives = network.objectives.map((objective) => {
    const verdict = decideOne(objective, routes, paths, results, cost);
    if (verdict.verdict === 'broken') {
      const next = 'change the network, or the objective';
      diagnostics.push(problem('objective-broken', `objectives.${objective.id}`, verdict.evidence, next));
    }
    return { ...objective, ...verdict };
  });
  return { objectives, diagnostics };
}

function decideOne(
  objective: Objective,
  routes: readonly PlannedRoute[],
  paths: PathTable,
  results: FailureResults | null,
  cost: CostTable,
): Verdict {
  const { statement } = objective;
  const inScope = routes.filter((route) => concerns(objective, route) && route.refusal?.code !== 'denied');
  const pair = (route: PlannedRoute) => `${route.from} to ${route.to} (${route.classes.join(', ')})`;
  if (statement.kind === 'max-latency' || statement.kind === 'min-backups') {
    const unrouted = inScope.find((route) => route.primary === null);
    if (unrouted) return { verdict: 'broken', evidence: `${pair(unrouted)} has no route` };
    if (inScope.length === 0) return { verdict: 'holds', evidence: 'it concerns no route' };
  }
  switch (statement.kind) {
    case 'max-latency': {
      const latency = (route: PlannedRoute) => paths.get(route.primary!).latencyMs;
      const worst = inScope.reduce((most, route) => (latency(route) > latency(most) ? route : most));
      const figure = `${pair(worst)} takes ${formatLatency(latency(worst))} one way`;
      const limit = formatLatency(statement.latencyMs);
      return latency(worst) <= statement.latencyMs
        ? { verdict: 'holds', evidence: `the slowest, ${figure}; ${limit} are allowed` }
        : { verdict: 'broken', evidence: `${figure}; ${limit} are allowed` };
    }
    case 'min-backups': {
      const worst = inScope.reduce((least, route) =>
        route.backups.length < least.backups.length ? route : least,
      );
      const figure = `${pair(worst)} has ${count(worst.backups.length, 'backup')}`;
      return worst.backups.length >= statement.count
        ? { verdict: 'holds', evidence: `the fewest, ${figure}` }
        : { verdict: 'broken', evidence: `${figure}; ${statement.count} are wanted` };
    }
    case 'max-monthly-cost': {
      const fixed = `${formatMoney(cost.knownUsdPerMonth)} a month before traffic`;
      return cost.knownUsdPerMonth > statement.usd
        ? { verdict: 'broken', evidence: `${fixed}; ${formatMoney(statement.usd)} are allowed` }
        : { verdict: 'undecided', evidence: `${fixed}; traffic is not priced yet` };
    }
    case 'survive':
    case 'max-utilisation':
    case 'headroom':
      return decide(statement, results!, objective);
  }
}

/** Is a route one that an objective is about? */
export function concerns(
  objective: Pick<Objective, 'from' | 'to' | 'classes'>,
  route: Pick<PlannedRoute, 'from' | 'to' | 'classes'>,
): boolean {
  const matches = (side: readonly string[], id: string) => side.length === 0 || side.includes(id);
  return (
    matches(objective.from, route.from) &&
    matches(objective.to, route.to) &&
    route.classes.some((c) => objective.classes.includes(c))
  );
}

import { problem, warning, type Diagnostic } from '../diagnostics';
import type { Network, Objective } from '../model';
import { count, formatLatency } from '../units';
import { decide, type FailureResults } from '../failure';
import { concerns } from './concerns';
import { decideAvailability } from './decide-availability';
import { decideCost } from './decide-cost';
import type { CostTable, PlannedObjective, PlannedRoute, PlannedTraffic } from './document';
import type { PathTable } from './path-table';
import type { AvailabilityStudy } from './plan-availability';

type Verdict = Pick<PlannedObjective, 'verdict' | 'evidence'>;

/** What objectives are decided by. */
export interface Evidence {
  readonly routes: readonly PlannedRoute[];
  readonly paths: PathTable;
  readonly traffic: PlannedTraffic;
  /** null only where no objective asks for them. */
  readonly results: FailureResults | null;
  readonly availability: AvailabilityStudy | null;
  readonly cost: CostTable;
}

/**
 * Decides the objectives: latency and backups by the routes, survival by what failures do, utilisation and
 * headroom by what demands load and reservations hold, availability by the states of the network, cost by
 * what is priced. A broken one is an error at the objective, an undecided one a warning.
 */
export function decideObjectives(
  network: Network,
  given: Evidence,
): { readonly objectives: PlannedObjective[]; readonly diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const objectives = network.objectives.map((objective) => {
    const verdict = decideOne(objective, network, given);
    const at = `objectives.${objective.id}`;
    if (verdict.verdict === 'broken') {
      const next = 'change the network, or the objective';
      diagnostics.push(problem('objective-broken', at, verdict.evidence, next));
    }
    if (verdict.verdict === 'undecided') {
      const next = 'give what is missing, or remove the objective';
      diagnostics.push(warning('objective-undecided', at, verdict.evidence, next));
    }
    return { ...objective, ...verdict };
  });
  return { objectives, diagnostics };
}

function decideOne(objective: Objective, network: Network, given: Evidence): Verdict {
  const { routes, paths, traffic, results, availability, cost } = given;
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
    case 'max-monthly-cost':
      return decideCost(statement.usd, cost);
    case 'availability':
      return decideAvailability(objective, statement.ratio, network.demands, availability!);
    case 'survive':
    case 'max-utilisation':
    case 'headroom':
      return decide(statement, results!, { ...objective, reservedMbps: reservedBy(traffic) });
  }
}

/** What reservations hold of each direction at their fullest instant. */
function reservedBy({ loads }: PlannedTraffic): (link: string, from: string) => number {
  const reserved = new Map(loads.map((l) => [`${l.link} ${l.from}`, l.reservedMbps]));
  return (link, from) => reserved.get(`${link} ${from}`) ?? 0;
}

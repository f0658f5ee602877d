// How objectives are decided: one row a kind. `model/statements.ts` has the row of how each is written.
import { decide, type FailureResults } from '../failure';
import type { Network, Objective, Statement } from '../model';
import { concerns } from './concerns';
import { decideAvailability } from './decide-availability';
import { decideCost } from './decide-cost';
import type { CostTable, PlannedRoute, PlannedTraffic } from './document';
import type { PathTable } from './path-table';
import type { AvailabilityStudy } from './plan-availability';
import type { Verdict } from './verdict';

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

interface ObjectiveKind<S> {
  /** Must failures be evaluated to decide it? */
  readonly needsFailures: boolean;
  decide(statement: S, objective: Objective, network: Network, given: Evidence): Verdict;
}

type Of<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

const kinds: { readonly [K in Statement['kind']]: ObjectiveKind<Of<K>> } = {
  survive: { needsFailures: true, decide: byFailures },
  'max-utilisation': { needsFailures: true, decide: byFailures },
  headroom: { needsFailures: true, decide: byFailures },
  'max-latency': {
    needsFailures: false,
    decide: ({ latencyMs: allowed }, objective, _network, { routes, paths }) =>
      byRoutes(objective, routes, (concerned) => {
        const latency = (route: PlannedRoute) => paths.get(route.primary!).latencyMs;
        const worst = concerned.reduce((most, route) => (latency(route) > latency(most) ? route : most));
        const latencyMs = latency(worst);
        const verdict = latencyMs <= allowed ? 'holds' : 'broken';
        return { verdict, evidence: { kind: 'slowest', ...pairOf(worst), latencyMs } };
      }),
  },
  'min-backups': {
    needsFailures: false,
    decide: ({ count: wanted }, objective, _network, { routes }) =>
      byRoutes(objective, routes, (concerned) => {
        const worst = concerned.reduce((least, route) =>
          route.backups.length < least.backups.length ? route : least,
        );
        const backups = worst.backups.length;
        const verdict = backups >= wanted ? 'holds' : 'broken';
        return { verdict, evidence: { kind: 'fewest-backups', ...pairOf(worst), backups } };
      }),
  },
  'max-monthly-cost': {
    needsFailures: false,
    decide: ({ usd }, _objective, _network, { cost }) => decideCost(usd, cost),
  },
  availability: {
    needsFailures: true,
    decide: ({ ratio }, objective, { demands }, { availability }) =>
      decideAvailability(objective, ratio, demands, availability!),
  },
};

/** Must failures be evaluated to decide this objective? */
export function needsFailures({ statement }: Objective): boolean {
  return kinds[statement.kind].needsFailures;
}

/** Whether an objective holds, and by which figure. */
export function verdictOf(objective: Objective, network: Network, given: Evidence): Verdict {
  const { statement } = objective;
  return (kinds[statement.kind] as ObjectiveKind<Statement>).decide(statement, objective, network, given);
}

function byFailures(
  statement: Statement,
  objective: Objective,
  _network: Network,
  { results, traffic }: Evidence,
): Verdict {
  return decide(statement, results!, { ...objective, reservedMbps: reservedBy(traffic) });
}

/** What reservations hold of each direction at their fullest instant. */
function reservedBy({ loads }: PlannedTraffic): (link: string, from: string) => number {
  const reserved = new Map(loads.map((l) => [`${l.link} ${l.from}`, l.reservedMbps]));
  return (link, from) => reserved.get(`${link} ${from}`) ?? 0;
}

/** Decides by the routes that an objective is about, at least one; each has a primary path. */
function byRoutes(
  objective: Objective,
  routes: readonly PlannedRoute[],
  judge: (concerned: readonly PlannedRoute[]) => Verdict,
): Verdict {
  const concerned = routes.filter((r) => concerns(objective, r) && r.refusal?.code !== 'denied');
  const unrouted = concerned.find((route) => route.primary === null);
  if (unrouted) return { verdict: 'broken', evidence: { kind: 'unrouted', ...pairOf(unrouted) } };
  if (concerned.length === 0) return { verdict: 'holds', evidence: { kind: 'no-routes' } };
  return judge(concerned);
}

function pairOf({ from, to, classes }: PlannedRoute): Pick<PlannedRoute, 'from' | 'to' | 'classes'> {
  return { from, to, classes };
}

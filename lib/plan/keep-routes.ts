import type { Objective, QosClass } from '../model';
import { permits, type KeepPaths, type Request, type RouteSet } from '../routing';
import { found, newProblem } from '../routing/problem';
import { pathOf } from '../routing/path';
import { concerns } from './concerns';
import type { PlannedRoute } from './document';
import type { PathTable } from './path-table';
import type { KeptRoute, MovedRoute, RouteMove } from './planned-previous';
import type { Recall, RecalledRoute } from './recall';

/** What a pair had in the plan before, and what of it is to stand. */
export interface RouteMemory {
  /** undefined: nothing is to stand. */
  readonly keep: KeepPaths | undefined;
  readonly before: readonly RecalledRoute[];
}

/** Recalls a pair in some classes. A path slower than an objective allows is not to stand as primary. */
export function recallRoute(
  recall: Recall,
  from: string,
  to: string,
  classes: readonly QosClass[],
  objectives: readonly Objective[],
): RouteMemory {
  const before = recall.routesOf(from, to, classes).filter((r) => r.route.primary !== null);
  const bounds = objectives.flatMap(({ statement, ...o }) =>
    statement.kind === 'max-latency' && concerns(o, { from, to, classes }) ? [statement.latencyMs] : [],
  );
  const alive = (paths: readonly string[]) =>
    paths.map((id) => recall.arcsOf(id)).filter((arcs) => arcs !== null);
  const keep = {
    toleranceRatio: recall.toleranceRatio,
    mostLatencyMs: Math.min(Infinity, ...bounds),
    routes: before.map(({ route }) => ({
      primary: recall.arcsOf(route.primary!),
      backups: alive(route.backups.map((b) => b.path)),
      equalCost: alive(route.equalCost),
    })),
  };
  return { keep: recall.holds && before.length > 0 ? keep : undefined, before };
}

/** How a route stands to the plan before. @param request undefined: a policy denies the pair. */
export function routeMoves(
  recall: Recall,
  route: PlannedRoute,
  set: RouteSet | undefined,
  request: Request | undefined,
  { before }: RouteMemory,
  paths: PathTable,
): { readonly moved: MovedRoute[]; readonly kept: KeptRoute | null } {
  const { from, to, primary } = route;
  const after = primary === null ? null : paths.get(primary);
  const moved = recall.routesOf(from, to, route.classes).flatMap((group): MovedRoute[] => {
    const old = group.route.primary;
    if (old === null ? after === null : after !== null && recall.isSame(old, after)) return [];
    const base = { from, to, classes: group.classes, after: primary };
    if (old === null) return [{ ...base, before: null, beforeMetric: null, why: 'routed' }];
    const arcs = recall.arcsOf(old);
    const allowed = arcs !== null && request !== undefined && permits(request, arcs);
    const target = request?.topology.nodeIndex.get(to);
    const beforeMetric = allowed ? pathOf(request, found(newProblem(request, target!), arcs)).metric : null;
    const standing = set?.standings[before.findIndex((b) => b.route.primary === old)];
    let why: RouteMove;
    if (arcs === null) why = 'gone';
    else if (!allowed) why = 'policy';
    else if (after === null) why = 'unproven';
    else if (standing === undefined) why = 'needed';
    else why = standing === 'stands' ? 'joined' : standing;
    return [{ ...base, before: recall.name(old), beforeMetric, why }];
  });
  const kept = set?.kept ? { from, to, classes: route.classes, ...set.kept } : null;
  return { moved, kept };
}

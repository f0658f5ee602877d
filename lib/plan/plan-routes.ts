import { warning, type Diagnostic } from '../diagnostics';
import type { Topology } from '../graph';
import { qosClasses, type Network } from '../model';
import { routeSet, type KeepPaths, type Refusal, type RouteSet } from '../routing';
import { leastMtu } from '../tunnels';
import { count } from '../units';
import type { Ruling } from './choose-policy';
import type { PlannedPath, PlannedRoute, RouteRefusal } from './document';
import { recallRoute, routeMoves } from './keep-routes';
import { warnOneWayDenies } from './one-way-denies';
import type { PathTable } from './path-table';
import type { KeptRoute, MovedRoute } from './planned-previous';
import type { Recall } from './recall';
import type { RequestBook } from './request-book';

/** The routes, and how they stand to the plan before. */
export interface RoutedPairs {
  readonly routes: readonly PlannedRoute[];
  readonly moved: readonly MovedRoute[];
  readonly kept: readonly KeptRoute[];
}

/**
 * Routes every ordered pair in every class, with the paths into the table. Pairs and classes under one policy
 * and strategy share a compiled request.
 *
 * @param recall the plan before; null: there is none.
 */
export function planRoutes(
  network: Network,
  topology: Topology,
  book: RequestBook,
  paths: PathTable,
  recall: Recall | null,
  progress?: (what: string, done?: number, total?: number) => void,
): { readonly routed: RoutedPairs; readonly diagnostics: readonly Diagnostic[] } {
  const ids = network.regions.map((r) => r.id);
  const { objectives } = network;
  const routes: PlannedRoute[] = [];
  const moved: MovedRoute[] = [];
  const kept: KeptRoute[] = [];
  ids.forEach((from, i) => {
    progress?.('routing', i, ids.length);
    for (const to of ids) {
      if (from === to) continue;
      const moves: MovedRoute[] = [];
      for (const ruling of book.rulings(from, to)) {
        const memory = recall ? recallRoute(recall, from, to, ruling.classes, objectives) : undefined;
        const { route, set } = planRoute(from, to, ruling, topology, book, paths, memory?.keep);
        routes.push(route);
        if (!recall || !memory) continue;
        const request = set && book.request(ruling);
        const stands = routeMoves(recall, route, set, request, memory, paths);
        moves.push(...stands.moved);
        if (stands.kept) kept.push(stands.kept);
      }
      const rank = ({ classes: [first] }: MovedRoute) => qosClasses.indexOf(first);
      moved.push(...moves.sort((x, y) => rank(x) - rank(y)));
    }
  });
  const diagnostics = [
    ...unroutable(routes),
    ...narrow(paths.sorted()),
    ...warnOneWayDenies(network.policies, routes),
  ];
  return { routed: { routes, moved, kept }, diagnostics };
}

/**
 * Reports what has no route, or no disjoint pair, although nothing denies or drains it: one warning for
 * each policy and kind, with the first pair as the example. The refusals themselves stand in the routes.
 */
function unroutable(routes: readonly PlannedRoute[]): Diagnostic[] {
  const kinds = new Map<string, PlannedRoute[]>();
  for (const route of routes) {
    if (route.refusal === null || route.refusal.code === 'denied' || route.refusal.code === 'drained')
      continue;
    const key = `${route.policy} ${route.refusal.code} ${route.strategy}`;
    const kind = kinds.get(key);
    if (kind) kind.push(route);
    else kinds.set(key, [route]);
  }
  return [...kinds.values()].map((refused) => {
    const [route] = refused;
    const path = route.policy === null ? '' : `policies.${route.policy}`;
    const lack = route.primary === null ? 'has no route' : 'has no disjoint pair of paths';
    const others = refused.length > 1 ? `, and so ${count(refused.length - 1, 'more pair')}` : '';
    const message = `${route.from} to ${route.to} ${lack} in ${route.classes.join(', ')}${others}: ${route.refusal!.message}`;
    const code = route.primary === null ? 'no-route' : 'not-disjoint';
    return warning(code, path, message, route.refusal!.nearest || 'add a link, or change the policy');
  });
}

/**
 * Reports the paths on which an IPv6 packet of the least size would not fit (RFC 8200 section 5), with the
 * worst.
 */
function narrow(paths: readonly PlannedPath[]): Diagnostic[] {
  const tight = paths.filter((path) => path.mtu < leastMtu);
  if (tight.length === 0) return [];
  const worst = tight.reduce((least, path) => (path.mtu < least.mtu ? path : least));
  const others = tight.length > 1 ? `, and so ${count(tight.length - 1, 'more path')}` : '';
  const message = `path ${worst.id} has room for ${worst.mtu} bytes, IPv6 needs ${leastMtu}${others}`;
  return [warning('path-mtu', '', message, "allow fewer hops ('maxHops'), or raise the tunnels' mtu")];
}

function planRoute(
  from: string,
  to: string,
  ruling: Ruling,
  topology: Topology,
  book: RequestBook,
  paths: PathTable,
  keep: KeepPaths | undefined,
): { readonly route: PlannedRoute; readonly set: RouteSet | undefined } {
  const { policy, strategy, classes } = ruling;
  const base = { from, to, classes, policy: policy?.id ?? null, strategy };
  const none = { metric: null, primary: null, backups: [], equalCost: [], equalCostMore: false };
  if (policy?.action === 'deny') {
    const message = `policy ${policy.id} denies it`;
    const refusal = { code: 'denied' as const, message, nearest: '' };
    return { route: { ...base, ...none, refusal, hint: null }, set: undefined };
  }
  const set = routeSet(topology, book.request(ruling), from, to, { ...policy, keep });
  const refusal = refusalOf(set.refusal);
  if (!set.primary) return { route: { ...base, ...none, refusal, hint: null }, set };
  const route = {
    ...base,
    metric: set.metric,
    primary: paths.keep(set.primary),
    backups: set.backups.map((b) => ({
      path: paths.keep(b.path),
      sharedLinks: b.sharedLinks,
      sharedRegions: b.sharedRegions,
      sharedSrlgs: b.sharedSrlgs,
    })),
    equalCost: set.equalCost.map((path) => paths.keep(path)),
    equalCostMore: set.equalCostMore,
    refusal,
    hint: set.hint?.message ?? null,
  };
  return { route, set };
}

function refusalOf(refusal: Refusal | null): RouteRefusal | null {
  if (refusal === null) return null;
  // The planner asks for no pair of a region with itself.
  if (refusal.code === 'same-region') throw new RangeError(refusal.message);
  return { code: refusal.code, message: refusal.message, nearest: refusal.nearest };
}

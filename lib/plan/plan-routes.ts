import { byText, warning, type Diagnostic } from '../diagnostics';
import type { Topology } from '../graph';
import { qosClasses, type Network, type QosClass } from '../model';
import { routeSet, type KeepPaths, type Refusal, type RouteSet } from '../routing';
import { leastMtu } from '../tunnels';
import { count } from '../units';
import type { Ruling } from './choose-policy';
import type { PlannedRoute, RouteRefusal } from './document';
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
        const { route, set } = planRoute(from, to, ruling, { topology, book, paths, keep: memory?.keep });
        routes.push(route);
        if (!recall || !memory) continue;
        const request = set && book.inForce(ruling, from, to);
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
    ...narrow(routes, paths),
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
 * Counts the primaries and backups of each class on which an IPv6 packet of the least size does not fit
 * (RFC 8200 section 5), with the narrowest of them. Classes of equal numbers stand together.
 */
function narrow(routes: readonly PlannedRoute[], paths: PathTable): Diagnostic[] {
  const mtuOf = (id: string) => paths.get(id).mtu;
  const small = (ids: readonly string[]) => ids.filter((id) => mtuOf(id) < leastMtu);
  const classesOf = new Map<string, QosClass[]>();
  const all: string[] = [];
  for (const qos of qosClasses) {
    const own = routes.filter((r) => r.classes.includes(qos));
    const primaries = small(own.flatMap((r) => r.primary ?? []));
    const backups = small(own.flatMap((r) => r.backups.map((b) => b.path)));
    if (primaries.length + backups.length === 0) continue;
    all.push(...primaries, ...backups);
    const text = `${count(primaries.length, 'primary', 'primaries')} and ${count(backups.length, 'backup')}`;
    classesOf.set(text, [...(classesOf.get(text) ?? []), qos]);
  }
  if (all.length === 0) return [];
  const least = all.sort(byText).reduce((worst, id) => (mtuOf(id) < mtuOf(worst) ? id : worst));
  const numbers = [...classesOf].map(([text, names]) => `${text} of ${names.join(', ')}`);
  const message =
    `less than the ${leastMtu} bytes that IPv6 needs fit on ${numbers.join('; ')}: ` +
    `${mtuOf(least)} on ${least}`;
  const next = "raise the tunnels' mtu, add a link, or allow fewer hops ('maxHops')";
  return [warning('path-mtu', '', message, next)];
}

/** Where routes are planned. */
interface RoutePlace {
  readonly topology: Topology;
  readonly book: RequestBook;
  readonly paths: PathTable;
  readonly keep: KeepPaths | undefined;
}

function planRoute(
  from: string,
  to: string,
  ruling: Ruling,
  { topology, book, paths, keep }: RoutePlace,
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

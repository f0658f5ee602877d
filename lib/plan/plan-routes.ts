import { warning, type Diagnostic } from '../diagnostics';
import type { Topology } from '../graph';
import type { Network, Policy, StrategyName } from '../model';
import { compileRequest, routeSet, type Path, type Refusal, type Request } from '../routing';
import { leastMtu, pathMtu, type Tunnel } from '../tunnels';
import { count } from '../units';
import { rulingsOf, type Ruling } from './choose-policy';
import type { PlannedPath, PlannedRoute, RouteRefusal } from './document';

/** Every route, and the paths they name. */
export interface RouteTable {
  readonly routes: readonly PlannedRoute[];
  /** Sorted by id. */
  readonly paths: readonly PlannedPath[];
  readonly byId: ReadonlyMap<string, PlannedPath>;
}

/**
 * Routes every ordered pair in every class. Pairs and classes under one policy and strategy share a
 * compiled request; a path that several routes use stands in the table once.
 */
export function planRoutes(
  network: Network,
  topology: Topology,
  tunnels: readonly Tunnel[],
  progress?: (what: string, done?: number, total?: number) => void,
): { readonly table: RouteTable; readonly diagnostics: readonly Diagnostic[] } {
  const rulings = rulingsOf(network);
  const requests = new Map<string, Request>();
  const paths = new Map<string, PlannedPath>();
  const mtuOf = linkMtus(tunnels);
  const keep = (path: Path): string => {
    if (!paths.has(path.id)) paths.set(path.id, plannedPath(path, mtuOf));
    return path.id;
  };
  const ids = network.regions.map((r) => r.id);
  const routes: PlannedRoute[] = [];
  ids.forEach((from, i) => {
    progress?.('routing', i, ids.length);
    for (const to of ids) {
      if (from === to) continue;
      for (const ruling of rulings(from, to)) {
        routes.push(planRoute(from, to, ruling, topology, requests, keep));
      }
    }
  });
  const sorted = [...paths.values()].sort((x, y) => (x.id < y.id ? -1 : 1));
  return {
    table: { routes, paths: sorted, byId: paths },
    diagnostics: [...unroutable(routes), ...narrow(sorted)],
  };
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

function linkMtus(tunnels: readonly Tunnel[]): ReadonlyMap<string, number> {
  const mtus = new Map<string, number>();
  for (const { link, mtu } of tunnels) mtus.set(link, Math.min(mtu, mtus.get(link) ?? Infinity));
  return mtus;
}

function plannedPath(path: Path, mtuOf: ReadonlyMap<string, number>): PlannedPath {
  const { id, regions, links, latencyMs, costPerGbUsd, unknownCostLinks, bandwidthMbps, srlgs } = path;
  const mtu = pathMtu(
    links.map((link) => mtuOf.get(link)!),
    links.length,
  );
  const [from, to] = [regions[0], regions[regions.length - 1]];
  return {
    id,
    from,
    to,
    regions,
    links,
    latencyMs,
    costPerGbUsd,
    unknownCostLinks,
    bandwidthMbps,
    mtu,
    srlgs,
  };
}

/** The key of everything that shapes a request: equal keys share one. */
function requestOf(
  topology: Topology,
  policy: Policy | null,
  strategy: StrategyName,
  requests: Map<string, Request>,
): Request {
  const key = `${policy?.id ?? ''} ${strategy}`;
  let request = requests.get(key);
  if (!request) {
    request = compileRequest(topology, {
      strategy,
      weights: policy?.weights,
      constraints: policy?.constraints,
    });
    requests.set(key, request);
  }
  return request;
}

function planRoute(
  from: string,
  to: string,
  { policy, strategy, classes }: Ruling,
  topology: Topology,
  requests: Map<string, Request>,
  keep: (path: Path) => string,
): PlannedRoute {
  const base = { from, to, classes, policy: policy?.id ?? null, strategy };
  const none = { metric: null, primary: null, backups: [], equalCost: [], equalCostMore: false };
  if (policy?.action === 'deny') {
    const message = `policy ${policy.id} denies it`;
    return { ...base, ...none, refusal: { code: 'denied', message, nearest: '' }, hint: null };
  }
  const request = requestOf(topology, policy, strategy, requests);
  const set = routeSet(topology, request, from, to, policy ?? undefined);
  const refusal = refusalOf(set.refusal);
  if (!set.primary) return { ...base, ...none, refusal, hint: null };
  return {
    ...base,
    metric: set.metric,
    primary: keep(set.primary),
    backups: set.backups.map((b) => ({
      path: keep(b.path),
      sharedLinks: b.sharedLinks,
      sharedRegions: b.sharedRegions,
      sharedSrlgs: b.sharedSrlgs,
    })),
    equalCost: set.equalCost.map(keep),
    equalCostMore: set.equalCostMore,
    refusal,
    hint: set.hint?.message ?? null,
  };
}

function refusalOf(refusal: Refusal | null): RouteRefusal | null {
  if (refusal === null) return null;
  // The planner asks for no pair of a region with itself.
  if (refusal.code === 'same-region') throw new RangeError(refusal.message);
  return { code: refusal.code, message: refusal.message, nearest: refusal.nearest };
}

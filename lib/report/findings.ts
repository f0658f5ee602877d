import type { PlanDocument, PlannedRoute } from '../plan';

/** A pair that is faster through other regions than over its own link. */
export interface Relay {
  readonly a: string;
  readonly b: string;
  /** Path from a to b. */
  readonly path: string;
  /** Fastest own link, there and back. */
  readonly directRttMs: number;
  /** Planned by latency, there and back. */
  readonly rttMs: number;
}

/**
 * Linked pairs (a before b) whose route by latency, there and back, beats their own link; greatest gain
 * first.
 */
export function relays(plan: PlanDocument): Relay[] {
  const direct = directLatencies(plan);
  const paths = new Map(plan.paths.map((path) => [path.id, path]));
  const byLatency = new Map<string, string>();
  for (const route of plan.routes) {
    if (route.strategy === 'latency' && route.policy === null && route.primary !== null) {
      byLatency.set(`${route.from} ${route.to}`, route.primary);
    }
  }
  const found: Relay[] = [];
  for (const [pair, path] of byLatency) {
    const [a, b] = pair.split(' ');
    const back = byLatency.get(`${b} ${a}`);
    const there = direct.get(pair);
    const home = direct.get(`${b} ${a}`);
    if (a > b || back === undefined || there === undefined || home === undefined) continue;
    const rttMs = round(paths.get(path)!.latencyMs + paths.get(back)!.latencyMs);
    const directRttMs = round(there + home);
    if (rttMs < directRttMs) found.push({ a, b, path, directRttMs, rttMs });
  }
  const gain = (r: Relay) => r.directRttMs - r.rttMs;
  return found.sort((x, y) => gain(y) - gain(x) || (x.a + x.b < y.a + y.b ? -1 : 1));
}

/** To the nanosecond: sums of binary fractions carry an error far below it. */
function round(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}

/** How many pairs have a link both ways. */
export function distinctLinkPairs(plan: PlanDocument): number {
  const direct = directLatencies(plan);
  return [...direct.keys()].filter((pair) => {
    const [a, b] = pair.split(' ');
    return a < b && direct.has(`${b} ${a}`);
  }).length;
}

function directLatencies(plan: PlanDocument): Map<string, number> {
  const direct = new Map<string, number>();
  for (const link of plan.links) {
    for (const d of link.directions) {
      const pair = `${d.from} ${d.to}`;
      direct.set(pair, Math.min(direct.get(pair) ?? Infinity, d.latencyMs));
    }
  }
  return direct;
}

/** Routes without a backup, or whose first backup shares something with the primary. */
export function weakRoutes(plan: PlanDocument): { readonly route: PlannedRoute; readonly shared: string }[] {
  return plan.routes.flatMap((route) => {
    if (route.primary === null) return [];
    const [first] = route.backups;
    if (!first) return [{ route, shared: '' }];
    const shared = [...first.sharedLinks, ...first.sharedRegions, ...first.sharedSrlgs.map((g) => `#${g}`)];
    return shared.length === 0 ? [] : [{ route, shared: shared.join(', ') }];
  });
}

import { byText } from '../diagnostics';
import type { Topology } from '../graph';
import { qosClasses, type QosClass } from '../model';
import type { FailureInput, PlacedDemand, RouteInput } from './failure-input';
import { newPathStore, type PathStore } from './path-store';
import { apportion } from './apportion';

/**
 * The input compiled: what moves together is one flow. A flow is a route with the demands of one class that
 * follow it (a route of several classes with demands in them has one flow for each), or one demand with
 * splits of its own. Traffic is counted in whole units (1 bit/s, coarser only where sums would pass 2^50),
 * so that loads are exact sums: the same whatever the order in which flows move.
 */
export interface FlowTable {
  readonly topology: Topology;
  readonly unitsPerMbps: number;
  /** Units by arc. */
  readonly capacity: Float64Array;
  readonly paths: PathStore;
  readonly count: number;
  /** Node numbers by flow. */
  readonly source: Int32Array;
  readonly target: Int32Array;
  /** Place in `qosClasses` by flow; of a route without demands its most important class. */
  readonly rank: Uint8Array;
  /** Traffic by flow. */
  readonly units: Float64Array;
  /** Without failures flow f uses parts partFirst[f] and so on: path, weight, units. None: not served. */
  readonly partFirst: Int32Array;
  readonly partPath: Int32Array;
  readonly partShare: Float64Array;
  readonly partUnits: Float64Array;
  /** When no part lives: paths spareFirst[f] to spareEnd[f] - 1, the first living one. */
  readonly spareFirst: Int32Array;
  readonly spareEnd: Int32Array;
  /** Sorted by from, to, classes. */
  readonly routes: readonly RouteInput[];
  /** Sorted by id. */
  readonly demands: readonly PlacedDemand[];
  /** Route number by flow; -1: a demand with splits and no route. */
  readonly route: Int32Array;
  /** 1: this flow stands for its route in counts of routes; each route has one such flow. */
  readonly leads: Uint8Array;
  /** The demands of flow f are demand[demandFirst[f]] and so on, in order of their ids. */
  readonly demandFirst: Int32Array;
  readonly demand: Int32Array;
}

interface Draft {
  readonly route: number;
  readonly source: number;
  readonly target: number;
  readonly rank: number;
  readonly leads: boolean;
  readonly parts: readonly { readonly path: number; readonly share: number }[];
  readonly spare: readonly [number, number];
  readonly demands: number[];
}

/**
 * Compiles. O(size of the input). Throws RangeError on unknown regions, paths that the topology does not
 * have, two routes for one pair and class, shares not above 0, and demands that are negative, not numbers or
 * named twice.
 */
export function compileFlows(input: FailureInput): FlowTable {
  const { topology } = input;
  const node = (id: string) => {
    const v = topology.nodeIndex.get(id);
    if (v === undefined) throw new RangeError(`no region '${id}' in the topology`);
    return v;
  };
  const routes = [...input.routes].sort(
    (a, b) => byText(a.from, b.from) || byText(a.to, b.to) || byText(a.classes.join(), b.classes.join()),
  );
  const demands = [...input.demands].sort((a, b) => byText(a.id, b.id));
  const paths = newPathStore(topology);
  const flows: Draft[] = [];
  const routeOf = new Map<string, { number: number; spare: readonly [number, number] }>();
  const byRouteAndRank = new Map<string, Draft>();
  const follow = following(demands);

  routes.forEach((route, number) => {
    const [source, target] = [node(route.from), node(route.to)];
    const planned = route.primary === null ? [] : [route.primary, ...route.backups];
    const added = planned.map((path) => paths.add(path, source, target));
    const spare = [added[0] ?? 0, (added[0] ?? 0) + added.length] as const;
    for (const c of route.classes) {
      const name = `${route.from} ${route.to} ${c}`;
      if (routeOf.has(name)) throw new RangeError(`two routes for ${name}`);
      routeOf.set(name, { number, spare });
    }
    const ranks = [...new Set(route.classes.map(rankOf))].sort((a, b) => a - b);
    const used = ranks.filter((r) => follow.has(`${route.from} ${route.to} ${qosClasses[r]}`));
    (used.length > 0 ? used : [ranks[0] ?? 0]).forEach((rank, i) => {
      const parts = added.slice(0, 1).map((path) => ({ path, share: 1 }));
      // The primary is dead when the spares are asked for: they begin behind it.
      const behind = [spare[0] + parts.length, spare[1]] as const;
      const flow = { route: number, source, target, rank, leads: i === 0, parts, spare: behind, demands: [] };
      byRouteAndRank.set(`${number} ${rank}`, flow);
      flows.push(flow);
    });
  });

  demands.forEach((demand, d) => {
    if (!(demand.mbps >= 0 && Number.isFinite(demand.mbps)))
      throw new RangeError(`demand '${demand.id}': Mbps are finite and not negative`);
    if (d > 0 && demands[d - 1].id === demand.id) throw new RangeError(`two demands '${demand.id}'`);
    const [source, target, rank] = [node(demand.from), node(demand.to), rankOf(demand.class)];
    const known = routeOf.get(`${demand.from} ${demand.to} ${demand.class}`);
    if (follows(demand) && known) byRouteAndRank.get(`${known.number} ${rank}`)!.demands.push(d);
    else {
      const parts = (demand.splits ?? []).map((s) => {
        if (!(s.share > 0 && Number.isFinite(s.share)))
          throw new RangeError(`demand '${demand.id}': shares are finite and above 0`);
        return { path: paths.add(s, source, target), share: s.share };
      });
      const spare = known?.spare ?? ([0, 0] as const);
      const route = known?.number ?? -1;
      flows.push({ route, source, target, rank, leads: false, parts, spare, demands: [d] });
    }
  });
  return freeze(input, flows, routes, demands, paths.done());
}

function rankOf(c: QosClass): number {
  return qosClasses.indexOf(c);
}

function follows(demand: PlacedDemand): boolean {
  return (demand.splits ?? []).length === 0;
}

/** Which pair and class has demands that follow its route. */
function following(demands: readonly PlacedDemand[]): Set<string> {
  return new Set(demands.filter(follows).map((d) => `${d.from} ${d.to} ${d.class}`));
}

function freeze(
  { topology, capacityMbps = topology.availableMbps }: FailureInput,
  flows: readonly Draft[],
  routes: readonly RouteInput[],
  demands: readonly PlacedDemand[],
  paths: PathStore,
): FlowTable {
  const sum = demands.reduce((s, d) => s + d.mbps, 0);
  let unitsPerMbps = 1e6;
  while (sum * unitsPerMbps > 2 ** 50) unitsPerMbps /= 10;
  const unitsOf = (flow: Draft) =>
    flow.demands.reduce((s, d) => s + Math.round(demands[d].mbps * unitsPerMbps), 0);
  const units = Float64Array.from(flows, unitsOf);
  const parts = flows.flatMap((flow) => flow.parts);
  const partUnits = flows.flatMap((flow, f) =>
    apportion(
      units[f],
      flow.parts.map((p) => p.share),
    ),
  );
  return {
    topology,
    unitsPerMbps,
    capacity: Float64Array.from({ length: topology.arcCount }, (_, a) => capacityMbps[a] * unitsPerMbps),
    paths,
    count: flows.length,
    source: Int32Array.from(flows, (f) => f.source),
    target: Int32Array.from(flows, (f) => f.target),
    rank: Uint8Array.from(flows, (f) => f.rank),
    units,
    partFirst: starts(flows.map((f) => f.parts.length)),
    partPath: Int32Array.from(parts, (p) => p.path),
    partShare: Float64Array.from(parts, (p) => p.share),
    partUnits: Float64Array.from(partUnits),
    spareFirst: Int32Array.from(flows, (f) => f.spare[0]),
    spareEnd: Int32Array.from(flows, (f) => f.spare[1]),
    routes,
    demands,
    route: Int32Array.from(flows, (f) => f.route),
    leads: Uint8Array.from(flows, (f) => (f.leads ? 1 : 0)),
    demandFirst: starts(flows.map((f) => f.demands.length)),
    demand: Int32Array.from(flows.flatMap((f) => f.demands)),
  };
}

function starts(counts: readonly number[]): Int32Array {
  const first = new Int32Array(counts.length + 1);
  counts.forEach((c, i) => (first[i + 1] = first[i] + c));
  return first;
}

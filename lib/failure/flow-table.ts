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

/** A flow while it is made; its parts stand in the lists of `Parts`. */
interface Draft {
  readonly route: number;
  readonly source: number;
  readonly target: number;
  readonly rank: number;
  readonly leads: boolean;
  readonly partFirst: number;
  readonly spareFirst: number;
  readonly spareEnd: number;
  readonly demands: number[];
}

/** Path and weight of the parts of all flows, flow by flow. */
interface Parts {
  readonly path: number[];
  readonly share: number[];
}

/**
 * Compiles. O(size of the input), and sorting what is not in order yet. Throws RangeError on unknown regions,
 * paths that the topology does not have, two routes for one pair and class, shares not above 0, and demands
 * that are negative, not numbers or named twice.
 */
export function compileFlows(input: FailureInput): FlowTable {
  const { topology } = input;
  const n = topology.nodes.length;
  const node = (id: string) => {
    const v = topology.nodeIndex.get(id);
    if (v === undefined) throw new RangeError(`no region '${id}' in the topology`);
    return v;
  };
  const pairOf = (x: { readonly from: string; readonly to: string }) => node(x.from) * n + node(x.to);
  const keyOf = (pair: number, rank: number) => pair * qosClasses.length + rank;
  const routes = byPair(input.routes, pairOf);
  const demands = [...input.demands].sort((a, b) => byText(a.id, b.id));
  const paths = newPathStore(topology);
  const parts: Parts = { path: [], share: [] };
  const flows: Draft[] = [];
  /** Routes, and flows that demands may follow, by pair and class. */
  const routeOf = new Map<number, number>();
  const flowOf = new Map<number, Draft>();
  const pathFirst: number[] = [];
  const pathEnd: number[] = [];
  const followed = new Set<number>();
  for (const d of demands) if (follows(d)) followed.add(keyOf(pairOf(d), rankOf(d.class)));

  routes.forEach((route, number) => {
    const pair = pairOf(route);
    const [source, target] = [Math.floor(pair / n), pair % n];
    let [first, end] = [0, 0];
    if (route.primary !== null) {
      first = paths.add(route.primary, source, target);
      end = first + 1;
      for (const backup of route.backups) end = paths.add(backup, source, target) + 1;
    }
    pathFirst.push(first);
    pathEnd.push(end);
    let least = route.classes.length === 0 ? 0 : qosClasses.length;
    for (const c of route.classes) {
      const key = keyOf(pair, rankOf(c));
      if (routeOf.has(key)) throw new RangeError(`two routes for ${route.from} ${route.to} ${c}`);
      routeOf.set(key, number);
      least = Math.min(least, rankOf(c));
    }
    let leads = true;
    const add = (rank: number) => {
      const partFirst = parts.path.length;
      if (end > first) {
        parts.path.push(first);
        parts.share.push(1);
      }
      // The primary is dead when the spares are asked for: they begin behind it.
      const [spareFirst, spareEnd] = [Math.min(first + 1, end), end];
      const flow = {
        route: number,
        source,
        target,
        rank,
        leads,
        partFirst,
        spareFirst,
        spareEnd,
        demands: [],
      };
      flowOf.set(keyOf(pair, rank), flow);
      flows.push(flow);
      leads = false;
    };
    for (let rank = least; rank < qosClasses.length; rank++) {
      if (followed.has(keyOf(pair, rank)) && route.classes.includes(qosClasses[rank])) add(rank);
    }
    if (leads) add(least);
  });

  demands.forEach((demand, d) => {
    if (!(demand.mbps >= 0 && Number.isFinite(demand.mbps)))
      throw new RangeError(`demand '${demand.id}': Mbps are finite and not negative`);
    if (d > 0 && demands[d - 1].id === demand.id) throw new RangeError(`two demands '${demand.id}'`);
    const [pair, rank] = [pairOf(demand), rankOf(demand.class)];
    const route = routeOf.get(keyOf(pair, rank)) ?? -1;
    if (follows(demand) && route !== -1) {
      flowOf.get(keyOf(pair, rank))!.demands.push(d);
      return;
    }
    const [source, target] = [Math.floor(pair / n), pair % n];
    const partFirst = parts.path.length;
    for (const split of demand.splits ?? []) {
      if (!(split.share > 0 && Number.isFinite(split.share)))
        throw new RangeError(`demand '${demand.id}': shares are finite and above 0`);
      parts.path.push(paths.add(split, source, target));
      parts.share.push(split.share);
    }
    const [spareFirst, spareEnd] = [pathFirst[route] ?? 0, pathEnd[route] ?? 0];
    flows.push({
      route,
      source,
      target,
      rank,
      leads: false,
      partFirst,
      spareFirst,
      spareEnd,
      demands: [d],
    });
  });
  return freeze(input, flows, parts, routes, demands, paths.done());
}

/** By from, to, classes; regions are numbered in the order of their ids. */
function byPair(routes: readonly RouteInput[], pairOf: (route: RouteInput) => number): RouteInput[] {
  const pairs = routes.map(pairOf);
  return routes
    .map((_, i) => i)
    .sort((i, j) => pairs[i] - pairs[j] || byText(routes[i].classes.join(), routes[j].classes.join()))
    .map((i) => routes[i]);
}

function rankOf(c: QosClass): number {
  return qosClasses.indexOf(c);
}

function follows(demand: PlacedDemand): boolean {
  return (demand.splits ?? []).length === 0;
}

function freeze(
  { topology, capacityMbps = topology.availableMbps }: FailureInput,
  flows: readonly Draft[],
  parts: Parts,
  routes: readonly RouteInput[],
  demands: readonly PlacedDemand[],
  paths: PathStore,
): FlowTable {
  const sum = demands.reduce((s, d) => s + d.mbps, 0);
  let unitsPerMbps = 1e6;
  while (sum * unitsPerMbps > 2 ** 50) unitsPerMbps /= 10;
  const column = (figure: (flow: Draft) => number) => {
    const figures = new Int32Array(flows.length);
    for (let f = 0; f < flows.length; f++) figures[f] = figure(flows[f]);
    return figures;
  };
  const units = new Float64Array(flows.length);
  const partFirst = new Int32Array(flows.length + 1);
  const partUnits = new Float64Array(parts.path.length);
  const demandFirst = new Int32Array(flows.length + 1);
  const demand = new Int32Array(demands.length);
  flows.forEach((flow, f) => {
    let at = demandFirst[f];
    for (const d of flow.demands) {
      units[f] += Math.round(demands[d].mbps * unitsPerMbps);
      demand[at++] = d;
    }
    demandFirst[f + 1] = at;
    const [first, end] = [flow.partFirst, flows[f + 1]?.partFirst ?? parts.path.length];
    partFirst[f + 1] = end;
    if (end === first + 1) partUnits[first] = units[f];
    else if (end > first) partUnits.set(apportion(units[f], parts.share.slice(first, end)), first);
  });
  return {
    topology,
    unitsPerMbps,
    capacity: Float64Array.from({ length: topology.arcCount }, (_, a) => capacityMbps[a] * unitsPerMbps),
    paths,
    count: flows.length,
    source: column((f) => f.source),
    target: column((f) => f.target),
    rank: Uint8Array.from(flows, (f) => f.rank),
    units,
    partFirst,
    partPath: Int32Array.from(parts.path),
    partShare: Float64Array.from(parts.share),
    partUnits,
    spareFirst: column((f) => f.spareFirst),
    spareEnd: column((f) => f.spareEnd),
    routes,
    demands,
    route: column((f) => f.route),
    leads: Uint8Array.from(flows, (f) => (f.leads ? 1 : 0)),
    demandFirst,
    demand,
  };
}

import type { Floats, Topology } from '../graph';
import { tryBestPath } from '../routing';
import type { Commodity, FlowDemand, FlowProblem } from './flow-problem';
import { latencyBoundMs, pricedRequest } from './flow-problem';
import type { LengthTree } from './length-tree';
import { lengthTree, treePath } from './length-tree';

/** One path for each demand of a commodity, and the Mbps that they lay on each arc. */
export interface Column {
  readonly commodity: number;
  /** The tree by which plain demands travel; null where paths are listed. */
  readonly entering: Int32Array | null;
  /** Paths in the order of the commodity's demands; null where a tree holds them. */
  readonly paths: readonly (readonly number[])[] | null;
  /** Arcs with load, rising, and their Mbps. */
  readonly arcs: Int32Array;
  readonly mbps: Float64Array;
}

/** Every commodity's cheapest column under arc lengths, and the figure that bounds the whole. */
export interface Priced {
  readonly columns: readonly Column[];
  /** Sum of Mbps x length over each column, by commodity. */
  readonly cost: Float64Array;
}

/** Prices every commodity; a cost of Infinity: some demand of it has no path at all. */
export function priceColumns(problem: FlowProblem, length: Floats): Priced {
  const { topology, commodities, demands } = problem;
  const cost = new Float64Array(commodities.length);
  let tree: LengthTree | null = null;
  let [treeOf, gateOf]: [number, unknown] = [-1, null];
  let priced: Topology | null = null;
  const treeFor = (source: number, gate: FlowProblem['gates'][number]) => {
    if (tree === null || treeOf !== source || gateOf !== gate)
      tree = lengthTree(topology, length, gate, source);
    [treeOf, gateOf] = [source, gate];
    return tree;
  };
  const columns = commodities.map((commodity, c) => {
    const { source, gate } = commodity;
    if (gate !== null) {
      const found = treeFor(source, gate);
      for (const d of commodity.demands) cost[c] += demands[d].mbps * found.distance[demands[d].target];
      return treeColumn(problem, commodity, c, found);
    }
    const paths = commodity.demands.map((d) => {
      const plain = treePath(topology, treeFor(source, problem.gates[d]).entering, demands[d].target);
      if (plain !== null && keepsTo(topology, demands[d], plain)) return plain;
      priced ??= pricedTopology(problem, length);
      const best = tryBestPath(
        priced,
        pricedRequest(priced, demands[d], problem.gates[d]),
        source,
        demands[d].target,
      );
      return best === undefined ? [] : best.arcs;
    });
    paths.forEach((path, i) => {
      if (path.length === 0) cost[c] = Infinity;
      for (const a of path) cost[c] += demands[commodity.demands[i]].mbps * length[a];
    });
    return pathsColumn(problem, commodity, c, paths);
  });
  return { columns, cost };
}

/** The path that a column gives to the i-th demand of its commodity. */
export function columnPath(problem: FlowProblem, column: Column, i: number): readonly number[] {
  if (column.paths !== null) return column.paths[i];
  const demand = problem.demands[problem.commodities[column.commodity].demands[i]];
  return treePath(problem.topology, column.entering!, demand.target)!;
}

/** The least length of a permitted path for one demand; Infinity: none. What certificates add up. */
export function permittedDistance(problem: FlowProblem, length: Floats): Float64Array {
  const { commodities, demands, topology } = problem;
  const distance = new Float64Array(demands.length).fill(Infinity);
  const { columns } = priceColumns(problem, length);
  commodities.forEach((commodity, c) =>
    commodity.demands.forEach((d, i) => {
      const column = columns[c];
      const path =
        column.paths !== null ? column.paths[i] : treePath(topology, column.entering!, demands[d].target);
      if (path === null || path.length === 0) return;
      distance[d] = path.reduce((sum, a) => sum + length[a], 0);
    }),
  );
  return distance;
}

function treeColumn(problem: FlowProblem, commodity: Commodity, c: number, found: LengthTree): Column {
  const { topology, demands } = problem;
  const below = new Float64Array(topology.nodes.length);
  for (const d of commodity.demands) below[demands[d].target] += demands[d].mbps;
  const arcs: number[] = [];
  const load = new Map<number, number>();
  for (let i = found.order.length - 1; i > 0; i--) {
    const v = found.order[i];
    if (below[v] === 0) continue;
    const a = found.entering[v];
    arcs.push(a);
    load.set(a, below[v]);
    below[topology.tail[a]] += below[v];
  }
  arcs.sort((x, y) => x - y);
  return {
    commodity: c,
    entering: found.entering,
    paths: null,
    arcs: Int32Array.from(arcs),
    mbps: Float64Array.from(arcs, (a) => load.get(a)!),
  };
}

/** The column that gives these paths to the demands of a commodity, in their order. */
export function pathsColumn(
  { demands }: FlowProblem,
  commodity: Commodity,
  c: number,
  paths: readonly (readonly number[])[],
): Column {
  const load = new Map<number, number>();
  paths.forEach((path, i) => {
    for (const a of path) load.set(a, (load.get(a) ?? 0) + demands[commodity.demands[i]].mbps);
  });
  const arcs = [...load.keys()].sort((x, y) => x - y);
  const mbps = Float64Array.from(arcs, (a) => load.get(a)!);
  return { commodity: c, entering: null, paths, arcs: Int32Array.from(arcs), mbps };
}

/** Does a path that the gate allows keep to the bounds as well? Requirements are left to the full search. */
export function keepsTo(topology: Topology, demand: FlowDemand, path: readonly number[]): boolean {
  if (demand.request.required > 0 || demand.request.impossible) return false;
  if (path.length > demand.request.maxHops) return false;
  let latency = 0;
  for (const a of path) latency += topology.latencyMs[a];
  return latency <= latencyBoundMs(demand);
}

/**
 * The topology with lengths for prices, scaled so that the longest is 1: routing's exact searches then find
 * the cheapest path under any constraint. Closed arcs are those that carry nothing.
 */
function pricedTopology(problem: FlowProblem, length: Floats): Topology {
  let most = 0;
  for (let a = 0; a < length.length; a++) if (length[a] > most) most = length[a];
  const scale = most > 0 ? 1 / most : 1;
  return { ...problem.topology, costPerGbUsd: Float64Array.from(length as Float64Array, (l) => l * scale) };
}

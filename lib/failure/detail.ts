import { pathId } from '../routing';
import type { QosClass } from '../model';
import { qosClasses } from '../model';
import { utilisation } from './base-state';
import type { Evaluator } from './evaluate';
import type { FlowTable } from './flow-table';
import type { Outcome } from './outcome';
import type { PathForest } from './path-forest';
import { type Placement, placeFlow } from './place-flow';
import { type RepairedForest, repairForest } from './repair-forest';
import { type FailureSummary, type LinkUse, linkUse, summarise } from './summarise';

/** A scenario with all that it moves; plain data. */
export interface FailureDetail extends FailureSummary {
  /**
   * What is lost first, then the most traffic, then by from, to, classes (demands with splits after the
   * routes). Ended ones are not in it.
   */
  readonly changes: readonly FlowChange[];
  /** How many more changes there are than are listed. */
  readonly changesMore: number;
  /** Directed links whose load changed or that are above their capacity, living ones, in arc order. */
  readonly links: readonly (LinkUse & { readonly beforeMbps: number; readonly afterMbps: number })[];
}

/** What becomes of one flow: a route with what follows it, or a demand with splits of its own. */
export interface FlowChange {
  readonly from: string;
  readonly to: string;
  readonly classes: readonly QosClass[];
  /** Demand ids. */
  readonly demands: readonly string[];
  readonly mbps: number;
  /** `moved` to planned paths; `stranded`: only the graph leads there; `cut`: nothing does. */
  readonly fate: 'moved' | 'stranded' | 'cut';
  readonly before: readonly UsedPath[];
  readonly after: readonly UsedPath[];
  /** Of the slowest path in use, one way; null: none. */
  readonly beforeMs: number | null;
  readonly afterMs: number | null;
  /**
   * Of a stranded flow the best path that would remain, whatever its policy wants, in the metric of the
   * forest; null otherwise, or where the forest's request closes it.
   */
  readonly wouldBe: string | null;
}

/** A path id and what it carries. */
export interface UsedPath {
  readonly path: string;
  readonly mbps: number;
}

/**
 * `mostChanges`: how many to list, default all. O(affected flows x their path lengths + m), and a repair of
 * the forest when something is stranded.
 */
export function detail(
  evaluator: Evaluator,
  forest: PathForest,
  outcome: Outcome,
  mostChanges = Infinity,
): FailureDetail {
  const { base } = evaluator;
  const { table } = base;
  const { topology, paths, unitsPerMbps, partFirst, partPath, partUnits } = table;
  if (forest.topology !== topology) throw new RangeError('the forest is of another topology');
  const { scenario } = outcome;
  const dead = new Uint8Array(topology.arcCount);
  for (const a of scenario.arcs) dead[a] = 1;
  const flows = new Set<number>();
  for (const a of scenario.arcs) {
    for (let i = base.flowFirst[a]; i < base.flowFirst[a + 1]; i++) flows.add(base.flow[i]);
  }
  for (const f of outcome.ended) flows.delete(f);
  const stranded = new Set(outcome.stranded);
  const lost = new Set([...outcome.stranded, ...outcome.cut]);
  const weight = (f: number) => (lost.has(f) ? 1 : 0);
  const ranked = [...flows].sort((a, b) => weight(b) - weight(a) || table.units[b] - table.units[a] || a - b);
  const listed = ranked.slice(0, mostChanges);
  const repaired = listed.some((f) => stranded.has(f)) ? repairForest(forest, scenario.arcs) : null;
  const placed: Placement = { count: 0, path: [], units: [] };

  const change = (f: number): FlowChange => {
    placeFlow(table, dead, f, placed);
    const parts = Array.from({ length: partFirst[f + 1] - partFirst[f] }, (_, i) => partFirst[f] + i);
    const now = placed.path.slice(0, placed.count);
    const used = (path: number, units: number) => ({ path: idOf(table, path), mbps: units / unitsPerMbps });
    const slowest = (list: readonly number[]) =>
      list.length === 0 ? null : Math.max(...list.map((p) => paths.latencyMs[p]));
    return {
      ...whose(table, f),
      mbps: table.units[f] / unitsPerMbps,
      fate: placed.count > 0 ? 'moved' : stranded.has(f) ? 'stranded' : 'cut',
      before: parts.map((p) => used(partPath[p], partUnits[p])),
      after: now.map((p, i) => used(p, placed.units[i])),
      beforeMs: slowest(parts.map((p) => partPath[p])),
      afterMs: slowest(now),
      wouldBe: stranded.has(f) ? bestThatRemains(table, repaired!, f) : null,
    };
  };
  const loads = evaluator.loads(scenario);
  const lostRatio = new Map(scenario.degraded.map((d) => [d.arc, d.lostRatio]));
  const over = new Set(outcome.overloaded.map((u) => u.arc));
  const links = Array.from(loads.keys())
    .filter((a) => dead[a] === 0 && (loads[a] !== base.load[a] || lostRatio.has(a) || over.has(a)))
    .map((a) => ({
      ...linkUse(table, {
        arc: a,
        ratio: utilisation(loads[a], table.capacity[a] * (1 - (lostRatio.get(a) ?? 0))),
      }),
      beforeMbps: base.load[a] / unitsPerMbps,
      afterMbps: loads[a] / unitsPerMbps,
    }));
  return {
    ...summarise(table, outcome),
    changes: listed.map(change),
    changesMore: ranked.length - listed.length,
    links,
  };
}

function whose(
  { topology, source, target, demands, demand, demandFirst, route, routes, rank, leads }: FlowTable,
  f: number,
): Pick<FlowChange, 'from' | 'to' | 'classes' | 'demands'> {
  return {
    from: topology.nodes[source[f]],
    to: topology.nodes[target[f]],
    classes: leads[f] === 1 ? routes[route[f]].classes : [qosClasses[rank[f]]],
    demands: Array.from(demand.slice(demandFirst[f], demandFirst[f + 1]), (d) => demands[d].id),
  };
}

function idOf({ topology, paths }: FlowTable, path: number): string {
  return idOfArcs(topology, paths.arc.subarray(paths.first[path], paths.first[path + 1]));
}

function idOfArcs(topology: FlowTable['topology'], arcs: ArrayLike<number>): string {
  const list = Array.from(arcs);
  const regions = [topology.tail[list[0]], ...list.map((a) => topology.head[a])].map(
    (v) => topology.nodes[v],
  );
  return pathId(
    regions,
    list.map((a) => topology.links[topology.link[a]]),
  );
}

function bestThatRemains(table: FlowTable, repaired: RepairedForest, f: number): string | null {
  const arcs = repaired.tryPath(table.source[f], table.target[f]);
  return arcs === null ? null : idOfArcs(table.topology, arcs);
}

import { figuresOf } from './figures';
import { pathId } from './path-id';
import type { Found } from './problem';
import type { Request } from './request';

/**
 * A loopless path from one region to another, with its figures. Sums are exact in the units of `figuresOf`.
 */
export interface Path {
  /** See `pathId`. */
  readonly id: string;
  /** Region ids from source to destination. */
  readonly regions: readonly string[];
  /** Link ids in order. */
  readonly links: readonly string[];
  /** Arc numbers of the topology in order. */
  readonly arcs: readonly number[];
  /**
   * In the strategy's own metric: ms, USD/GB (unknown prices counted as the dearest), Mbps, the balanced
   * figure, or the sum of administrative metrics.
   */
  readonly metric: number;
  /** One way. */
  readonly latencyMs: number;
  /** null when a price on the way is unknown. */
  readonly costPerGbUsd: number | null;
  /** Links whose price is unknown, in order of the path. */
  readonly unknownCostLinks: readonly string[];
  /** Least available bandwidth on the way. */
  readonly bandwidthMbps: number;
  readonly hops: number;
  /** Shared-risk groups on the way, sorted. */
  readonly srlgs: readonly string[];
}

/** The noun from what a search found; O(hops). */
export function pathOf(request: Request, { arcs, width, key }: Found): Path {
  const { nodes, links, groups, tail, head, link, group, groupFirst, costPerGbUsd } = request.topology;
  const figures = figuresOf(request.topology);
  const regions = [nodes[tail[arcs[0]]]];
  const names: string[] = [];
  const unknownCostLinks: string[] = [];
  const risks: number[] = [];
  let [latency, cost] = [0, 0];
  for (const a of arcs) {
    regions.push(nodes[head[a]]);
    names.push(links[link[a]]);
    latency += figures.latency[a];
    cost += figures.cost[a];
    if (Number.isNaN(costPerGbUsd[a])) unknownCostLinks.push(links[link[a]]);
    for (let i = groupFirst[a]; i < groupFirst[a + 1]; i++)
      if (!risks.includes(group[i])) risks.push(group[i]);
  }
  return {
    id: pathId(regions, names),
    regions,
    links: names,
    arcs,
    metric: request.widest ? width : Math.floor(key / request.hopRadix) / request.scale,
    latencyMs: latency / figures.latencyScale,
    costPerGbUsd: unknownCostLinks.length > 0 ? null : cost / figures.costScale,
    unknownCostLinks,
    bandwidthMbps: width,
    hops: arcs.length,
    srlgs: risks.length === 0 ? none : risks.sort((x, y) => x - y).map((g) => groups[g]),
  };
}

const none: readonly string[] = Object.freeze([]);

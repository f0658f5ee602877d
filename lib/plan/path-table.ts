import type { Topology } from '../graph';
import { pathId, type Path } from '../routing';
import { pathMtu } from '../tunnels';
import { type Tunnel } from './tunnel';
import type { PlannedPath } from './document';

/** The paths that a plan names, each once, by id; grows while the plan is made. */
export class PathTable {
  private readonly byId = new Map<string, PlannedPath>();
  private readonly mtuOf = new Map<string, number>();

  constructor(
    private readonly topology: Topology,
    tunnels: readonly Tunnel[],
  ) {
    for (const { link, mtu } of tunnels) {
      this.mtuOf.set(link, Math.min(mtu, this.mtuOf.get(link) ?? Infinity));
    }
  }

  /** Takes in a path; its id. */
  keep(path: Omit<Path, 'metric' | 'hops' | 'arcs'>): string {
    const { id, regions, links, latencyMs, costPerGbUsd, unknownCostLinks, bandwidthMbps, srlgs } = path;
    if (this.byId.has(id)) return id;
    const mtu = pathMtu(links.map((link) => this.mtuOf.get(link)!));
    const [from, to] = [regions[0], regions[regions.length - 1]];
    const figures = { latencyMs, costPerGbUsd, unknownCostLinks, bandwidthMbps, mtu, srlgs };
    this.byId.set(id, { id, from, to, regions, links, ...figures });
    return id;
  }

  /** Takes in the path over these arcs of the topology; its id. */
  keepArcs(arcs: readonly number[]): string {
    const t = this.topology;
    const links = arcs.map((a) => t.links[t.link[a]]);
    const regions = [t.nodes[t.tail[arcs[0]]], ...arcs.map((a) => t.nodes[t.head[a]])];
    const unknownCostLinks = links.filter((_, i) => Number.isNaN(t.costPerGbUsd[arcs[i]]));
    // To the units in which routing adds up, so that the same path has the same figures.
    const sum = (figures: Readonly<Float64Array>, unit: number) =>
      Math.round(arcs.reduce((total, a) => total + figures[a], 0) * unit) / unit;
    const srlgs = new Set(
      arcs.flatMap((a) => [...t.group.slice(t.groupFirst[a], t.groupFirst[a + 1])].map((g) => t.groups[g])),
    );
    return this.keep({
      id: pathId(regions, links),
      regions,
      links,
      latencyMs: sum(t.latencyMs, 1e6),
      costPerGbUsd: unknownCostLinks.length > 0 ? null : sum(t.costPerGbUsd, 1e9),
      unknownCostLinks,
      bandwidthMbps: Math.min(...arcs.map((a) => t.availableMbps[a])),
      srlgs: [...srlgs].sort(),
    });
  }

  /** @throws RangeError for an id that was never kept. */
  get(id: string): PlannedPath {
    const path = this.byId.get(id);
    if (!path) throw new RangeError(`no path '${id}' in the plan`);
    return path;
  }

  /** All of them, by id. */
  sorted(): PlannedPath[] {
    return [...this.byId.values()].sort((x, y) => (x.id < y.id ? -1 : 1));
  }
}

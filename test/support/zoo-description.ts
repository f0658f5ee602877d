import type { NetworkDescription } from '../../lib/model';
import type { Topology } from '../../lib/graph';
import type { ZooNetwork } from './zoo-network';

/** One demand between two nodes of a topology, by number. */
export interface NodeDemand {
  readonly source: number;
  readonly target: number;
  readonly mbps: number;
}

/**
 * A network of the Zoo as people would describe it: every node a site outside AWS with an address of its own,
 * every edge a link with its figures, every demand in class bulk. A policy denies the classes without
 * traffic, so that the plan has one route for each pair.
 */
export function zooDescription({ topology }: Pick<ZooNetwork, 'topology'>, demands: readonly NodeDemand[]) {
  const { nodes, links, link, tail, head, availableMbps, latencyMs, costPerGbUsd, arcCount } = topology;
  const ends = new Map<number, number>();
  for (let a = 0; a < arcCount; a++) if (!ends.has(link[a])) ends.set(link[a], a);
  const description: NetworkDescription = {
    network: 'zoo',
    regions: Object.fromEntries(
      nodes.map((id, i) => [id, { external: { endpoint: `198.51.100.${i + 1}` } }]),
    ),
    links: links.map((id, l) => {
      const a = ends.get(l)!;
      return {
        id,
        between: [nodes[tail[a]], nodes[head[a]]],
        bandwidth: `${availableMbps[a]} Mbps`,
        latency: `${latencyMs[a]} ms`,
        cost: `${costPerGbUsd[a]} USD/GB`,
      };
    }),
    policies: {
      'no-traffic': { classes: ['critical', 'realtime', 'interactive', 'best-effort'], action: 'deny' },
    },
    demands: demands.map((d) => ({
      from: nodes[d.source],
      to: nodes[d.target],
      bandwidth: `${d.mbps} Mbps`,
      class: 'bulk',
    })),
  };
  return description;
}

/** The connected parts of a topology with at least two nodes, each by the numbers of its nodes. */
export function partsOf({ nodes, first, head }: Topology): number[][] {
  const met = new Set<number>();
  const parts: number[][] = [];
  for (let start = 0; start < nodes.length; start++) {
    if (met.has(start)) continue;
    const part = new Set([start]);
    for (const v of part) for (let a = first[v]; a < first[v + 1]; a++) part.add(head[a]);
    part.forEach((v) => met.add(v));
    if (part.size > 1) parts.push([...part].sort((x, y) => x - y));
  }
  return parts;
}

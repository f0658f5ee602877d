import type { NetworkDescription } from '../../lib/model';
import type { ZooNetwork } from './zoo-network';

/** A connected part of a network of the Zoo as people would describe it, its demands times `scale`. */
export type DescribedPart = (scale: number) => NetworkDescription;

/**
 * The connected parts of a network, each a network of its own, as the planner wants it: every node a site
 * outside AWS with an address of its own, every edge a link with its figures, every demand in class bulk,
 * which a policy gives one backup. A second policy denies the classes that have no traffic.
 */
export function zooParts({ topology, demands }: ZooNetwork): DescribedPart[] {
  const { nodes, links, link, tail, head, availableMbps, latencyMs, costPerGbUsd, arcCount } = topology;
  const part = partOf(topology);
  return [...new Set(part)].flatMap((which): DescribedPart[] => {
    const ids = nodes.filter((_, v) => part[v] === which);
    if (ids.length < 2) return [];
    const named = new Set<string>();
    const done = new Set<number>();
    const edges: NonNullable<NetworkDescription['links']>[number][] = [];
    for (let a = 0; a < arcCount; a++) {
      if (part[tail[a]] !== which || done.has(link[a])) continue;
      done.add(link[a]);
      const between = [nodes[tail[a]], nodes[head[a]]] as const;
      const pair = [...between].sort().join(' ');
      edges.push({
        // A parallel link needs a name of its own.
        ...(named.has(pair) ? { id: links[link[a]] } : {}),
        between,
        bandwidth: `${availableMbps[a]} Mbps`,
        latency: `${latencyMs[a]} ms`,
        cost: `${costPerGbUsd[a]} USD/GB`,
      });
      named.add(pair);
    }
    const own = demands.filter((d) => part[topology.nodeIndex.get(d.from)!] === which);
    return [
      (scale) => ({
        network: 'zoo',
        regions: Object.fromEntries(
          ids.map((id, i) => [id, { external: { endpoint: `198.51.100.${i + 1}` } }]),
        ),
        links: edges,
        policies: {
          bulk: { classes: ['bulk'], backups: 1, ecmpPaths: 1 },
          'no-traffic': { classes: ['critical', 'realtime', 'interactive', 'best-effort'], action: 'deny' },
        },
        demands: own.map(({ from, to, mbps }) => ({
          from,
          to,
          bandwidth: `${mbps * scale} Mbps`,
          class: 'bulk',
        })),
      }),
    ];
  });
}

/** The first node of its connected part, by node. */
function partOf({ nodes, first, head }: ZooNetwork['topology']): number[] {
  const part = nodes.map(() => -1);
  nodes.forEach((_, start) => {
    if (part[start] !== -1) return;
    const met = new Set([start]);
    for (const v of met) for (let a = first[v]; a < first[v + 1]; a++) met.add(head[a]);
    for (const v of met) part[v] = start;
  });
  return part;
}

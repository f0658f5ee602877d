import { byText } from '../diagnostics';
import type { Topology } from '../graph';

/** What can fail. `links`: two links at once; `events`: a state of an availability sum. */
export type ScenarioKind = 'none' | 'link' | 'region' | 'gateway' | 'srlg' | 'links' | 'events';

/** One thing that happens. */
export interface Scenario {
  /** The one it is a scenario of; null: of any (nothing fails). */
  readonly topology: Topology | null;
  readonly kind: ScenarioKind;
  /** Link, region, gateway or group id; of pairs both, joined by ` + `. */
  readonly id: string;
  /** Dead arcs, rising. */
  readonly arcs: readonly number[];
  /** Node whose own traffic ends with it; -1: none. */
  readonly region: number;
  /** Arcs that live with less capacity: the ratio that is lost, above 0 and below 1. By arc. */
  readonly degraded: readonly { readonly arc: number; readonly lostRatio: number }[];
  /** What the workloads behind a gateway see of it; null: of no gateway, or not known. */
  readonly outage: Outage | null;
}

/**
 * What the workloads behind a gateway see when it dies: their way out is its interface, until their routes
 * lead to another gateway, or until it is back.
 */
export interface Outage {
  /** Node that the workloads belong to. */
  readonly region: number;
  /** Share of the region's traffic that is theirs, 0 to 1. */
  readonly share: number;
  /** How long they wait, at most. */
  readonly seconds: number;
  /** When the gateway itself is back, at most; where nobody moves the routes the workloads wait as long. */
  readonly backSeconds: number;
}

/** Nothing fails. */
export const noFailure: Scenario = {
  topology: null,
  kind: 'none',
  id: '',
  arcs: [],
  region: -1,
  degraded: [],
  outage: null,
};

/** Each link, both directions, by id. */
export function linkFailures(topology: Topology): Scenario[] {
  return topology.links.map((id, l) => failureOf(topology, 'link', id, linkArcs(topology, l)));
}

/** Two links at once; numbers of links. */
export function linkPairFailure(topology: Topology, first: number, second: number): Scenario {
  const id = `${topology.links[first]} + ${topology.links[second]}`;
  return failureOf(topology, 'links', id, [...linkArcs(topology, first), ...linkArcs(topology, second)]);
}

/** Each region that is not drained, by id: all its arcs, and its own traffic ends. */
export function regionFailures(topology: Topology): Scenario[] {
  const { nodes, first, inFirst, inArc, drained } = topology;
  return nodes.flatMap((id, v) => {
    if (drained.regions.includes(id)) return [];
    const out = Array.from({ length: first[v + 1] - first[v] }, (_, i) => first[v] + i);
    return [
      {
        ...failureOf(topology, 'region', id, [...out, ...inArc.slice(inFirst[v], inFirst[v + 1])]),
        region: v,
      },
    ];
  });
}

/** Each shared-risk group (RFC 4202), by name. */
export function groupFailures(topology: Topology): Scenario[] {
  const { groups, groupArc, groupArcFirst } = topology;
  return groups.map((id, g) =>
    failureOf(topology, 'srlg', id, [...groupArc.slice(groupArcFirst[g], groupArcFirst[g + 1])]),
  );
}

/** A tunnel of a link between two gateways, as `tunnelEnds` of addressing gives them. */
export interface GatewayTunnel {
  readonly link: string;
  /** Gateway ids. */
  readonly ends: readonly [string, string];
}

/** The workloads behind a gateway: see `Outage`. */
export type GatewayOutage = Omit<Outage, 'region'> & { readonly region: string };

/**
 * Each gateway, by id: a link loses the share of its tunnels that end there, in both directions; a link that
 * loses all of them fails. The traffic of its region does not end by definition: a region with one gateway
 * does not survive it. Links that are not in the topology (drained) are passed over.
 *
 * @param outages what the workloads behind a gateway see, by gateway id; absent: it is not known.
 */
export function gatewayFailures(
  topology: Topology,
  tunnels: readonly GatewayTunnel[],
  outages: ReadonlyMap<string, GatewayOutage> = new Map(),
): Scenario[] {
  const ofLink = new Map<string, number>();
  const ofGateway = new Map<string, Map<string, number>>();
  for (const { link, ends } of tunnels) {
    if (!topology.linkIndex.has(link)) continue;
    ofLink.set(link, (ofLink.get(link) ?? 0) + 1);
    for (const gateway of new Set(ends)) {
      const lost = ofGateway.get(gateway) ?? new Map<string, number>();
      lost.set(link, (lost.get(link) ?? 0) + 1);
      ofGateway.set(gateway, lost);
    }
  }
  return [...ofGateway]
    .sort(([a], [b]) => byText(a, b))
    .map(([id, lost]) => {
      const dead: number[] = [];
      const degraded: { arc: number; lostRatio: number }[] = [];
      for (const [link, n] of lost) {
        const lostRatio = n / ofLink.get(link)!;
        for (const arc of linkArcs(topology, topology.linkIndex.get(link)!)) {
          if (lostRatio >= 1) dead.push(arc);
          else degraded.push({ arc, lostRatio });
        }
      }
      const outage = outages.get(id);
      return {
        ...failureOf(topology, 'gateway', id, dead),
        degraded: degraded.sort((a, b) => a.arc - b.arc),
        outage: outage ? { ...outage, region: topology.nodeIndex.get(outage.region)! } : null,
      };
    });
}

/** The one or two arcs of a link, rising. */
export function linkArcs({ linkArc }: Topology, l: number): number[] {
  return linkArc[2 * l + 1] === -1 ? [linkArc[2 * l]] : [linkArc[2 * l], linkArc[2 * l + 1]];
}

/** A scenario of dead arcs alone, given in any order. */
export function failureOf(
  topology: Topology,
  kind: ScenarioKind,
  id: string,
  arcs: readonly number[],
): Scenario {
  const rising = [...new Set(arcs)].sort((a, b) => a - b);
  return { topology, kind, id, arcs: rising, region: -1, degraded: [], outage: null };
}

import { MultiDirectedGraph } from 'graphology';
import type { PlanDocument, PlannedRegion } from '../plan';

/** A value of an attribute; null: it is not known. Lists are lists of texts without spaces. */
export type AttributeValue = string | number | boolean | null | readonly string[];

/** The attributes of a region; the node's key is its id. */
export interface RegionAttributes {
  /** The city where it is known, else the id: what other tools print beside the node. */
  readonly label: string;
  readonly provider: PlannedRegion['provider'];
  /** Code of the cloud's region; null outside a cloud. */
  readonly place: string | null;
  readonly country: string | null;
  /** WGS 84 degrees. */
  readonly lat: number | null;
  readonly lon: number | null;
  /** Public address of an external site's gateway. */
  readonly endpoint: string | null;
  readonly endpointPrivate: boolean;
  readonly gateways: number;
  readonly ipv4Block: string;
  readonly transit: boolean;
  readonly state: 'active' | 'drained';
  /** Known costs a month before traffic, USD. */
  readonly usdPerMonth: number;
  readonly [name: string]: AttributeValue;
}

/** The attributes of one direction of a link; the edge's key is `<link id> <from> <to>`. */
export interface DirectionAttributes {
  readonly link: string;
  /** Round trip over the link, ms: this direction and the other; null for a one-way link. */
  readonly rttMs: number | null;
  /** One way, ms. */
  readonly latencyMs: number;
  readonly costPerGbUsd: number | null;
  readonly bandwidthMbps: number;
  /** Bandwidth that background traffic leaves. */
  readonly availableMbps: number;
  /** Traffic of demands. */
  readonly demandMbps: number;
  /** The most that reservations hold at any instant. */
  readonly reservedMbps: number;
  /** Demands and reservations over `availableMbps`. */
  readonly loadRatio: number;
  /** Background traffic over `bandwidthMbps`. */
  readonly utilisationRatio: number;
  readonly lossRatio: number | null;
  readonly availabilityRatio: number | null;
  readonly metric: number;
  readonly mtu: number;
  readonly tunnelType: string;
  /** Shared-risk groups, sorted. */
  readonly srlgs: readonly string[];
  /** `standby`: used by pairs that have no other path. */
  readonly state: 'active' | 'standby' | 'drained';
  readonly [name: string]: AttributeValue;
}

/** The attributes of the graph. */
export interface PlanAttributes {
  readonly network: string;
  /** Digest and generation of the plan. */
  readonly digest: string;
  readonly generation: number;
  readonly [name: string]: AttributeValue;
}

export type TopologyGraph = MultiDirectedGraph<RegionAttributes, DirectionAttributes, PlanAttributes>;

/**
 * The network of a plan as a graphology graph, for checks of your own with its ecosystem: regions are nodes,
 * and each direction of a link is an edge. Every call makes a new graph, which you may change. O(n + m).
 *
 * @example
 * const graph = topologyGraph(plan);
 * graph.forEachEdge((_key, { link, loadRatio }) => {
 *   if (loadRatio > 0.8) throw new Error(`${link} is loaded to ${loadRatio}`);
 * });
 */
export function topologyGraph(plan: PlanDocument): TopologyGraph {
  const graph: TopologyGraph = new MultiDirectedGraph();
  graph.replaceAttributes({ network: plan.network, digest: plan.digest, generation: plan.generation });
  const spent = new Map<string, number>();
  for (const { region, usdPerMonth } of plan.cost.items) {
    spent.set(region, (spent.get(region) ?? 0) + (usdPerMonth ?? 0));
  }
  const gateways = new Map<string, number>();
  for (const { region } of plan.gateways) gateways.set(region, (gateways.get(region) ?? 0) + 1);
  for (const region of plan.regions) {
    const { id, provider, place, country, lat, lon, endpoint, endpointPrivate, ipv4Block, transit } = region;
    graph.addNode(id, {
      label: region.city ?? id,
      ...{ provider, place, country, lat, lon, endpoint, endpointPrivate },
      gateways: gateways.get(id) ?? 0,
      ...{ ipv4Block, transit },
      state: region.drained ? 'drained' : 'active',
      usdPerMonth: Math.round((spent.get(id) ?? 0) * 100) / 100,
    });
  }
  addDirections(graph, plan);
  return graph;
}

function addDirections(graph: TopologyGraph, plan: PlanDocument): void {
  const loads = new Map(plan.traffic.loads.map((load) => [`${load.link} ${load.from}`, load]));
  for (const link of plan.links) {
    const { id, directions, mtu, tunnelType, srlgs } = link;
    const rttMs = directions.length === 2 ? directions[0].latencyMs + directions[1].latencyMs : null;
    for (const direction of directions) {
      const { from, to, availableMbps } = direction;
      const { demandMbps = 0, reservedMbps = 0 } = loads.get(`${id} ${from}`) ?? {};
      graph.addDirectedEdgeWithKey(`${id} ${from} ${to}`, from, to, {
        link: id,
        rttMs,
        latencyMs: direction.latencyMs,
        costPerGbUsd: direction.costPerGbUsd,
        bandwidthMbps: direction.bandwidthMbps,
        ...{ availableMbps, demandMbps, reservedMbps },
        loadRatio: availableMbps > 0 ? (demandMbps + reservedMbps) / availableMbps : 0,
        utilisationRatio: direction.utilisationRatio,
        lossRatio: direction.lossRatio,
        availabilityRatio: direction.availabilityRatio,
        metric: direction.metric,
        ...{ mtu, tunnelType, srlgs },
        state: link.drained ? 'drained' : link.standby ? 'standby' : 'active',
      });
    }
  }
}

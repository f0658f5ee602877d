import type { Topology } from '../../lib/graph';
import { freezeTopology } from '../../lib/graph';
import { seeded } from './random-seeded';

export interface ZooNetwork {
  readonly name: string;
  readonly topology: Topology;
  /** Gravity demands between all ordered pairs that a path joins, not scaled. */
  readonly demands: readonly { readonly from: string; readonly to: string; readonly mbps: number }[];
}

/**
 * A network of the Zoo as a topology with demands. Every edge is a link both ways (parallel edges stay, loops
 * go). Capacity: LinkSpeedRaw where given, else 10 Gbps. Latency: great circle at 200 km/ms x 1.3 where both
 * ends have coordinates, else 5 ms. Demand s to t: w(s) w(t) in Mbps with w = degree x (0.5 to 1.5, seeded).
 */
export function zooNetwork(name: string, graphml: string, seed: number): ZooNetwork {
  const key = (of: string, attr: string) =>
    new RegExp(`<key attr.name="${attr}" [^>]*for="${of}" id="(\\w+)"`).exec(graphml)?.[1] ?? '-';
  const [lat, lon] = [key('node', 'Latitude'), key('node', 'Longitude')];
  const speed = key('edge', 'LinkSpeedRaw');
  const datum = (text: string, id: string) => {
    const found = new RegExp(`<data key="${id}">([^<]*)<`).exec(text)?.[1];
    return found === undefined || !Number.isFinite(Number(found)) ? null : Number(found);
  };
  const places = new Map<string, readonly [lat: number | null, lon: number | null]>();
  for (const [, id, body] of graphml.matchAll(/<node id="([^"]+)"\s*(?:\/>|>([\s\S]*?)<\/node>)/g)) {
    places.set(nodeId(id), [datum(body ?? '', lat), datum(body ?? '', lon)]);
  }
  const arcs = [];
  const degree = new Map<string, number>();
  let count = 0;
  for (const [, head, body] of graphml.matchAll(/<edge ([^>]*?)(?:\/>|>([\s\S]*?)<\/edge>)/g)) {
    const a = nodeId(/source="([^"]+)"/.exec(head)![1]);
    const b = nodeId(/target="([^"]+)"/.exec(head)![1]);
    if (a === b) continue;
    const link = `e${String(count++).padStart(4, '0')}`;
    const bps = datum(body ?? '', speed) ?? 0;
    const figures = {
      link,
      latencyMs: latencyOf(places.get(a)!, places.get(b)!),
      costPerGbUsd: 0.02,
      availableMbps: bps > 0 ? bps / 1e6 : 10_000,
    };
    arcs.push({ ...figures, from: a, to: b }, { ...figures, from: b, to: a });
    for (const v of [a, b]) degree.set(v, (degree.get(v) ?? 0) + 1);
  }
  const topology = freezeTopology({ nodes: [...places.keys()], arcs });
  const random = seeded(seed);
  const weights = topology.nodes.map((id) => (degree.get(id) ?? 0) * (0.5 + random.next()));
  const part = parts(topology);
  const demands = topology.nodes.flatMap((from, s) =>
    topology.nodes.flatMap((to, t) =>
      s === t || part[s] !== part[t] ? [] : [{ from, to, mbps: weights[s] * weights[t] }],
    ),
  );
  return { name, topology, demands };
}

function nodeId(id: string): string {
  return `n${id.padStart(4, '0')}`;
}

function latencyOf(
  [lat1, lon1]: readonly [number | null, number | null],
  [lat2, lon2]: readonly [number | null, number | null],
): number {
  if (lat1 === null || lon1 === null || lat2 === null || lon2 === null) return 5;
  const rad = Math.PI / 180;
  const h =
    Math.sin(((lat2 - lat1) * rad) / 2) ** 2 +
    Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  const km = 2 * 6371 * Math.asin(Math.sqrt(Math.min(1, h)));
  return Math.max(0.05, Math.round((km / 200) * 1.3 * 1000) / 1000);
}

/** The number of its connected part by node. */
function parts({ nodes, first, head }: Topology): Int32Array {
  const part = new Int32Array(nodes.length).fill(-1);
  for (let start = 0; start < nodes.length; start++) {
    if (part[start] !== -1) continue;
    const front = [start];
    part[start] = start;
    for (const v of front) {
      for (let a = first[v]; a < first[v + 1]; a++) {
        if (part[head[a]] === -1) front.push(head[a]);
        part[head[a]] = start;
      }
    }
  }
  return part;
}

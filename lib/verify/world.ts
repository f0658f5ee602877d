import type { Demand } from '../model';
import type { PlanDocument, PlannedPath } from '../plan';

/** One direction of a link that carries traffic: neither the link nor one of its regions is drained. */
export interface Lane {
  /** Place in `World.lanes`. */
  readonly number: number;
  readonly link: string;
  /** Place of the link among all links by id. */
  readonly rank: number;
  /** Places of the regions in `World.nodes`. */
  readonly tail: number;
  readonly head: number;
  readonly mbps: number;
  readonly latencyMs: number;
  readonly usd: number | null;
  readonly busyRatio: number;
  /** Administrative. */
  readonly metric: number;
  readonly srlgs: readonly string[];
  /** Most lanes of a path over it that has room for an IPv6 packet of 1280 bytes behind its segments. */
  readonly mostHops: number;
  /** Last resort. */
  readonly standby: boolean;
}

/** The network that a plan describes, laid out for checking. Only the plan's description part is read. */
export interface World {
  readonly plan: PlanDocument;
  /** Region ids in code unit order. */
  readonly nodes: readonly string[];
  readonly nodeOf: ReadonlyMap<string, number>;
  /** By from, to and link. */
  readonly lanes: readonly Lane[];
  readonly out: readonly (readonly Lane[])[];
  readonly into: readonly (readonly Lane[])[];
  /** By `rank` of the link. */
  readonly ofLink: readonly (readonly Lane[])[];
  readonly ofSrlg: ReadonlyMap<string, readonly Lane[]>;
  /** `mbps` of every lane. */
  readonly mbps: readonly number[];
  readonly demands: ReadonlyMap<string, Demand>;
  readonly drained: ReadonlySet<string>;
  /** By node: no path passes through. */
  readonly noTransit: readonly boolean[];
  /** By `laneKey`. */
  readonly laneOf: ReadonlyMap<string, Lane>;
  readonly paths: ReadonlyMap<string, PlannedPath>;
  /** The lanes of every path that exists on the ground, by path id. */
  readonly lanesOf: ReadonlyMap<string, readonly Lane[]>;
}

/** Names one direction of a link. */
export function laneKey(link: string, from: string): string {
  return `${link} ${from}`;
}

/** Segments take 40 + 8 bytes, and 16 for each hop but the first; a single hop has none (RFC 8754). */
function mostHops(mtu: number): number {
  return Math.max(1, 1 + Math.floor((mtu - 1280 - 48) / 16));
}

/** Lays a plan out. O(size of its description and paths). */
export function worldOf(plan: PlanDocument): World {
  const nodes = plan.regions.map((r) => r.id).sort();
  const nodeOf = new Map(nodes.map((id, i) => [id, i]));
  const drained = new Set(plan.regions.filter((r) => r.drained).map((r) => r.id));
  const ends = new Set(plan.regions.filter((r) => !r.transit).map((r) => r.id));
  const rankOf = new Map([...plan.links.map((l) => l.id)].sort().map((id, i) => [id, i]));
  const mtuOf = new Map<string, number>();
  for (const { link, mtu } of plan.tunnels) mtuOf.set(link, Math.min(mtu, mtuOf.get(link) ?? Infinity));
  const lanes = plan.links
    .filter((l) => !l.drained)
    .flatMap((l) => l.directions.map((d) => ({ l, d })))
    .filter(({ d }) => !drained.has(d.from) && !drained.has(d.to))
    .map(({ l, d }) => ({
      link: l.id,
      rank: rankOf.get(l.id)!,
      tail: nodeOf.get(d.from)!,
      head: nodeOf.get(d.to)!,
      mbps: d.availableMbps,
      latencyMs: d.latencyMs,
      usd: d.costPerGbUsd,
      busyRatio: d.utilisationRatio,
      metric: d.metric,
      srlgs: l.srlgs,
      mostHops: mostHops(mtuOf.get(l.id) ?? Infinity),
      standby: l.standby,
    }))
    .sort((x, y) => x.tail - y.tail || x.head - y.head || x.rank - y.rank)
    // The number first: V8 keeps objects that grow behind a spread in a shape that is slow to read.
    .map((lane, number): Lane => ({ number, ...lane }));
  const laneOf = new Map(lanes.map((l) => [laneKey(l.link, nodes[l.tail]), l]));
  const lanesOf = new Map<string, readonly Lane[]>();
  for (const { id, regions, links } of plan.paths) {
    const found = links.map((link, i) => laneOf.get(laneKey(link, regions[i])));
    if (found.every((l) => l !== undefined)) lanesOf.set(id, found);
  }
  const [out, into] = [nodes.map((): Lane[] => []), nodes.map((): Lane[] => [])];
  const ofLink = plan.links.map((): Lane[] => []);
  const ofSrlg = new Map<string, Lane[]>();
  for (const lane of lanes) {
    out[lane.tail].push(lane);
    into[lane.head].push(lane);
    ofLink[lane.rank].push(lane);
    for (const group of new Set(lane.srlgs)) ofSrlg.set(group, [...(ofSrlg.get(group) ?? []), lane]);
  }
  return {
    plan,
    nodes,
    nodeOf,
    lanes,
    out,
    into,
    ofLink,
    ofSrlg,
    mbps: lanes.map((l) => l.mbps),
    demands: new Map(plan.demands.map((d) => [d.id, d])),
    drained,
    noTransit: nodes.map((id) => ends.has(id)),
    laneOf,
    paths: new Map(plan.paths.map((p) => [p.id, p])),
    lanesOf,
  };
}

import { byText } from '../diagnostics';
import type { Network, Region } from '../model';

/**
 * Read-only views of typed arrays: JavaScript cannot freeze them, so the type says it and the tests check it.
 */
export type Floats = Readonly<Float64Array>;
export type Ints = Readonly<Int32Array>;

/**
 * The network as flat arrays, for algorithms. Nodes, links and groups are numbered in code unit order of
 * their ids, arcs (one direction of a link each) by tail, head and link: equal networks have equal numbers
 * whatever the order of declaration. Nobody writes to a topology after it is made; a changed network is
 * another topology.
 */
export interface Topology {
  /** Region ids, sorted; drained regions are in it, without arcs. */
  readonly nodes: readonly string[];
  readonly nodeIndex: ReadonlyMap<string, number>;
  /** ISO 3166-1 alpha-2 by node; null when not known. */
  readonly countries: readonly (string | null)[];
  /** By node, 1: no path passes through; it may begin or end there. */
  readonly noTransit: Readonly<Uint8Array>;
  /** Ids of the links that carry something, sorted. */
  readonly links: readonly string[];
  readonly linkIndex: ReadonlyMap<string, number>;
  /** Those of them that are the last resort; ids, sorted. */
  readonly standby: readonly string[];
  readonly arcCount: number;
  /** Node, node and link number by arc. */
  readonly tail: Ints;
  readonly head: Ints;
  readonly link: Ints;
  /** The arcs that leave node v are first[v] to first[v + 1] - 1. */
  readonly first: Ints;
  /** The arcs that enter node v are inArc[inFirst[v]] and so on; inTail holds their tails. */
  readonly inFirst: Ints;
  readonly inArc: Ints;
  readonly inTail: Ints;
  /** The one or two arcs of link l are linkArc[2 l] and linkArc[2 l + 1]; -1: one-way. */
  readonly linkArc: Ints;
  /** One way, by arc. */
  readonly latencyMs: Floats;
  /** By arc; NaN: not known. */
  readonly costPerGbUsd: Floats;
  readonly availableMbps: Floats;
  /** 0 to 1. */
  readonly utilisationRatio: Floats;
  /** Administrative; whole numbers from 1. */
  readonly metric: Floats;
  /**
   * By arc: the most links of a path over it that still has room for an IPv6 packet of the least size, 1280
   * bytes (RFC 8200 section 5); Infinity: any number.
   */
  readonly mostHops: Floats;
  /** Shared-risk group names (RFC 4202), sorted. */
  readonly groups: readonly string[];
  /** The groups of arc a are group[groupFirst[a]] to group[groupFirst[a + 1] - 1]. */
  readonly groupFirst: Ints;
  readonly group: Ints;
  /** The arcs of group g are groupArc[groupArcFirst[g]] and so on. */
  readonly groupArcFirst: Ints;
  readonly groupArc: Ints;
  /** What is out of service on purpose; it has no arcs above. */
  readonly drained: Drained;
}

/**
 * Regions out of service, and the directions of links that are missing because they or one of their ends are.
 */
export interface Drained {
  /** Sorted. */
  readonly regions: readonly string[];
  /** Ids of links that are drained themselves, sorted. */
  readonly links: readonly string[];
  /** By from, to, link; node numbers. */
  readonly arcs: readonly { readonly tail: number; readonly head: number; readonly link: string }[];
}

/** A node by its id, with its country where it is known. */
export type NodeInput =
  | string
  | {
      readonly id: string;
      readonly country?: string | null;
      /** Default false. */
      readonly drained?: boolean;
      /** May paths pass through? Default true. */
      readonly transit?: boolean;
    };

/** One direction of a link. */
export interface ArcInput {
  readonly from: string;
  readonly to: string;
  readonly link: string;
  readonly latencyMs: number;
  /** null: not known. */
  readonly costPerGbUsd: number | null;
  readonly availableMbps: number;
  /** Default 0. */
  readonly utilisationRatio?: number;
  /** Administrative. Default 10. */
  readonly metric?: number;
  /** See `Topology.mostHops`. Default Infinity. */
  readonly mostHops?: number;
  readonly srlgs?: readonly string[];
  /** Default false. */
  readonly drained?: boolean;
  /** Default false. */
  readonly standby?: boolean;
}

/** What a topology is made from: a network has it, and so has a plan. */
export interface TopologySource extends Pick<Network, 'links'> {
  readonly regions: readonly Pick<Region, 'id' | 'country' | 'drained' | 'transit'>[];
}

/**
 * The topology of a network, or of a plan. O(m log m).
 *
 * @param mostHops by a link's MTU in bytes, the most links of a path over it (`Topology.mostHops`); the rooms
 * that know what segments take give it. Default: any number.
 */
export function buildTopology(
  network: TopologySource,
  mostHops: (mtu: number) => number = () => Infinity,
): Topology {
  return freezeTopology({
    nodes: network.regions.map(({ id, country, drained, transit }) => ({ id, country, drained, transit })),
    arcs: network.links.flatMap(({ id, srlgs, drained, standby, directions, mtu }) =>
      directions.map((d) => ({
        from: d.from,
        to: d.to,
        link: id,
        latencyMs: d.latencyMs,
        costPerGbUsd: d.costPerGbUsd,
        availableMbps: d.availableMbps,
        utilisationRatio: d.utilisationRatio,
        metric: d.metric,
        mostHops: mostHops(mtu),
        srlgs,
        drained,
        standby,
      })),
    ),
  });
}

/**
 * A topology from nodes and arcs, without a network. Throws RangeError on what no checked network holds:
 * unknown or repeated nodes, an arc from a node to itself, a link between more than two nodes or twice in one
 * direction, figures that are negative or not numbers.
 */
export function freezeTopology(input: { nodes: readonly NodeInput[]; arcs: readonly ArcInput[] }): Topology {
  const regions = input.nodes
    .map((n): Exclude<NodeInput, string> => (typeof n === 'string' ? { id: n } : n))
    .sort((a, b) => byText(a.id, b.id));
  const nodes = regions.map((r) => r.id);
  const nodeIndex = new Map(nodes.map((id, i) => [id, i]));
  if (nodeIndex.size !== nodes.length) throw new RangeError('a topology names each region once');
  const out = regions.map((r) => r.drained === true);

  const all = input.arcs.map((arc) => checkedArc(arc, nodeIndex));
  checkLinks(all);
  const live = all.filter((a) => !a.input.drained && !out[a.tail] && !out[a.head]);
  const links = [...new Set(live.map((a) => a.input.link))].sort();
  const resting = new Set(live.filter((a) => a.input.standby === true).map((a) => a.input.link));
  const linkIndex = new Map(links.map((id, i) => [id, i]));
  const linkOf = (a: CheckedArc) => linkIndex.get(a.input.link)!;
  live.sort((a, b) => a.tail - b.tail || a.head - b.head || linkOf(a) - linkOf(b));

  const m = live.length;
  const tail = Int32Array.from(live, (a) => a.tail);
  const head = Int32Array.from(live, (a) => a.head);
  const link = Int32Array.from(live, linkOf);
  const inbound = bucket(nodes.length, m, (a) => [head[a]]);
  const linkArc = new Int32Array(2 * links.length).fill(-1);
  for (let a = 0; a < m; a++) linkArc[2 * link[a] + (linkArc[2 * link[a]] === -1 ? 0 : 1)] = a;

  const groups = [...new Set(live.flatMap((a) => a.input.srlgs ?? []))].sort();
  const groupIndex = new Map(groups.map((name, i) => [name, i]));
  const groupsOf = live.map((a) =>
    [...new Set(a.input.srlgs ?? [])].sort().map((name) => groupIndex.get(name)!),
  );
  const byGroup = bucket(groups.length, m, (a) => groupsOf[a]);

  return Object.freeze({
    nodes: Object.freeze(nodes),
    nodeIndex,
    countries: Object.freeze(regions.map((r) => r.country ?? null)),
    noTransit: Uint8Array.from(regions, (r) => (r.transit === false ? 1 : 0)),
    links: Object.freeze(links),
    linkIndex,
    standby: Object.freeze(links.filter((id) => resting.has(id))),
    arcCount: m,
    tail,
    head,
    link,
    first: bucket(nodes.length, m, (a) => [tail[a]]).first,
    inFirst: inbound.first,
    inArc: inbound.items,
    inTail: inbound.items.map((a) => tail[a]),
    linkArc,
    latencyMs: Float64Array.from(live, (a) => a.input.latencyMs),
    costPerGbUsd: Float64Array.from(live, (a) => a.input.costPerGbUsd ?? NaN),
    availableMbps: Float64Array.from(live, (a) => a.input.availableMbps),
    utilisationRatio: Float64Array.from(live, (a) => a.input.utilisationRatio ?? 0),
    metric: Float64Array.from(live, (a) => a.input.metric ?? 10),
    mostHops: Float64Array.from(live, (a) => a.input.mostHops ?? Infinity),
    groups: Object.freeze(groups),
    groupFirst: starts(groupsOf.map((list) => list.length)),
    group: Int32Array.from(groupsOf.flat()),
    groupArcFirst: byGroup.first,
    groupArc: byGroup.items,
    drained: Object.freeze({
      regions: nodes.filter((_, v) => out[v]),
      links: [...new Set(all.filter((a) => a.input.drained).map((a) => a.input.link))].sort(),
      arcs: all
        .filter((a) => a.input.drained || out[a.tail] || out[a.head])
        .map((a) => ({ tail: a.tail, head: a.head, link: a.input.link }))
        .sort((a, b) => a.tail - b.tail || a.head - b.head || byText(a.link, b.link)),
    }),
  });
}

interface CheckedArc {
  readonly input: ArcInput;
  readonly tail: number;
  readonly head: number;
}

function checkedArc(input: ArcInput, nodeIndex: ReadonlyMap<string, number>): CheckedArc {
  const tail = nodeIndex.get(input.from);
  const head = nodeIndex.get(input.to);
  const name = `link '${input.link}' from '${input.from}' to '${input.to}'`;
  if (tail === undefined || head === undefined) throw new RangeError(`${name}: no such region`);
  if (tail === head) throw new RangeError(`${name}: a link joins two regions`);
  const figures = [
    input.latencyMs,
    input.availableMbps,
    input.costPerGbUsd ?? 0,
    input.utilisationRatio ?? 0,
  ];
  if (!figures.every((f) => f >= 0 && Number.isFinite(f))) {
    throw new RangeError(`${name}: latency, bandwidth, cost and utilisation are finite and not negative`);
  }
  return { input, tail, head };
}

/** A link is one thing: two ends, each direction at most once. */
function checkLinks(arcs: readonly CheckedArc[]): void {
  const seen = new Map<string, CheckedArc[]>();
  for (const arc of arcs) {
    const others = seen.get(arc.input.link) ?? [];
    if (others.some((o) => o.tail !== arc.head || o.head !== arc.tail)) {
      throw new RangeError(`link '${arc.input.link}' has one arc each way between its two regions`);
    }
    seen.set(arc.input.link, [...others, arc]);
  }
}

/** Arcs 0 to m - 1 by the keys they have, in arc order: compressed sparse rows. */
function bucket(
  size: number,
  m: number,
  keys: (arc: number) => readonly number[],
): { first: Int32Array; items: Int32Array } {
  const counts = new Array<number>(size).fill(0);
  for (let a = 0; a < m; a++) for (const k of keys(a)) counts[k]++;
  const first = starts(counts);
  const next = first.slice();
  const items = new Int32Array(first[size]);
  for (let a = 0; a < m; a++) for (const k of keys(a)) items[next[k]++] = a;
  return { first, items };
}

function starts(counts: readonly number[]): Int32Array {
  const first = new Int32Array(counts.length + 1);
  counts.forEach((c, i) => (first[i + 1] = first[i] + c));
  return first;
}

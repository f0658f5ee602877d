import type { Topology } from '../graph';
import type { Found } from './problem';
import type { Request } from './request';

/** What a path has in common with the primary; all empty: fully disjoint. Each sorted. */
export interface Sharing {
  readonly sharedLinks: readonly string[];
  /** Transit regions on both. */
  readonly sharedRegions: readonly string[];
  readonly sharedSrlgs: readonly string[];
}

/** What `path` shares with `primary`, by name. */
export function sharingOf(request: Request, primary: Found, path: Found): Sharing {
  const { nodes, links, groups, head, link } = request.topology;
  const names = (
    a: Found,
    b: Found,
    ids: (arcs: readonly number[]) => Iterable<number>,
    text: readonly string[],
  ) => {
    const others = new Set(ids(b.arcs));
    const shared = [...new Set(ids(a.arcs))].filter((x) => others.has(x));
    return shared.length === 0 ? none : shared.sort((x, y) => x - y).map((x) => text[x]);
  };
  return {
    sharedLinks: names(primary, path, (arcs) => arcs.map((a) => link[a]), links),
    sharedRegions: names(primary, path, (arcs) => arcs.slice(0, -1).map((a) => head[a]), nodes),
    sharedSrlgs: groups.length === 0 ? none : names(primary, path, (arcs) => groupsOf(request, arcs), groups),
  };
}

const none: readonly string[] = Object.freeze([]);

function groupsOf(request: Request, arcs: readonly number[]): Set<number> {
  const { group, groupFirst } = request.topology;
  const found = new Set<number>();
  for (const a of arcs) for (let i = groupFirst[a]; i < groupFirst[a + 1]; i++) found.add(group[i]);
  return found;
}

/** Working memory of `sharingPenalty`: thousands of these arrays are most of the garbage otherwise. */
const penalties = new WeakMap<Topology, Float64Array>();

/**
 * Penalties by arc whose sum along a path orders paths by what they share with earlier ones: links, arcs with
 * a common shared-risk group, transit regions with the first; then the same three, counted for each, with all
 * the others. One number with six digits in mixed radix; null when they pass 2^52 (networks of thousands of
 * regions with long paths). The array is working memory, valid until the next call for this topology.
 */
export function sharingPenalty(
  request: Request,
  target: number,
  earlier: readonly Found[],
): Float64Array | null {
  const { topology } = request;
  const { nodes, head, link, linkArc, groupArc, groupArcFirst, inFirst, inArc } = topology;
  const [primary, ...others] = earlier;
  const longest = nodes.length - 1;
  const hops = others.reduce((sum, p) => sum + p.arcs.length, 0);
  const grouped = topology.groups.length > 0;
  // The most each digit can reach on a loopless path, from the first digit to the last.
  const most = [
    primary.arcs.length,
    grouped ? longest : 0,
    primary.arcs.length - 1,
    hops,
    grouped ? longest * others.length : 0,
    hops - others.length,
  ];
  const digits: number[] = [];
  let unit = 1;
  for (let i = most.length - 1; i >= 0; i--) {
    digits[i] = unit;
    unit *= most[i] + 1;
  }
  if (unit > 2 ** 52) return null;

  let penalty = penalties.get(topology);
  if (penalty === undefined) penalties.set(topology, (penalty = new Float64Array(topology.arcCount)));
  else penalty.fill(0);
  earlier.forEach(({ arcs }, rank) => {
    const [links, risks, regions] = rank === 0 ? digits.slice(0, 3) : digits.slice(3);
    for (const a of arcs) {
      for (let i = 2 * link[a]; i < 2 * link[a] + 2; i++) if (linkArc[i] !== -1) penalty[linkArc[i]] += links;
      const v = head[a];
      if (v === target) continue;
      for (let i = inFirst[v]; i < inFirst[v + 1]; i++) penalty[inArc[i]] += regions;
    }
    if (!grouped) return;
    const risky = new Set<number>();
    for (const g of groupsOf(request, arcs)) {
      for (let i = groupArcFirst[g]; i < groupArcFirst[g + 1]; i++) risky.add(groupArc[i]);
    }
    for (const a of risky) penalty[a] += risks;
  });
  return penalty;
}

export type Disjointness = 'link' | 'node' | 'srlg';

/**
 * Closes, by a penalty of 1, what a path disjoint from this one may not use: its links; for `node` its
 * transit regions; for `srlg` all arcs of its shared-risk groups (a link is a risk of its own).
 */
export function closeRisks(
  request: Request,
  kind: Disjointness,
  target: number,
  arcs: readonly number[],
  closed: Float64Array,
): void {
  const { head, link, linkArc, groupArc, groupArcFirst, inFirst, inArc } = request.topology;
  for (const a of arcs) {
    for (let i = 2 * link[a]; i < 2 * link[a] + 2; i++) if (linkArc[i] !== -1) closed[linkArc[i]] = 1;
    const v = head[a];
    if (kind !== 'node' || v === target) continue;
    for (let i = inFirst[v]; i < inFirst[v + 1]; i++) closed[inArc[i]] = 1;
  }
  if (kind !== 'srlg') return;
  for (const g of groupsOf(request, arcs)) {
    for (let i = groupArcFirst[g]; i < groupArcFirst[g + 1]; i++) closed[groupArc[i]] = 1;
  }
}

/** The shared-risk groups of a path, as numbers. */
export { groupsOf };

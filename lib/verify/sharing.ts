import type { Lane, World } from './world';

/** What two paths of one pair have in common; each list sorted. */
export interface Shared {
  readonly sharedLinks: readonly string[];
  /** Transit regions on both. */
  readonly sharedRegions: readonly string[];
  readonly sharedSrlgs: readonly string[];
}

/** What `b` shares with `a`. */
export function sharing({ nodes }: World, a: readonly Lane[], b: readonly Lane[]): Shared {
  const both = (names: (lanes: readonly Lane[]) => readonly string[]) => {
    const others = new Set(names(b));
    return [...new Set(names(a))].filter((n) => others.has(n)).sort();
  };
  return {
    sharedLinks: both((lanes) => lanes.map((l) => l.link)),
    sharedRegions: both((lanes) => lanes.slice(1).map((l) => nodes[l.tail])),
    sharedSrlgs: both((lanes) => lanes.flatMap((l) => l.srlgs)),
  };
}

/**
 * Penalties by lane whose sum along a path orders paths by what they share with earlier ones: links, lanes
 * with a common risk group, transit regions with the first; then the same three counted for each of the
 * others. Six digits of one number; null when it would pass 2^52.
 */
export function sharedPenalty(world: World, earlier: readonly (readonly Lane[])[]): number[] | null {
  const [first, ...others] = earlier;
  const last = first[first.length - 1].head;
  const grouped = world.lanes.some((l) => l.srlgs.length > 0);
  const longest = grouped ? world.nodes.length - 1 : 0;
  const hops = others.reduce((s, p) => s + p.length, 0);
  const most = [first.length, longest, first.length - 1, hops, longest * others.length, hops - others.length];
  const digit = most.map((_, i) => most.slice(i + 1).reduce((unit, m) => unit * (m + 1), 1));
  if (digit[0] * (most[0] + 1) > 2 ** 52) return null;
  const penalty = world.lanes.map(() => 0);
  earlier.forEach((path, i) => {
    const [links, risks, regions] = i === 0 ? digit.slice(0, 3) : digit.slice(3);
    const risky = new Set(path.flatMap((l) => l.srlgs.flatMap((g) => world.ofSrlg.get(g)!)));
    for (const l of risky) penalty[l.number] += risks;
    for (const { rank, head } of path) {
      for (const l of world.ofLink[rank]) penalty[l.number] += links;
      if (head !== last) for (const l of world.into[head]) penalty[l.number] += regions;
    }
  });
  return penalty;
}

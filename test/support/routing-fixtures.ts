import type { ArcInput } from '../../lib/graph';
import type { TopologyInput } from './random-topology';

type Figures = Partial<
  Pick<ArcInput, 'latencyMs' | 'costPerGbUsd' | 'availableMbps' | 'utilisationRatio' | 'srlgs' | 'drained'>
>;

/** A link both ways between two regions; its id is `link-<a>-<b>` unless given. */
export function both(a: string, b: string, figures: Figures & { link?: string } = {}): ArcInput[] {
  return [
    {
      latencyMs: 10,
      costPerGbUsd: 0.02,
      availableMbps: 1000,
      link: `link-${a}-${b}`,
      ...figures,
      from: a,
      to: b,
    },
    {
      latencyMs: 10,
      costPerGbUsd: 0.02,
      availableMbps: 1000,
      link: `link-${a}-${b}`,
      ...figures,
      from: b,
      to: a,
    },
  ];
}

/** A topology of links, with the regions that they join and any others named. */
export function network(
  links: readonly (readonly ArcInput[])[],
  others: readonly string[] = [],
): TopologyInput {
  const arcs = links.flat();
  const ids = [...new Set([...arcs.flatMap((a) => [a.from, a.to]), ...others])];
  return { nodes: ids.map((id) => ({ id, country: null })), arcs };
}

export const single = network([], ['a']);

/** a - b - c - d */
export const line = network([both('a', 'b'), both('b', 'c'), both('c', 'd')]);

/** a - b - c - d - a */
export const ring = network([both('a', 'b'), both('b', 'c'), both('c', 'd'), both('a', 'd')]);

/** The ring with every link twice. */
export const parallelRing = network(
  [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'd'],
    ['a', 'd'],
  ].flatMap(([x, y]) => [both(x, y), both(x, y, { link: `link-${x}-${y}-2` })]),
);

/** hub to a, b, c, d */
export const star = network(['a', 'b', 'c', 'd'].map((x) => both('hub', x)));

/** Three by three: r00 to r22. */
export const grid = network(
  [0, 1, 2].flatMap((i) =>
    [0, 1, 2].flatMap((j) => [
      ...(j < 2 ? [both(`r${i}${j}`, `r${i}${j + 1}`)] : []),
      ...(i < 2 ? [both(`r${i}${j}`, `r${i + 1}${j}`)] : []),
    ]),
  ),
);

/** a - b and c - d, nothing between. */
export const partitioned = network([both('a', 'b'), both('c', 'd')]);

/**
 * The shortest path s - a - b - t uses one link of each of the only two disjoint paths s - a - d - t and s -
 * c - b - t: who takes it first has no disjoint backup left (Bhandari 1999).
 */
export const trap = network([
  both('s', 'a', { latencyMs: 1 }),
  both('a', 'b', { latencyMs: 1 }),
  both('b', 't', { latencyMs: 1 }),
  both('s', 'c', { latencyMs: 5 }),
  both('c', 'b', { latencyMs: 5 }),
  both('a', 'd', { latencyMs: 5 }),
  both('d', 't', { latencyMs: 5 }),
]);

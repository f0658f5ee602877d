import type { ArcInput } from '../../lib/graph';
import type { Constraints } from '../../lib/model';
import type { Seeded } from './random-seeded';

/** What `freezeTopology` takes; the twins in test/reference read it as it is. */
export interface TopologyInput {
  readonly nodes: readonly {
    readonly id: string;
    readonly country: string | null;
    readonly transit?: boolean;
  }[];
  readonly arcs: readonly ArcInput[];
}

/**
 * A small network with everything that makes routing hard: parallel links, one-way links, figures of zero,
 * equal figures, unknown prices, shared-risk groups, different figures each way. Link ids are in no order.
 */
export function randomTopology(random: Seeded, mostNodes = 7, mostLinks = 13): TopologyInput {
  const n = random.whole(2, mostNodes);
  const nodes = Array.from({ length: n }, (_, i) => ({
    id: `${'gcafbhed'[i] ?? 'z'}${i}`,
    country: random.chance(0.15) ? null : random.pick(['DE', 'FR', 'US']),
    ...(random.chance(0.08) ? { transit: false } : {}),
  }));
  const even = random.chance(0.3);
  const count = random.whole(Math.min(n - 1, mostLinks), mostLinks);
  const arcs: ArcInput[] = [];
  for (let i = 0; i < count; i++) {
    const a = random.whole(0, n - 1);
    const b = (a + random.whole(1, n - 1)) % n;
    const srlgs = ['conduit', 'river', 'station'].filter(() => random.chance(0.15));
    const link = random.chance(0.3)
      ? `link-${nodes[a].id}-${nodes[b].id}-${i}`
      : `${random.pick(['x', 'b', 'm'])}${random.whole(10, 99)}-${i}`;
    const figures = (back = 0) => ({
      // No draw of its own: what is drawn behind it stays.
      metric: 1 + ((i + back) % 4),
      latencyMs: even ? 10 : random.pick([0, 0.1, 0.2, 0.25, 1, 1, 2, 3, 5, 7.5]),
      costPerGbUsd: even ? 0.02 : random.pick([0, 0, 0.01, 0.02, 0.02, 0.05, 0.09, null]),
      availableMbps: even ? 1000 : random.pick([100, 200, 200, 500, 500, 1000]),
      utilisationRatio: even ? 0 : random.pick([0, 0.1, 0.5]),
    });
    const there = figures();
    arcs.push({ from: nodes[a].id, to: nodes[b].id, link, srlgs, ...there });
    if (random.chance(0.8)) {
      const back = random.chance(0.5) ? there : figures(1);
      arcs.push({ from: nodes[b].id, to: nodes[a].id, link, srlgs, ...back });
    }
  }
  return { nodes, arcs };
}

/** A few constraints, of any kind, that such a network often but not always keeps to. */
export function randomConstraints(random: Seeded, { nodes, arcs }: TopologyInput): Partial<Constraints> {
  const some = <T>(list: readonly T[], p: number) => list.filter(() => random.chance(p)).slice(0, 2);
  const links = [...new Set(arcs.map((a) => a.link))];
  const ids = nodes.map((v) => v.id);
  if (random.chance(0.4)) {
    return random.pick<Partial<Constraints>>([
      { maxHops: random.whole(2, 4) },
      { maxLatencyMs: random.pick([0.5, 1, 2, 4, 8, 20, 40]) },
      { requireRegions: [random.pick(ids)] },
      { requireLinks: [random.pick(links)] },
    ]);
  }
  const kind = () => random.chance(0.3);
  return {
    maxLatencyMs: kind() ? random.pick([0.5, 1, 2, 4, 8, 20, 40]) : null,
    maxHops: kind() ? random.whole(1, 4) : null,
    minBandwidthMbps: kind() ? random.pick([200, 500]) : null,
    avoidRegions: kind() ? some(ids, 0.2) : [],
    avoidLinks: kind() ? some(links, 0.1) : [],
    avoidCountries: kind() ? some(['DE', 'FR', 'US'], 0.3) : [],
    requireRegions: kind() ? some(ids, 0.2) : [],
    requireLinks: random.chance(0.15) ? some(links, 0.1) : [],
    requireCountries: kind() ? some(['DE', 'FR', 'US'], 0.3) : [],
  };
}

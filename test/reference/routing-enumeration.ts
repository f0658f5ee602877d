import type { ArcInput } from '../../lib/graph';
import type { BalancedWeights, Constraints, StrategyName } from '../../lib/model';
import type { TopologyInput } from '../support/random-topology';

/**
 * The slow, obvious twin of lib/routing: lists every simple path and sorts. Only for small networks; shares
 * no code with the fast one.
 */
export interface ListedPath {
  readonly arcs: readonly ArcInput[];
  readonly links: readonly string[];
  readonly transit: readonly string[];
  readonly srlgs: ReadonlySet<string>;
  /** Whole units of the strategy's additive metric; of bandwidth: latency. */
  readonly sum: number;
  readonly latency: number;
  readonly width: number;
}

export interface Question {
  readonly input: TopologyInput;
  readonly strategy: StrategyName;
  readonly weights?: BalancedWeights;
  readonly constraints?: Partial<Constraints>;
}

/** Has a path room for an IPv6 packet of the least size? */
export function listCarries({ arcs }: ListedPath): boolean {
  return Math.min(...arcs.map((a) => a.mostHops ?? Infinity)) >= arcs.length;
}

/** Those that carry such a packet before those that do not, each part in order. */
export function listCarryingFirst(paths: readonly ListedPath[]): ListedPath[] {
  return [...paths.filter(listCarries), ...paths.filter((p) => !listCarries(p))];
}

/** The part of them that serves: all that carry such a packet, or where none does, all. */
export function listServing(paths: readonly ListedPath[]): readonly ListedPath[] {
  return paths.some(listCarries) ? paths.filter(listCarries) : paths;
}

/** Every simple path that keeps to the constraints, in the order of the tie rule. */
export function listPaths(q: Question, from: string, to: string): ListedPath[] {
  const paths: ListedPath[] = [];
  const extend = (arcs: ArcInput[], seen: string[]) => {
    const here = arcs.length === 0 ? from : arcs[arcs.length - 1].to;
    if (here === to) {
      if (arcs.length > 0) paths.push(listed(q, arcs));
      return;
    }
    for (const arc of q.input.arcs) {
      if (arc.from === here && !seen.includes(arc.to)) extend([...arcs, arc], [...seen, arc.to]);
    }
  };
  if (from !== to) extend([], [from]);
  return paths.filter((p) => keepsTo(q, p, from, to)).sort((a, b) => order(q.strategy, a, b));
}

function listed(q: Question, arcs: ArcInput[]): ListedPath {
  return {
    arcs,
    links: arcs.map((a) => a.link),
    transit: arcs.slice(0, -1).map((a) => a.to),
    srlgs: new Set(arcs.flatMap((a) => a.srlgs ?? [])),
    sum: arcs.reduce((s, a) => s + unit(q, a), 0),
    latency: arcs.reduce((s, a) => s + Math.round(a.latencyMs * 1e6), 0),
    width: Math.min(...arcs.map((a) => a.availableMbps)),
  };
}

function unit({ input, strategy, weights }: Question, arc: ArcInput): number {
  const dearest = Math.max(0, ...input.arcs.map((a) => a.costPerGbUsd ?? 0));
  const cost = arc.costPerGbUsd ?? dearest;
  if (strategy === 'metric') return arc.metric ?? 10;
  if (strategy === 'cost') return Math.round(cost * 1e9);
  if (strategy !== 'balanced') return Math.round(arc.latencyMs * 1e6);
  const w = weights ?? { latency: 0.4, cost: 0.3, utilisation: 0.3 };
  return Math.round(
    ((w.latency * arc.latencyMs) / 1000 +
      (w.cost * cost) / 100 +
      w.utilisation * (arc.utilisationRatio ?? 0)) *
      1e12,
  );
}

export function order(strategy: StrategyName, a: ListedPath, b: ListedPath): number {
  const width = strategy === 'bandwidth' ? b.width - a.width : 0;
  return width || a.sum - b.sum || a.links.length - b.links.length || inOrder(a.links, b.links);
}

function inOrder(a: readonly string[], b: readonly string[]): number {
  const i = a.findIndex((id, k) => id !== b[k]);
  return i === -1 ? 0 : a[i] < b[i] ? -1 : 1;
}

function keepsTo({ input, constraints: c = {} }: Question, p: ListedPath, from: string, to: string): boolean {
  const country = (id: string) => input.nodes.find((v) => v.id === id)!.country;
  const regions = [from, ...p.transit, to];
  return (
    p.latency <= Math.round((c.maxLatencyMs ?? Infinity) * 1e6) &&
    p.links.length <= (c.maxHops ?? Infinity) &&
    p.width >= (c.minBandwidthMbps ?? 0) &&
    !p.transit.some((id) => input.nodes.some((v) => v.id === id && v.transit === false)) &&
    !p.transit.some((id) => c.avoidRegions?.includes(id)) &&
    !p.links.some((id) => c.avoidLinks?.includes(id)) &&
    !p.transit.some((id) => country(id) !== null && c.avoidCountries?.includes(country(id)!)) &&
    (c.requireRegions ?? []).every((id) => regions.includes(id)) &&
    (c.requireLinks ?? []).every((id) => p.links.includes(id)) &&
    (c.requireCountries ?? []).every((x) => regions.some((id) => country(id) === x))
  );
}

/** Paths within a ratio of the best in the strategy's own metric. */
export function listEqualCost(
  strategy: StrategyName,
  paths: readonly ListedPath[],
  ratio: number,
): ListedPath[] {
  const [best] = paths;
  return paths.filter((p) =>
    strategy === 'bandwidth'
      ? p.width >= best.width * (1 - ratio) - 1e-6
      : p.sum <= best.sum + Math.round(best.sum * ratio),
  );
}

/**
 * The backup that shares least: with the primary first, then with all other earlier paths together. What
 * carries an IPv6 packet of the least size comes before all that; of a first backup, after what it
 * shares.
 */
export function listBackup(
  strategy: StrategyName,
  paths: readonly ListedPath[],
  earlier: readonly ListedPath[],
): ListedPath | undefined {
  const shared = (p: ListedPath, others: readonly ListedPath[]) => {
    const sums = [0, 0, 0];
    for (const o of others) {
      sums[0] += p.links.filter((id) => o.links.includes(id)).length;
      sums[1] += p.arcs.filter((a) => (a.srlgs ?? []).some((g) => o.srlgs.has(g))).length;
      sums[2] += p.transit.filter((id) => o.transit.includes(id)).length;
    }
    return sums;
  };
  const rank = (p: ListedPath) => {
    const less = listCarries(p) ? 0 : 1;
    const common = [...shared(p, earlier.slice(0, 1)), ...shared(p, earlier.slice(1))];
    return earlier.length === 1 ? [...common, less] : [less, ...common];
  };
  return paths
    .filter((p) => !earlier.some((e) => e.links.join() === p.links.join()))
    .map((p) => ({ p, rank: rank(p) }))
    .sort((x, y) => {
      const i = x.rank.findIndex((r, k) => r !== y.rank[k]);
      return i === -1 ? order(strategy, x.p, y.p) : x.rank[i] - y.rank[i];
    })[0]?.p;
}

/**
 * The cheapest disjoint pair: total metric, total hops, then the first primary, then the first backup; a
 * pair that carries an IPv6 packet of the least size both ways before all others.
 */
export function listPair(
  strategy: StrategyName,
  paths: readonly ListedPath[],
  kind: 'link' | 'node' | 'srlg',
): [ListedPath, ListedPath] | undefined {
  let best: { pair: [ListedPath, ListedPath]; total: number[] } | undefined;
  for (let i = 0; i < paths.length; i++) {
    for (let j = i + 1; j < paths.length; j++) {
      const [p, q] = [paths[i], paths[j]];
      if (p.links.some((id) => q.links.includes(id))) continue;
      if (kind === 'node' && p.transit.some((id) => q.transit.includes(id))) continue;
      if (kind === 'srlg' && [...p.srlgs].some((g) => q.srlgs.has(g))) continue;
      const total = [
        listCarries(p) && listCarries(q) ? 0 : 1,
        strategy === 'bandwidth' ? -(p.width + q.width) : 0,
        p.sum + q.sum,
        p.links.length + q.links.length,
      ];
      const k = best === undefined ? 0 : total.findIndex((t, x) => t !== best!.total[x]);
      if (best === undefined || (k !== -1 && total[k] < best.total[k])) best = { pair: [p, q], total };
    }
  }
  return best?.pair;
}

import type { BalancedWeights, Constraints, StrategyName } from '../model';
import type { Lane, World } from './world';

/** What a path is chosen by and must keep to, worked out for every lane by number. */
export interface Rules {
  /** Widest first, then by key. */
  readonly widest: boolean;
  /** Metric in whole units x radix + 1, so that a sum orders by metric, then hops; Infinity: closed. */
  readonly key: readonly number[];
  readonly radix: number;
  /** Units of the metric in one ms, USD/GB or balanced unit. */
  readonly scale: number;
  /** Whole units of 1 / `latencyScale` ms. */
  readonly latency: readonly number[];
  readonly latencyScale: number;
  /** By node: no path passes through, it may begin or end there. */
  readonly noTransit: readonly boolean[];
  /** In units of `latency`; Infinity: none. */
  readonly maxLatency: number;
  readonly maxHops: number;
  /** What must be met, each a test of a lane or of a node. */
  readonly required: readonly Requirement[];
  /** Comes before everything else in the order, by lane; null: nothing does. */
  readonly penalty: readonly number[] | null;
  /** Distances to a target, kept for the next question. */
  readonly memo: Map<string, Float64Array>;
}

type Requirement = { readonly node: (v: number) => boolean; readonly lane: (lane: Lane) => boolean };

const never = () => false;

/** The strategies' weights when no policy gives others. */
const usualWeights: BalancedWeights = { latency: 0.4, cost: 0.3, utilisation: 0.3 };

export const noConstraints: Constraints = {
  maxLatencyMs: null,
  maxHops: null,
  minBandwidthMbps: null,
  avoidRegions: [],
  avoidLinks: [],
  avoidCountries: [],
  requireRegions: [],
  requireLinks: [],
  requireCountries: [],
};

/**
 * Works out rules. Sums are over whole units as the planner's written rule wants them: ns, 1e-9 USD/GB and
 * 1e-12 balanced units, coarser by tens where a sum would pass 2^52; an unknown price counts as the dearest.
 */
export function rulesOf(
  world: World,
  strategy: StrategyName,
  weights: BalancedWeights = usualWeights,
  constraints: Constraints = noConstraints,
): Rules {
  const { lanes, nodes, plan } = world;
  const radix = 2 ** Math.ceil(Math.log2(nodes.length + 1));
  const whole = (figures: readonly number[], finest: number) => {
    const most = figures.reduce((m, f) => Math.max(m, f), 0);
    let scale = finest;
    while (most * scale * (nodes.length + 1) * radix > 2 ** 52) scale /= 10;
    return { values: figures.map((f) => Math.floor(f * scale + 0.5)), scale };
  };
  const dearest = lanes.reduce((m, l) => Math.max(m, l.usd ?? 0), 0);
  const latency = whole(
    lanes.map((l) => l.latencyMs),
    1e6,
  );
  const metric =
    strategy === 'cost'
      ? whole(
          lanes.map((l) => l.usd ?? dearest),
          1e9,
        )
      : strategy === 'metric'
        ? whole(
            lanes.map((l) => l.metric),
            1,
          )
        : strategy === 'balanced'
          ? whole(
              lanes.map(
                (l) =>
                  (weights.latency * l.latencyMs) / 1000 +
                  (weights.cost * (l.usd ?? dearest)) / 100 +
                  weights.utilisation * l.busyRatio,
              ),
              1e12,
            )
          : latency;
  const c = constraints;
  const country = new Map(plan.regions.map((r) => [world.nodeOf.get(r.id)!, r.country]));
  const inCountry = (v: number, list: readonly string[]) => list.includes(country.get(v) ?? '');
  return {
    widest: strategy === 'bandwidth',
    key: lanes.map((l, i) =>
      l.mbps < (c.minBandwidthMbps ?? 0) || c.avoidLinks.includes(l.link)
        ? Infinity
        : metric.values[i] * radix + 1,
    ),
    radix,
    scale: metric.scale,
    latency: latency.values,
    latencyScale: latency.scale,
    noTransit: nodes.map(
      (id, v) => world.noTransit[v] || c.avoidRegions.includes(id) || inCountry(v, c.avoidCountries),
    ),
    maxLatency: c.maxLatencyMs === null ? Infinity : Math.round(c.maxLatencyMs * latency.scale),
    maxHops: c.maxHops ?? Infinity,
    required: [
      ...c.requireRegions.map((id) => ({ node: (v: number) => nodes[v] === id, lane: never })),
      ...c.requireLinks.map((id) => ({ node: never, lane: (l: Lane) => l.link === id })),
      ...c.requireCountries.map((id) => ({ node: (v: number) => country.get(v) === id, lane: never })),
    ],
    penalty: null,
    memo: new Map(),
  };
}

/** The same rules with some lanes closed. */
export function closing(rules: Rules, closed: (lane: number) => boolean): Rules {
  return { ...rules, key: rules.key.map((k, l) => (closed(l) ? Infinity : k)), memo: new Map() };
}

/** Is this path one that the rules allow? */
export function keepsTo(rules: Rules, lanes: readonly Lane[]): boolean {
  return (
    lanes.every((l) => rules.key[l.number] < Infinity) &&
    lanes.slice(1).every((l) => !rules.noTransit[l.tail]) &&
    meets(rules, lanes)
  );
}

/** Does a path keep to the bounds, and meet what is required? */
export function meets({ latency, maxLatency, maxHops, required }: Rules, lanes: readonly Lane[]): boolean {
  return (
    lanes.reduce((s, l) => s + latency[l.number], 0) <= maxLatency &&
    lanes.length <= maxHops &&
    required.every((r) => lanes.some((l) => r.lane(l) || r.node(l.tail) || r.node(l.head)))
  );
}

/** The metric of a path in the strategy's own unit. */
export function metricOf(rules: Rules, lanes: readonly Lane[]): number {
  if (rules.widest) return Math.min(...lanes.map((l) => l.mbps));
  return Math.floor(lanes.reduce((s, l) => s + rules.key[l.number], 0) / rules.radix) / rules.scale;
}

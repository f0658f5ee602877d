import type { Floats, Ints, Topology } from '../graph';
import { defaultWeights, type BalancedWeights, type Constraints, type StrategyName } from '../model';
import { figuresOf, wholeNumbers } from './figures';

/** What is asked of a path; see `Constraints` for what each means. Absent: no constraint. */
export interface RequestInput {
  readonly strategy: StrategyName;
  /** Of the balanced strategy. Default 0.4 per 1000 ms, 0.3 per 100 USD/GB, 0.3 per 100 % of utilisation. */
  readonly weights?: BalancedWeights;
  readonly constraints?: Partial<Constraints>;
  /** Most labels of one constrained search; beyond it the answer is `search-limit`. Default 50,000. */
  readonly labelLimit?: number;
}

/**
 * A request compiled for one topology, shared by all pairs: arc weights as whole numbers, closed arcs, trees
 * by target once they are needed. What it keeps depends on the topology and the input alone; a changed
 * topology needs another request, and every function refuses a request of another topology.
 */
export interface Request {
  readonly topology: Topology;
  readonly strategy: StrategyName;
  readonly weights: BalancedWeights;
  readonly constraints: Constraints;
  readonly labelLimit: number;
  /** Units of the metric in one ms, USD/GB, balanced unit or unit of administrative metric. */
  readonly scale: number;
  readonly hopRadix: number;
  /**
   * Weight x hopRadix + 1 by arc: the sum along a path orders by metric, then hops, in one number. Of the
   * bandwidth strategy: by latency. Infinity: closed. Never below 1, so no cycle is free.
   */
  readonly key: Floats;
  /** `key` and available bandwidth in the order of `topology.inArc`. */
  readonly inKey: Floats;
  readonly inWidth: Floats;
  readonly widest: boolean;
  /** 1: no path passes through, by the topology or the constraints; it may begin or end there. */
  readonly noTransit: Readonly<Uint8Array>;
  /** Most key a path may have; Infinity unless the metric itself is bounded. */
  readonly maxKey: number;
  /** Bounds that the key does not hold; Infinity: none. Latency in units of the figures. */
  readonly maxLatency: number;
  readonly latencyIsKey: boolean;
  readonly maxHops: number;
  /** Number of required regions, links and countries, each a bit. */
  readonly required: number;
  readonly nodeBits: Ints;
  readonly linkBits: Ints;
  /** Something is required that this topology does not have. */
  readonly impossible: boolean;
  /** Trees and bounds by target and by source, filled as needed. */
  readonly memo: Memo;
}

/** Search results that depend on the request and one end only. */
export interface Memo {
  readonly keyTrees: (Float64Array | undefined)[];
  readonly widthTrees: (Float64Array | undefined)[];
  readonly latencyTrees: (Float64Array | undefined)[];
  readonly hopTrees: (Float64Array | undefined)[];
  /** Distances from a source, and how many searches it has had; see `searchBack`. */
  readonly sourceTrees: (Float64Array | undefined)[];
  readonly searchesFrom: number[];
  /** Distinct available bandwidths of open arcs, falling. */
  widths: Float64Array | undefined;
  /** Requests with one constraint taken back, by its name. */
  readonly relaxed: Map<string, Request>;
  /** See `carryingRequests`; undefined: not asked for yet. */
  carrying: readonly Request[] | null | undefined;
}

const noConstraints: Constraints = {
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

/** Most things one request can require; each is a bit of a 32-bit word. */
const mostRequired = 30;

/**
 * Compiles a request. O(n + m). Throws RangeError on weights that are negative or not numbers, and beyond 30
 * required things.
 */
export function compileRequest(topology: Topology, input: RequestInput): Request {
  const constraints: Constraints = { ...noConstraints, ...input.constraints };
  const weights = input.weights ?? defaultWeights;
  const { latencyScale, hopRadix, inWidth } = figuresOf(topology);
  const { values, scale } = arcWeights(topology, input.strategy, weights);
  const { link, availableMbps, inArc } = topology;
  const m = topology.arcCount;

  const least = constraints.minBandwidthMbps ?? 0;
  const avoided = new Set(constraints.avoidLinks);
  const key = new Float64Array(m);
  for (let a = 0; a < m; a++) key[a] = availableMbps[a] < least ? Infinity : values[a] * hopRadix + 1;
  if (avoided.size > 0)
    for (let a = 0; a < m; a++) if (avoided.has(topology.links[link[a]])) key[a] = Infinity;
  const inKey = new Float64Array(m);
  for (let i = 0; i < m; i++) inKey[i] = key[inArc[i]];

  const noTransit = Uint8Array.from(topology.noTransit);
  for (const id of constraints.avoidRegions) {
    const v = topology.nodeIndex.get(id);
    if (v !== undefined) noTransit[v] = 1;
  }
  if (constraints.avoidCountries.length > 0) {
    topology.countries.forEach((c, v) => {
      if (c !== null && constraints.avoidCountries.includes(c)) noTransit[v] = 1;
    });
  }

  const latencyIsKey = input.strategy === 'latency' || input.strategy === 'bandwidth';
  const bound =
    constraints.maxLatencyMs === null ? Infinity : Math.round(constraints.maxLatencyMs * latencyScale);
  return {
    topology,
    strategy: input.strategy,
    weights,
    constraints,
    labelLimit: input.labelLimit ?? 50_000,
    scale,
    hopRadix,
    key,
    inKey,
    inWidth,
    widest: input.strategy === 'bandwidth',
    noTransit,
    maxKey: latencyIsKey && bound < Infinity ? bound * hopRadix + hopRadix - 1 : Infinity,
    maxLatency: bound,
    latencyIsKey,
    maxHops: constraints.maxHops ?? Infinity,
    ...requirements(topology, constraints),
    memo: newMemo(),
  };
}

/** Search results, none yet. */
export function newMemo(): Memo {
  return {
    keyTrees: [],
    widthTrees: [],
    latencyTrees: [],
    hopTrees: [],
    sourceTrees: [],
    searchesFrom: [],
    widths: undefined,
    relaxed: new Map(),
    carrying: undefined,
  };
}

function arcWeights(
  topology: Topology,
  strategy: StrategyName,
  weights: BalancedWeights,
): { values: Floats; scale: number } {
  const { latency, latencyScale, cost, costScale, dearestUsd, hopRadix } = figuresOf(topology);
  const { latencyMs, costPerGbUsd, utilisationRatio, arcCount } = topology;
  if (strategy === 'latency' || strategy === 'bandwidth') return { values: latency, scale: latencyScale };
  if (strategy === 'cost') {
    const values = (cost as Float64Array).slice();
    const dearest = Math.floor(dearestUsd * costScale + 0.5);
    for (let a = 0; a < arcCount; a++) if (Number.isNaN(costPerGbUsd[a])) values[a] = dearest;
    return { values, scale: costScale };
  }
  if (strategy === 'metric') return wholeNumbers(topology.metric, 1, topology, hopRadix);
  const { latency: wl, cost: wc, utilisation: wu } = weights;
  if (![wl, wc, wu].every((w) => w >= 0 && Number.isFinite(w))) {
    throw new RangeError('balanced weights are finite and not negative');
  }
  const figures = new Float64Array(arcCount);
  for (let a = 0; a < arcCount; a++) {
    const usd = costPerGbUsd[a];
    const price = usd === usd ? usd : dearestUsd;
    figures[a] = (wl * latencyMs[a]) / 1000 + (wc * price) / 100 + wu * utilisationRatio[a];
  }
  return wholeNumbers(figures, 1e12, topology, hopRadix);
}

function requirements(
  topology: Topology,
  c: Constraints,
): Pick<Request, 'required' | 'nodeBits' | 'linkBits' | 'impossible'> {
  const regions = [...new Set(c.requireRegions)];
  const links = [...new Set(c.requireLinks)];
  const countries = [...new Set(c.requireCountries)];
  const required = regions.length + links.length + countries.length;
  if (required > mostRequired)
    throw new RangeError(`a request requires at most ${mostRequired} things, not ${required}`);
  const nodeBits = new Int32Array(topology.nodes.length);
  const linkBits = new Int32Array(topology.links.length);
  let impossible = false;
  regions.forEach((id, i) => {
    const v = topology.nodeIndex.get(id);
    if (v === undefined) impossible = true;
    else nodeBits[v] |= 1 << i;
  });
  links.forEach((id, i) => {
    const l = topology.linkIndex.get(id);
    if (l === undefined) impossible = true;
    else linkBits[l] |= 1 << (regions.length + i);
  });
  countries.forEach((country, i) => {
    if (!topology.countries.includes(country)) impossible = true;
    topology.countries.forEach((c2, v) => {
      if (c2 === country) nodeBits[v] |= 1 << (regions.length + links.length + i);
    });
  });
  return { required, nodeBits, linkBits, impossible };
}

/**
 * Throws unless the request was compiled for this very topology: weights of another network must never be
 * used.
 */
export function checkRequest(topology: Topology, request: Request): void {
  if (request.topology !== topology) {
    throw new RangeError('the request was compiled for another topology; compile it again for this one');
  }
}

/** A node by number or region id. */
export type NodeRef = number | string;

/** The number of a node; throws RangeError when there is no such region. */
export function nodeNumber(topology: Topology, ref: NodeRef): number {
  const v = typeof ref === 'number' ? ref : (topology.nodeIndex.get(ref) ?? -1);
  if (!(Number.isInteger(v) && v >= 0 && v < topology.nodes.length))
    throw new RangeError(`no region '${ref}' in the topology`);
  return v;
}

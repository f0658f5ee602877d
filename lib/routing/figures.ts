import type { Floats, Topology } from '../graph';

/** Figures of all arcs as whole numbers, so that sums along paths are exact and ties are real ties. */
export interface Figures {
  /** One-way latency in 1 / latencyScale ms. */
  readonly latency: Floats;
  readonly latencyScale: number;
  /** Price in 1 / costScale USD/GB; 0 where unknown, see `costKnown`. */
  readonly cost: Floats;
  readonly costScale: number;
  /** Dearest known price in the topology; 0 if none is known. USD/GB. */
  readonly dearestUsd: number;
  /** Per hop, a step in the last digits of a key; a power of two above the hops of any loopless path. */
  readonly hopRadix: number;
  /** Available bandwidth in the order of `topology.inArc`, in Mbps. */
  readonly inWidth: Floats;
}

const made = new WeakMap<Topology, Figures>();

/**
 * Latency in ns and price in 1e-9 USD/GB, or coarser by powers of ten where sums would not fit; see
 * `wholeNumbers`.
 */
export function figuresOf(topology: Topology): Figures {
  const known = made.get(topology);
  if (known) return known;
  const hopRadix = 2 ** Math.ceil(Math.log2(topology.nodes.length + 1));
  let dearestUsd = 0;
  for (const usd of topology.costPerGbUsd as Float64Array) if (usd > dearestUsd) dearestUsd = usd;
  const latency = wholeNumbers(topology.latencyMs, 1e6, topology, hopRadix);
  const cost = wholeNumbers(topology.costPerGbUsd, 1e9, topology, hopRadix);
  const figures: Figures = {
    latency: latency.values,
    latencyScale: latency.scale,
    cost: cost.values,
    costScale: cost.scale,
    dearestUsd,
    hopRadix,
    inWidth: Float64Array.from(topology.inArc as Int32Array, (a) => topology.availableMbps[a]),
  };
  made.set(topology, figures);
  return figures;
}

/**
 * `figures` times `scale`, rounded to whole numbers (NaN: 0). The scale is lowered by tens while the longest
 * loopless path could pass 2^53 with its hops counted in the last digits: sums stay exact, only the
 * resolution of one arc falls.
 */
export function wholeNumbers(
  figures: Floats,
  scale: number,
  topology: Topology,
  hopRadix: number,
): { values: Float64Array; scale: number } {
  let most = 0;
  for (let a = 0; a < figures.length; a++) if (figures[a] > most) most = figures[a];
  let fitting = scale;
  while (most * fitting * (topology.nodes.length + 1) * hopRadix > 2 ** 52) fitting /= 10;
  const values = new Float64Array(figures.length);
  for (let a = 0; a < values.length; a++) {
    const value = figures[a];
    values[a] = value === value ? Math.floor(value * fitting + 0.5) : 0;
  }
  return { values, scale: fitting };
}

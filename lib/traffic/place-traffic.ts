import type { Floats, Topology } from '../graph';
import type { QosClass } from '../model';
import { defaultSpread, qosClasses } from '../model';
import type { ClassPlacement, SplitMode } from './class-placement';
import type { SplitLimits } from './deployable-split';
import { defaultLimits } from './deployable-split';
import type { PreviousSplits } from './judge-split';
import { placeClass } from './place-class';
import type { Solver } from './solver';
import type { TrafficDemand } from './traffic-demand';

export interface TrafficInput {
  readonly topology: Topology;
  readonly demands: readonly TrafficDemand[];
  /** Default: critical and realtime single, interactive ecmp, bulk and best-effort te. */
  readonly modes?: Partial<Readonly<Record<QosClass, SplitMode>>>;
  /** Mbps by arc for all classes together. Default: what the topology has available. */
  readonly capacityMbps?: Floats;
  readonly limits?: SplitLimits;
  /** Of `ecmp` and `wecmp`, in the metric of the strategy. Default 0.1. */
  readonly ecmpToleranceRatio?: number;
  /** Null or absent: `te` is approximated, and says so. */
  readonly solver?: Solver | null;
  /** Splits that stand where they can. Default: all is chosen afresh. */
  readonly previous?: PreviousSplits | null;
}

/** Where the traffic goes. */
export interface Traffic {
  /** Most important first; classes without demands are left out. */
  readonly classes: readonly ClassPlacement[];
  /** Mbps by arc. */
  readonly loadMbps: Float64Array;
  /** Of the fullest link, over all classes; 0 to 1. */
  readonly utilisationRatio: number;
}

/**
 * Places demands by class in strict priority, each class on what those above leave. Equal input gives an
 * equal answer, whatever the order of the demands. Throws RangeError on regions that the topology does not
 * have, repeated ids, figures that are negative or not numbers, or limits below 1.
 */
export function placeTraffic(input: TrafficInput): Traffic {
  const { topology, solver = null, limits = defaultLimits, ecmpToleranceRatio = 0.1 } = input;
  checkInput(input, limits);
  const whole = Float64Array.from((input.capacityMbps ?? topology.availableMbps) as Float64Array);
  const load = new Float64Array(topology.arcCount);
  const classes: ClassPlacement[] = [];
  for (const name of qosClasses) {
    const demands = input.demands.filter((d) => d.class === name);
    if (demands.length === 0) continue;
    const capacity = whole.map((c, a) => Math.max(0, Math.round((c - load[a]) * 1e6) / 1e6));
    const placed = placeClass({
      topology,
      capacity,
      takenMbps: load.slice(),
      class: name,
      mode: input.modes?.[name] ?? defaultSpread[name],
      demands,
      limits,
      toleranceRatio: ecmpToleranceRatio,
      solver,
      previous: input.previous ?? null,
    });
    classes.push(placed);
    placed.loadMbps.forEach((l, a) => (load[a] = Math.round((load[a] + l) * 1e6) / 1e6));
  }
  const utilisationRatio = load.reduce((most, l, a) => (l > 0 ? Math.max(most, l / whole[a]) : most), 0);
  return { classes, loadMbps: load, utilisationRatio };
}

function checkInput({ topology, demands, capacityMbps }: TrafficInput, limits: SplitLimits): void {
  const ids = new Set<string>();
  for (const { id, from, to, mbps, maxLatencyMs, request } of demands) {
    for (const region of [from, to]) {
      if (!topology.nodeIndex.has(region)) throw new RangeError(`demand '${id}': no region '${region}'`);
    }
    if (ids.has(id)) throw new RangeError(`demand '${id}' is there twice`);
    ids.add(id);
    if (!(mbps >= 0 && Number.isFinite(mbps) && (maxLatencyMs ?? 0) >= 0)) {
      throw new RangeError(`demand '${id}': bandwidth and latency are finite and not negative`);
    }
    if (request.topology !== topology) {
      throw new RangeError(`demand '${id}': its request was compiled for another topology`);
    }
  }
  if (!(limits.mostPaths >= 1 && limits.units >= 1)) {
    throw new RangeError('a split has at least one path and one unit');
  }
  if (capacityMbps && (capacityMbps.length !== topology.arcCount || !capacityMbps.every((c) => c >= 0))) {
    throw new RangeError('capacities are not negative, one for each arc');
  }
}

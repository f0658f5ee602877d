import type { Floats, Topology } from '../graph';
import type { QosClass, Spread } from '../model';
import { classFacts, qosClasses } from '../model';
import type { ClassPlacement } from './class-placement';
import { noOthers, type ConflictOthers } from './conflict-others';
import type { SplitLimits } from './weights';
import { defaultLimits } from './deployable-split';
import { explainConflict } from './explain-conflict';
import { utilisationOf } from './fits-links';
import type { PreviousSplits } from './judge-split';
import { placeClass } from './place-class';
import type { Solver } from './solver';
import type { TrafficDemand } from './traffic-demand';

export interface TrafficInput {
  readonly topology: Topology;
  readonly demands: readonly TrafficDemand[];
  /** Default: critical and realtime single, interactive ecmp, bulk and best-effort te. */
  readonly modes?: Partial<Readonly<Record<QosClass, Spread>>>;
  /** Mbps by arc for all classes together. Default: what the topology has available. */
  readonly capacityMbps?: Floats;
  readonly limits?: SplitLimits;
  /** Null or absent: `te` is approximated, and says so. */
  readonly solver?: Solver | null;
  /** Splits that stand where they can. Default: all is chosen anew. */
  readonly previous?: PreviousSplits | null;
  /** What else a conflict may be due to; what holders hold is missing in `capacityMbps` already. */
  readonly others?: ConflictOthers;
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
  const { topology, solver = null, limits = defaultLimits, others = noOthers } = input;
  checkInput(input, limits);
  const whole = Float64Array.from((input.capacityMbps ?? topology.availableMbps) as Float64Array);
  const found = placeClasses(input, input.demands, whole);
  const classes = found.map((placed, i): ClassPlacement => {
    const short = placed.demands.some((d) => d.refusal === null && d.carriedMbps < d.mbps);
    if (!short || classFacts[placed.class].elastic) return placed;
    const above = found.slice(0, i + 1);
    const held = others.holders.length === 0 ? [] : others.heldMbps([...others.holders.keys()]);
    const conflict = explainConflict({
      topology,
      capacity: whole.map((c, a) => Math.round((c + (held[a] ?? 0)) * 1e6) / 1e6),
      class: placed.class,
      mode: placed.mode,
      solver,
      demands: input.demands.filter((d) => above.some((p) => p.class === d.class)),
      placed: above,
      others,
      place: (demands, capacity) => placeClasses(input, demands, capacity),
    });
    return { ...placed, conflict };
  });
  const load = totalOf(classes, topology.arcCount);
  return { classes, loadMbps: load, utilisationRatio: utilisationOf(whole, load) };
}

/** Some of the demands on some capacity, by the input's rules. */
function placeClasses(
  input: TrafficInput,
  demands: readonly TrafficDemand[],
  whole: Floats,
): ClassPlacement[] {
  const { topology, solver = null, limits = defaultLimits, previous = null } = input;
  const classes: ClassPlacement[] = [];
  for (const name of qosClasses) {
    const own = demands.filter((d) => d.class === name);
    if (own.length === 0) continue;
    const load = totalOf(classes, topology.arcCount);
    const capacity = load.map((l, a) => Math.max(0, Math.round((whole[a] - l) * 1e6) / 1e6));
    const mode = input.modes?.[name] ?? classFacts[name].spread;
    classes.push(
      placeClass({ topology, capacity, class: name, mode, demands: own, limits, solver, previous }),
    );
  }
  return classes;
}

/** What classes load together, added in order and to the bit per second. */
function totalOf(classes: readonly ClassPlacement[], arcCount: number): Float64Array {
  const load = new Float64Array(arcCount);
  for (const { loadMbps } of classes)
    loadMbps.forEach((l, a) => (load[a] = Math.round((load[a] + l) * 1e6) / 1e6));
  return load;
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

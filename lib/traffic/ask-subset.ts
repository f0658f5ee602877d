import type { Floats, Topology } from '../graph';
import type { QosClass, Spread } from '../model';
import type { ClassPlacement, PlacedDemand } from './class-placement';
import type { ConflictOthers } from './conflict-others';
import { flowDemand } from './flow-demand';
import { flowProblem } from './flow-problem';
import { minMaxFlow } from './min-max-flow';
import { routable } from './routable';
import type { Solver } from './solver';
import type { TrafficDemand } from './traffic-demand';

export interface ConflictInput {
  readonly topology: Topology;
  /** Mbps by arc with nothing held by holders. */
  readonly capacity: Floats;
  /** The class that is not carried whole, and how it is split. */
  readonly class: QosClass;
  readonly mode: Spread;
  readonly solver: Solver | null;
  /** Of this class and all above. */
  readonly demands: readonly TrafficDemand[];
  /** These demands as they were placed. */
  readonly placed: readonly ClassPlacement[];
  readonly others: ConflictOthers;
  /** Places demands by class on a capacity; explains nothing. */
  place(demands: readonly TrafficDemand[], capacity: Floats): readonly ClassPlacement[];
}

/** Some of the members: demands, holders and rules by number. */
export interface Subset {
  readonly demands: readonly number[];
  readonly holders: readonly number[];
  readonly rules: readonly number[];
}

/** How a subset is placed by itself. */
export interface Answer {
  /** Is the class carried whole? */
  readonly fits: boolean;
  /** What holders leave. */
  readonly whole: Float64Array;
  readonly heldMbps: Floats | null;
  /** The classes above on that. */
  readonly above: readonly ClassPlacement[];
  /** What they leave. */
  readonly left: Float64Array;
  /** The demands of the class, by the rules of the subset. */
  readonly own: readonly TrafficDemand[];
  /** They as placed; null under `te`, which is solved for. */
  readonly placed: ClassPlacement | null;
}

/** A utilisation may be this much above 1 and still be rounding. */
export const fullRatio = 1 + 1e-6;

/**
 * Places a subset by class in strict priority, as if there were nothing else: a rule left out leaves its
 * demands the ways that it forbids. `te` fits where some split does, before weights are rounded.
 *
 * @param moreMbps capacity to add by arc.
 */
export function askSubset(input: ConflictInput, subset: Subset, moreMbps?: Floats): Answer {
  const { topology, capacity, others, mode, solver } = input;
  const heldMbps = subset.holders.length === 0 ? null : others.heldMbps(subset.holders);
  const whole = Float64Array.from(capacity as Float64Array, (c, a) =>
    Math.max(0, Math.round((c + (moreMbps?.[a] ?? 0) - (heldMbps?.[a] ?? 0)) * 1e6) / 1e6),
  );
  const chosen = subset.demands.map((d) => ruledBy(input, subset.rules, input.demands[d]));
  const above = input.place(
    chosen.filter((d) => d.class !== input.class),
    whole,
  );
  const taken = new Float64Array(capacity.length);
  for (const { loadMbps } of above) loadMbps.forEach((l, a) => (taken[a] += l));
  const left = whole.map((c, a) => Math.max(0, Math.round((c - taken[a]) * 1e6) / 1e6));
  const own = chosen.filter((d) => d.class === input.class);
  const answer = { whole, heldMbps, above, left, own, placed: null };
  if (own.length === 0) return { ...answer, fits: true };
  if (mode !== 'te') {
    const [placed] = input.place(own, left);
    return { ...answer, placed, fits: placed.demands.every(isWhole) };
  }
  const flows = own.map((d) => flowDemand(topology, d));
  if (routable(topology, left, flows).includes(false)) return { ...answer, fits: false };
  const { utilisation } = minMaxFlow(flowProblem(topology, left, flows), solver);
  return { ...answer, fits: utilisation <= fullRatio };
}

function ruledBy({ others }: ConflictInput, rules: readonly number[], demand: TrafficDemand): TrafficDemand {
  for (let r = 0; r < others.rules.length; r++) {
    const free = rules.includes(r) ? null : others.rules[r].relaxed(demand);
    if (free !== null) return { ...demand, request: free };
  }
  return demand;
}

function isWhole({ carriedMbps, mbps }: PlacedDemand): boolean {
  return carriedMbps >= mbps;
}

/** What is asked of each arc over the splits of demands, carried or not. */
export function offeredMbps(placed: readonly ClassPlacement[], arcCount: number): Float64Array {
  const load = new Float64Array(arcCount);
  for (const { arc, mbps } of offers(placed)) load[arc] += mbps;
  return load;
}

/** What each demand asks of each arc of each of its paths, carried or not. */
export function* offers(
  placed: readonly ClassPlacement[],
): Generator<{ readonly id: string; readonly arc: number; readonly mbps: number }> {
  for (const { demands } of placed) {
    for (const { id, mbps, paths } of demands) {
      const sum = paths.reduce((total, p) => total + p.weight, 0);
      for (const { path, weight } of paths)
        for (const arc of path.arcs) yield { id, arc, mbps: (mbps * weight) / sum };
    }
  }
}

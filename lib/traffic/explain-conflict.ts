import type { Floats, Topology } from '../graph';
import { cheapestRepair, repairOf } from './cheapest-repair';
import type { Conflict, SplitMode } from './class-placement';
import type { WeightedPath } from './deployable-split';
import { tryConflict } from './find-conflict';
import { flowProblem, leastCapacity } from './flow-problem';
import { minMaxFlow } from './min-max-flow';
import { fitsLinks } from './fits-links';
import { flowDemand } from './flow-demand';
import { routable } from './routable';
import { permittedDistance } from './price-column';
import type { Solver } from './solver';
import type { TrafficDemand } from './traffic-demand';

export interface ConflictInput {
  readonly topology: Topology;
  readonly capacity: Floats;
  readonly takenMbps: Floats;
  readonly mode: SplitMode;
  readonly solver: Solver | null;
  readonly demands: readonly TrafficDemand[];
  /** The class's split, by demand. */
  readonly paths: readonly (readonly WeightedPath[])[];
}

/** The optimum may be this much above 1 and still be rounding. */
const fullRatio = 1 + 1e-6;

/**
 * Which demands of a class cannot be carried together, on which links, and what would be the cheapest way to
 * carry the whole class. Of `te` over all permitted splits; of the other modes, whose paths do not depend
 * on load, on their fixed splits. null when all fit but for the rounding of weights.
 */
export function explainConflict(input: ConflictInput): Conflict | null {
  return input.mode === 'te' ? ofBestSplits(input) : ofFixedSplits(input);
}

function ofFixedSplits({ topology, capacity, takenMbps, demands, paths }: ConflictInput): Conflict | null {
  const load = loadOf(capacity.length, demands, paths, demands.keys());
  let smallest: readonly number[] | undefined;
  const full: number[] = [];
  for (let a = 0; a < capacity.length; a++) {
    if (!(load[a] > capacity[a] * fullRatio + leastCapacity)) continue;
    full.push(a);
    const weight = demands.map((_, d) => loadOn(a, demands[d], paths[d]));
    const set = tryConflict(Float64Array.from(weight), (list) =>
      fitsLinks(capacity, loadOf(capacity.length, demands, paths, list)),
    );
    if (set && set.demands.length < (smallest?.length ?? Infinity)) smallest = set.demands;
  }
  if (smallest === undefined) return null;
  const own = loadOf(capacity.length, demands, paths, smallest);
  const extra = load.map((l, a) => Math.max(0, l - capacity[a]));
  return {
    demands: smallest.map((d) => demands[d].id),
    mbps: smallest.reduce((sum, d) => sum + demands[d].mbps, 0),
    links: fullLinks(
      topology,
      capacity,
      takenMbps,
      full.filter((a) => own[a] > capacity[a]),
    ),
    repair: repairOf(topology, extra),
  };
}

function ofBestSplits({ topology, capacity, takenMbps, demands, solver }: ConflictInput): Conflict | null {
  const flows = demands.map((d) => flowDemand(topology, d));
  const policy = routable(topology, new Float64Array(capacity.length).fill(1), flows);
  const open = routable(topology, capacity, flows);
  const numbers = flows.map((_, i) => i).filter((i) => policy[i]);
  const asked = numbers.map((i) => flows[i]);
  const starved = numbers.filter((i) => !open[i]);
  const repair = cheapestRepair(topology, capacity, asked, solver);
  if (starved.length > 0) {
    // Full links alone keep this one away: it conflicts with the classes above, with nobody of its own.
    const [first] = starved;
    const full = Array.from(capacity as Float64Array, (_, a) => a).filter((a) => capacity[a] < leastCapacity);
    const links = fullLinks(topology, capacity, takenMbps, full);
    return { demands: [demands[first].id], mbps: demands[first].mbps, links, repair };
  }
  const problem = flowProblem(topology, capacity, asked);
  const whole = minMaxFlow(problem, solver);
  if (whole.utilisation <= fullRatio) return null;
  const length = new Float64Array(capacity.length);
  for (const l of whole.certificate.lengths) length[l.arc] = l.length;
  const distance = permittedDistance(problem, length);
  const weight = Float64Array.from(asked, ({ mbps }, k) => mbps * distance[k]);
  const answer = (list: readonly number[]) =>
    minMaxFlow(
      flowProblem(
        topology,
        capacity,
        list.map((k) => asked[k]),
      ),
      solver,
    );
  const set = tryConflict(weight, (list) => list.length === 0 || answer(list).utilisation <= fullRatio);
  if (set === undefined) return null;
  const proof = answer(set.demands).certificate.lengths.map((l) => l.arc);
  return {
    demands: set.demands.map((k) => demands[numbers[k]].id),
    mbps: set.demands.reduce((sum, k) => sum + asked[k].mbps, 0),
    links: fullLinks(topology, capacity, takenMbps, proof),
    repair,
  };
}

function loadOn(arc: number, { mbps }: TrafficDemand, paths: readonly WeightedPath[]): number {
  const sum = paths.reduce((total, p) => total + p.weight, 0);
  return paths.reduce((total, p) => total + (p.arcs.includes(arc) ? (mbps * p.weight) / sum : 0), 0);
}

function loadOf(
  arcs: number,
  demands: readonly TrafficDemand[],
  paths: readonly (readonly WeightedPath[])[],
  list: Iterable<number>,
): Float64Array {
  const load = new Float64Array(arcs);
  for (const d of list) {
    const sum = paths[d].reduce((total, p) => total + p.weight, 0);
    for (const p of paths[d]) for (const a of p.arcs) load[a] += (demands[d].mbps * p.weight) / sum;
  }
  return load;
}

function fullLinks(
  { links, link, nodes, tail, head }: Topology,
  capacity: Floats,
  takenMbps: Floats,
  arcs: readonly number[],
): Conflict['links'] {
  return arcs.map((a) => ({
    link: links[link[a]],
    from: nodes[tail[a]],
    to: nodes[head[a]],
    availableMbps: capacity[a],
    takenAboveMbps: takenMbps[a],
  }));
}

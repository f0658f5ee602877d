import { slack } from './congestion';
import type { Evaluator } from './evaluate';
import { type Event, likelyStates } from './likely-states';
import { linkPairs } from './link-pairs';
import type { PairOutcomes } from './pair-outcomes';
import { type GatewayDeaths, gatewayLosses } from './gateway-losses';
import { failureOf, linkArcs, linkFailures } from './scenario';

export interface AvailabilityOptions {
  /** Share of time a link is down, by link id: 1 - availability. Absent or null: not known. */
  readonly linkUnavailability: ReadonlyMap<string, number | null>;
  /** Used where a link's is not known; those links are named in the result. */
  readonly assumedUnavailability: number;
  /** Share of time a shared-risk group is down as a whole, a common cause beside its links' own. */
  readonly groupUnavailability?: ReadonlyMap<string, number>;
  /** States less likely than this are left out. Default 1e-7. */
  readonly cutOff?: number;
  /** Most states to evaluate; the mass left out then is stated all the same. Default 200,000. */
  readonly mostStates?: number;
  /**
   * From this many states of exactly two links on, all pairs of links are swept together (see `linkPairs`)
   * instead of one by one; the answer is the same to the last digits of a sum. Default 2,000.
   */
  readonly sweepFrom?: number;
  /** All pairs, where someone has swept them already; see `sweepsPairs`. */
  readonly pairs?: PairOutcomes | null;
  /** Gateways that die, one at a time; default: none does. */
  readonly gateways?: GatewayDeaths;
}

/**
 * The share of time in which demands are fully carried. Links and groups fail independently; gateways die one
 * at a time, and what a dead gateway and failed links do together is left out.
 */
export interface Availability {
  readonly cutOff: number;
  /** States that were evaluated. */
  readonly states: number;
  /** Share of time in these states, 0 to 1. */
  readonly coveredRatio: number;
  /** Did the most states end the sum before the cut-off? */
  readonly limited: boolean;
  /** Links whose unavailability is assumed, sorted. */
  readonly assumedLinks: readonly string[];
  /** How often each gateway is taken to die; null: none counts. */
  readonly gatewayFailuresPerYear: number | null;
  readonly demands: readonly DemandAvailability[];
}

/** Of one demand; sorted by id. */
export interface DemandAvailability {
  readonly id: string;
  /** In the states covered it is fully carried for this share of all time: at least so. */
  readonly lowerRatio: number;
  /** As if every state left out carried it. */
  readonly upperRatio: number;
}

/**
 * Sums the states of the network in order of falling probability. A demand is fully carried in a state when
 * a planned path lives and no link on its way is too full for its class (see `Outcome.congested`). Throws
 * RangeError on shares of time outside 0 to 1 and on unknown links and groups.
 */
export function availability(evaluator: Evaluator, options: AvailabilityOptions): Availability {
  const { table } = evaluator.base;
  const { cutOff = 1e-7, mostStates = 200_000, sweepFrom = 2_000 } = options;
  const { events, assumedLinks } = eventsOf(evaluator, options);
  const failing = new Float64Array(table.count);
  const unserved = Array.from({ length: table.count }, (_, f) => f).filter(
    (f) => table.partFirst[f] === table.partFirst[f + 1],
  );
  let [states, coveredRatio, limited] = [0, 0, false];
  const fail = (lasting: readonly number[], probability: number) => {
    const id = lasting.map((e) => events[e].id).join(' + ');
    const arcs = lasting.flatMap((e) => events[e].arcs);
    const outcome = evaluator.evaluate(failureOf(table.topology, 'events', id, arcs));
    for (const f of outcome.stranded) failing[f] += probability;
    for (const f of outcome.cut) failing[f] += probability;
    // What is stranded or cut carries nothing, so no flow stands in two of the lists.
    for (const { flow } of outcome.congested) failing[flow] += probability;
  };
  const links = table.topology.links.length;
  const pairs = new Map<number, number>();
  for (const { events: lasting, probability } of likelyStates(events)) {
    if (probability < cutOff) break;
    if (states >= mostStates) {
      limited = true;
      break;
    }
    states++;
    coveredRatio += probability;
    // Links stand before groups.
    if (lasting.length === 2 && lasting[1] < links) pairs.set(lasting[0] * links + lasting[1], probability);
    else fail(lasting, probability);
  }
  const each = ([pair, probability]: [number, number]) =>
    fail([Math.floor(pair / links), pair % links], probability);
  if (pairs.size < sweepFrom) [...pairs].forEach(each);
  else sweepPairs(evaluator, options.pairs ?? linkPairs(evaluator), pairs, failing).forEach(each);
  for (const f of unserved) failing[f] = coveredRatio;
  const left = Math.max(0, 1 - coveredRatio);
  const losses = gatewayLosses(evaluator, options.gateways);
  const spared = losses.reduce(
    (ratios, { lostRatio }) => ratios.map((r, f) => r * (1 - lostRatio[f])),
    new Float64Array(table.count).fill(1),
  );
  const flowOf = new Int32Array(table.demands.length);
  for (let f = 0; f < table.count; f++) {
    for (let i = table.demandFirst[f]; i < table.demandFirst[f + 1]; i++) flowOf[table.demand[i]] = f;
  }
  return {
    cutOff,
    states,
    coveredRatio: Math.min(1, coveredRatio),
    limited,
    assumedLinks,
    gatewayFailuresPerYear: losses.length > 0 ? options.gateways!.perYear : null,
    demands: table.demands.map(({ id }, d) => {
      const f = flowOf[d];
      const lower = Math.min(1, Math.max(0, coveredRatio - failing[f]));
      return { id, lowerRatio: lower * spared[f], upperRatio: Math.min(1, lower + left) * spared[f] };
    }),
  };
}

/** Does `availability` need all pairs of links swept? Then they can be handed in, from many threads. */
export function sweepsPairs(evaluator: Evaluator, options: AvailabilityOptions): boolean {
  const { cutOff = 1e-7, mostStates = 200_000, sweepFrom = 2_000 } = options;
  const { events } = eventsOf(evaluator, options);
  const links = evaluator.base.table.topology.links.length;
  let [states, pairs] = [0, 0];
  for (const { events: lasting, probability } of likelyStates(events)) {
    if (probability < cutOff || states++ >= mostStates) break;
    if (lasting.length === 2 && lasting[1] < links) pairs++;
    if (pairs >= sweepFrom) return true;
  }
  return sweepFrom === 0;
}

/**
 * Adds the probability of each pair of links to the flows that lose their last path by it, and gives back
 * the pairs that overload something: whom that concerns takes an evaluation.
 */
function sweepPairs(
  evaluator: Evaluator,
  { first, second, fullestRatio, newlyFirst, newly }: PairOutcomes,
  pairs: ReadonlyMap<number, number>,
  failing: Float64Array,
): [number, number][] {
  const { topology } = evaluator.base.table;
  const lost = linkFailures(topology).map((scenario) => {
    const { stranded, cut } = evaluator.evaluate(scenario);
    return [...stranded, ...cut];
  });
  const seen = new Int32Array(failing.length).fill(-1);
  const full: [number, number][] = [];
  for (let r = 0; r < first.length; r++) {
    const pair = first[r] * topology.links.length + second[r];
    const probability = pairs.get(pair);
    if (probability === undefined) continue;
    if (fullestRatio[r] > 1 + slack) {
      full.push([pair, probability]);
      continue;
    }
    for (const list of [lost[first[r]], lost[second[r]], newly.subarray(newlyFirst[r], newlyFirst[r + 1])]) {
      for (const f of list) {
        if (seen[f] !== pair) failing[f] += probability;
        seen[f] = pair;
      }
    }
  }
  return full;
}

/** Links and groups as events, by number; links stand first. */
export function eventsOf(
  { base }: Evaluator,
  { linkUnavailability, assumedUnavailability, groupUnavailability = new Map() }: AvailabilityOptions,
): { readonly events: Event[]; readonly assumedLinks: string[] } {
  const { topology } = base.table;
  const ratio = (u: number, what: string) => {
    if (!(u >= 0 && u <= 1)) throw new RangeError(`the unavailability of ${what} is a share of time, 0 to 1`);
    return u;
  };
  const assumedLinks: string[] = [];
  const events: Event[] = topology.links.map((id, l) => {
    const known = linkUnavailability.get(id) ?? null;
    if (known === null) assumedLinks.push(id);
    const unavailability = ratio(known ?? assumedUnavailability, `link '${id}'`);
    return { id, unavailability, arcs: linkArcs(topology, l) };
  });
  for (const id of [...groupUnavailability.keys()].sort()) {
    const g = topology.groups.indexOf(id);
    if (g === -1) throw new RangeError(`no shared-risk group '${id}' in the topology`);
    const { groupArc, groupArcFirst } = topology;
    const arcs = [...groupArc.slice(groupArcFirst[g], groupArcFirst[g + 1])];
    events.push({ id, unavailability: ratio(groupUnavailability.get(id)!, `group '${id}'`), arcs });
  }
  for (const id of linkUnavailability.keys()) {
    if (!topology.linkIndex.has(id)) throw new RangeError(`no link '${id}' in the topology`);
  }
  return { events, assumedLinks };
}

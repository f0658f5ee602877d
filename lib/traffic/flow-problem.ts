import type { Floats, Topology } from '../graph';
import type { Request } from '../routing';
import { compileRequest } from '../routing';

/** One demand of the solver: node numbers, and the request that says which paths it may take. */
export interface FlowDemand {
  readonly source: number;
  readonly target: number;
  /** Above 0. */
  readonly mbps: number;
  readonly request: Request;
  /** One way; null: only what the request says. */
  readonly maxLatencyMs: number | null;
}

/** Demands of one source that move together: a column of the master gives each of them one path. */
export interface Commodity {
  readonly source: number;
  /** Demand numbers; none is in two commodities. */
  readonly demands: readonly number[];
  /** The demands' common gate; null: their paths must be searched one by one. */
  readonly gate: Gate | null;
}

/** Which arcs and nodes plain shortest path searches may use. */
export interface Gate {
  /** 1: closed, by arc. Links without capacity are closed too. */
  readonly closed: Uint8Array;
  /** 1: no path passes through; it may begin or end there. */
  readonly noTransit: Readonly<Uint8Array>;
}

/** A multicommodity flow problem on a topology; nothing in it changes. */
export interface FlowProblem {
  readonly topology: Topology;
  /** Mbps by arc; arcs below `leastCapacity` carry nothing. */
  readonly capacity: Floats;
  readonly demands: readonly FlowDemand[];
  readonly commodities: readonly Commodity[];
  /** The gate of each demand's plain constraints: what a bound may rely on without the others. */
  readonly gates: readonly Gate[];
  /** Demands with a bound or a requirement that no gate expresses. */
  readonly special: readonly boolean[];
}

/** Capacity below this is none: a millionth of a Mbps is a bit per second. */
export const leastCapacity = 1e-6;

/** Up to so many demands each is by default a commodity of its own: more rows, but far fewer rounds. */
const mostOwnCommodities = 400;

/** How demands are grouped. */
export interface Grouping {
  /** Links without capacity are open, for questions about adding some. Default false. */
  readonly openFull?: boolean;
  /** Demands of different numbers never share a commodity. Default: all may. */
  readonly groupOf?: (demand: number) => number;
  /** Up to so many demands each is a commodity of its own. Default 400. */
  readonly mostOwn?: number;
}

/**
 * Groups demands into commodities. Without further constraints all demands of a source share one (the columns
 * are trees), so that n sources make n rows whatever the number of demands. O(demands + m) for each
 * distinct request.
 */
export function flowProblem(
  topology: Topology,
  capacity: Floats,
  demands: readonly FlowDemand[],
  { openFull = false, groupOf = () => 0, mostOwn = mostOwnCommodities }: Grouping = {},
): FlowProblem {
  const known = new Map<string, Gate>();
  const byRequest = new Map<Request, Gate>();
  const gateOf = (request: Request): Gate => {
    let gate = byRequest.get(request);
    if (gate !== undefined) return gate;
    const closed = Uint8Array.from(request.key as Float64Array, (k, a) =>
      k === Infinity || (!openFull && capacity[a] < leastCapacity) ? 1 : 0,
    );
    const name = `${closed.join('')} ${request.noTransit.join('')}`;
    gate = known.get(name) ?? { closed, noTransit: request.noTransit };
    known.set(name, gate);
    byRequest.set(request, gate);
    return gate;
  };
  const gates = demands.map((d) => gateOf(d.request));
  const special = demands.map(
    ({ request, maxLatencyMs }) =>
      request.required > 0 ||
      request.impossible ||
      request.maxHops < Infinity ||
      request.maxLatency < Infinity ||
      maxLatencyMs !== null,
  );
  const own = demands.length <= mostOwn;
  const groups = new Map<string, { source: number; demands: number[]; gate: Gate | null }>();
  const numbers = new Map([...known.values()].map((gate, i) => [gate, i]));
  demands.forEach((d, i) => {
    const name = own
      ? `d${i}`
      : special[i]
        ? `s${d.source} ${groupOf(i)}`
        : `g${d.source} ${groupOf(i)} ${numbers.get(gates[i])!}`;
    const group = groups.get(name);
    if (group) group.demands.push(i);
    else groups.set(name, { source: d.source, demands: [i], gate: special[i] ? null : gates[i] });
  });
  const commodities = [...groups.values()];
  return { topology, capacity, demands, commodities, gates, special };
}

/** The latency bound that holds for a demand; Infinity: none. */
export function latencyBoundMs({ request, maxLatencyMs }: FlowDemand): number {
  return Math.min(maxLatencyMs ?? Infinity, request.constraints.maxLatencyMs ?? Infinity);
}

/**
 * The demand's request by metric of cost, on a topology priced by someone, with its own latency bound and the
 * gate's closed arcs.
 */
export function pricedRequest(priced: Topology, demand: FlowDemand, gate: Gate): Request {
  const bound = latencyBoundMs(demand);
  const request = compileRequest(priced, {
    strategy: 'cost',
    constraints: { ...demand.request.constraints, maxLatencyMs: bound === Infinity ? null : bound },
    labelLimit: demand.request.labelLimit,
  });
  const key = Float64Array.from(request.key as Float64Array, (k, a) => (gate.closed[a] === 1 ? Infinity : k));
  return { ...request, key, inKey: Float64Array.from(priced.inArc as Int32Array, (a) => key[a]) };
}

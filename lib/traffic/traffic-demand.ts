import type { Topology } from '../graph';
import type { QosClass } from '../model';
import type { Request } from '../routing';
import { compileRequest } from '../routing';

/** Traffic between two regions, with what its policy asks of its paths. */
export interface TrafficDemand {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly mbps: number;
  readonly class: QosClass;
  /** One way; null: only what the policy says. */
  readonly maxLatencyMs: number | null;
  /** Strategy and constraints, compiled for the topology; demands of one policy share one. */
  readonly request: Request;
  /** Of `ecmp` and `wecmp`, in the metric of the strategy. Absent: 0.1. */
  readonly ecmpToleranceRatio?: number;
  /** Most paths of `ecmp` and `wecmp`, within what the placement permits. Absent: no other bound. */
  readonly ecmpPaths?: number;
}

const bounded = new WeakMap<Request, Map<number, Request>>();

/** The demand's request with its own latency bound, where that is stricter than the policy's. */
export function boundedRequest(topology: Topology, { request, maxLatencyMs }: TrafficDemand): Request {
  const own = maxLatencyMs ?? Infinity;
  if (own >= (request.constraints.maxLatencyMs ?? Infinity)) return request;
  let known = bounded.get(request);
  if (!known) bounded.set(request, (known = new Map()));
  let compiled = known.get(own);
  if (!compiled) {
    const { strategy, weights, constraints, labelLimit } = request;
    const tighter = { ...constraints, maxLatencyMs: own };
    compiled = compileRequest(topology, { strategy, weights, constraints: tighter, labelLimit });
    known.set(own, compiled);
  }
  return compiled;
}

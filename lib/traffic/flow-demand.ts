import type { Topology } from '../graph';
import type { FlowDemand } from './flow-problem';
import type { TrafficDemand } from './traffic-demand';

/** The demand as the solver sees it. */
export function flowDemand(
  topology: Topology,
  { from, to, mbps, request, maxLatencyMs }: TrafficDemand,
): FlowDemand {
  const [source, target] = [topology.nodeIndex.get(from)!, topology.nodeIndex.get(to)!];
  return { source, target, mbps, request, maxLatencyMs };
}

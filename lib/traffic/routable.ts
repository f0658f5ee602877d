import type { Floats, Topology } from '../graph';
import type { FlowDemand } from './flow-problem';
import { flowProblem } from './flow-problem';
import { permittedDistance } from './price-column';

/** Is there a permitted path over links that have any capacity, by demand? */
export function routable(topology: Topology, capacity: Floats, flows: readonly FlowDemand[]): boolean[] {
  const ends = flows.map((d) => d.source !== d.target && d.mbps > 0);
  const asked = flows.filter((_, i) => ends[i]);
  const ones = new Float64Array(capacity.length).fill(1);
  const distance = permittedDistance(flowProblem(topology, capacity, asked), ones);
  let k = 0;
  return ends.map((end) => end && distance[k++] < Infinity);
}

import type { Answer, ConflictInput } from './ask-subset';
import { fullRatio, offeredMbps } from './ask-subset';
import type { ClassPlacement } from './class-placement';
import { flowDemand } from './flow-demand';
import { flowProblem } from './flow-problem';
import { permittedDistance } from './price-column';

/**
 * Do these lengths prove that a set cannot be carried, however it is split? They do where sum (length x what
 * holders leave) is less than sum (Mbps x shortest permitted length), a demand of `single` or `ecmp` counting
 * with the splits that it has. Otherwise the set only does not fit as it is placed, class by class.
 */
export function provesConflict(input: ConflictInput, answer: Answer, length: Float64Array): boolean {
  const { topology, capacity } = input;
  const { whole, above, own, placed } = answer;
  const size = length.reduce((sum, l, a) => sum + l * whole[a], 0);
  const classes = placed ? [...above, placed] : above;
  const fixed = classes.filter(isFixed);
  let need = offeredMbps(fixed, length.length).reduce((sum, mbps, a) => sum + mbps * length[a], 0);
  const free = new Set(classes.filter((p) => !isFixed(p)).flatMap((p) => p.demands.map((d) => d.id)));
  if (!placed) for (const { id } of own) free.add(id);
  const ruled = new Map(own.map((d) => [d.id, d]));
  const flows = input.demands
    .filter((d) => free.has(d.id))
    .map((d) => flowDemand(topology, ruled.get(d.id) ?? d));
  if (flows.length > 0) {
    const problem = flowProblem(topology, capacity, flows, { openFull: true });
    permittedDistance(problem, length).forEach((distance, i) => (need += flows[i].mbps * distance));
  }
  return need < Infinity && need > size * fullRatio;
}

/** Do the ways not depend on what else there is? */
function isFixed({ mode }: ClassPlacement): boolean {
  return mode === 'single' || mode === 'ecmp';
}

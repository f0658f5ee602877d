import type { Topology } from '../graph';
import type { AdmissionRefusal } from './admission';
import { refused } from './admission';
import type { Ask } from './ask';
import type { Interval } from './interval';
import { isAmount } from './kbps';

/**
 * The refusal of an ask that could never be admitted, or null. Throws RangeError on misuse: unknown regions,
 * a request of another topology, intervals that are not sorted and apart, candidates that are no path from
 * end to end. A negative amount is refused here, before it could raise what is free.
 */
export function checkAsk(
  topology: Topology,
  ask: Ask,
): { readonly admitted: false; readonly refusal: AdmissionRefusal } | null {
  const { id, from, to, kbps, setupPriority, holdingPriority, intervals, candidates } = ask;
  const [source, target] = [topology.nodeIndex.get(from), topology.nodeIndex.get(to)];
  if (source === undefined || target === undefined)
    throw new RangeError(
      `reservation '${id}': no region '${source === undefined ? from : to}' in the topology`,
    );
  if (ask.request.topology !== topology)
    throw new RangeError(`reservation '${id}': the request was compiled for another topology`);
  checkIntervals(id, intervals);
  for (const arcs of candidates) {
    let at = source;
    for (const arc of arcs) at = topology.tail[arc] === at ? topology.head[arc] : -1;
    // A loop would book an arc twice that was found to have room once.
    const loops = new Set(arcs.map((arc) => topology.tail[arc])).size < arcs.length;
    if (arcs.length > 0 && (at !== target || loops))
      throw new RangeError(`reservation '${id}': a candidate does not lead from '${from}' to '${to}'`);
  }
  if (!isAmount(kbps)) {
    const next = 'reserve a whole number of kbps above 0';
    return refused('bad-amount', `${kbps} kbps is no amount of bandwidth that can be reserved`, next);
  }
  const whole = [setupPriority, holdingPriority].every((p) => Number.isInteger(p) && p >= 0 && p <= 7);
  if (!whole || holdingPriority > setupPriority) {
    const message = `setup priority ${setupPriority} does not go with holding priority ${holdingPriority}`;
    const next = 'give whole numbers from 0 to 7, holding not weaker (greater) than setup (RFC 3209)';
    return refused('bad-priority', message, next);
  }
  if (intervals.length === 0)
    return refused('no-time', `the window of reservation '${id}' holds no time at all`, 'give a later until');
  return null;
}

/**
 * Throws RangeError on intervals that are empty, out of order, or overlap or touch: they would count twice.
 */
export function checkIntervals(id: string, intervals: readonly Interval[]): void {
  for (let i = 0; i < intervals.length; i++) {
    const { startMs, endMs } = intervals[i];
    if (!(startMs < endMs) || (i > 0 && startMs <= intervals[i - 1].endMs))
      throw new RangeError(`'${id}': intervals are sorted, not empty and apart`);
  }
}

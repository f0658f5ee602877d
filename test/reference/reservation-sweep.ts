import type { Holding } from '../../lib/reservation';

/**
 * The most that is held of each arc at any instant, by a sweep over everything that begins and ends: written
 * from the list of holdings alone.
 */
export function mostHeld(holdings: readonly Holding[], arcCount: number): Float64Array {
  const events: { time: number; amount: number }[][] = Array.from({ length: arcCount }, () => []);
  for (const { arcs, kbps, intervals } of holdings) {
    arcs.forEach((arc, i) => {
      for (const { startMs, endMs } of intervals) {
        events[arc].push({ time: startMs, amount: kbps[i] }, { time: endMs, amount: -kbps[i] });
      }
    });
  }
  return Float64Array.from(events, (list) => {
    // What ends makes room for what begins at the same instant.
    list.sort((a, b) => (a.time === b.time ? a.amount - b.amount : a.time - b.time));
    let [held, most] = [0, 0];
    for (const { amount } of list) {
      held += amount;
      most = Math.max(most, held);
    }
    return most;
  });
}

import type { Answer, ConflictInput, Subset } from './ask-subset';
import { askSubset, offers } from './ask-subset';
import { roundingRatio } from './fits-links';
import { leastCapacity } from './flow-problem';

/**
 * By arc, the fewest demands and holders that can be too much for it, the heaviest first; Infinity where all
 * together are not. Of fixed splits a set in conflict overloads an arc, so it has at least as many as the
 * least of these. A demand counts as heavy as it is with its rule or without.
 */
export function fewestMembers(input: ConflictInput, everyone: Subset, answer: Answer): Float64Array {
  const { capacity, others } = input;
  const weights = Array.from({ length: capacity.length }, (): number[] => []);
  const ruled = loadsOf(answer);
  const free = everyone.rules.length > 0 ? loadsOf(askSubset(input, { ...everyone, rules: [] })) : ruled;
  for (const d of everyone.demands) {
    const { id } = input.demands[d];
    const [load, more] = [ruled.get(id) ?? new Map<number, number>(), free.get(id)];
    for (const [a, mbps] of load) weights[a].push(Math.max(mbps, more?.get(a) ?? 0));
    for (const [a, mbps] of more ?? []) if (!load.has(a)) weights[a].push(mbps);
  }
  for (const h of everyone.holders)
    others.heldMbps([h]).forEach((mbps, a) => mbps > 0 && weights[a].push(mbps));
  return Float64Array.from(weights, (list, a) => {
    let [sum, count] = [0, 0];
    for (const mbps of list.sort((x, y) => y - x)) {
      count++;
      if ((sum += mbps) > capacity[a] * (1 + roundingRatio) + leastCapacity) return count;
    }
    return Infinity;
  });
}

/** What each demand asks of each arc that it uses. */
function loadsOf({ above, placed }: Answer): ReadonlyMap<string, ReadonlyMap<number, number>> {
  const found = new Map<string, Map<number, number>>();
  for (const { id, arc, mbps } of offers(placed ? [...above, placed] : above)) {
    let load = found.get(id);
    if (!load) found.set(id, (load = new Map()));
    load.set(arc, (load.get(arc) ?? 0) + mbps);
  }
  return found;
}

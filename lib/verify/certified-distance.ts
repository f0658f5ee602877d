import { everything } from './best-path';
import { distances } from './distances';
import { labelSearch, newEffort } from './label-search';
import { closing, type Rules } from './rules';
import type { World } from './world';

/** The least length of a permitted path from a region to another; Infinity: there is none. */
export type CertifiedDistance = (rules: Rules, from: string, to: string) => number;

/** Distances by lengths of lanes, over lanes that are not closed. Rules are worked out once and kept. */
export function certifiedDistances(
  world: World,
  length: readonly number[],
  closed: (lane: number) => boolean,
): CertifiedDistance {
  const priced = new Map<Rules, Rules>();
  return (rules, from, to) => {
    const [source, target] = [world.nodeOf.get(from)!, world.nodeOf.get(to)!];
    let by = priced.get(rules);
    if (!by) {
      const open = closing(rules, closed);
      const key = length.map((l, n) => (open.key[n] === Infinity ? Infinity : l));
      priced.set(rules, (by = { ...open, widest: false, key }));
    }
    const free = distances(world, by, target, 'key')[source];
    const bounded = by.maxLatency < Infinity || by.maxHops < Infinity || by.required.length > 0;
    if (!bounded || free === Infinity) return free;
    const effort = newEffort();
    for (const { key } of labelSearch(world, { rules: by, source, target }, effort, everything, 'first'))
      return key;
    // Without the bounds the shortest way is no longer: the bound that it gives is weaker, and still true.
    return effort.gaveUp ? free : Infinity;
  };
}

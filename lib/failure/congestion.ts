import { qosClasses } from '../model';
import type { BaseState } from './base-state';
import type { ArcUse, CongestedFlow } from './outcome';
import type { Placement } from './place-flow';

/** Above its capacity by more than this ratio an arc is overloaded: less is rounding to whole units. */
export const slack = 1e-6;

/** What the finder reads of a scenario; working memory of the evaluator. */
export interface Moved {
  /** 1: the flow was on a dead arc. */
  readonly affected: Uint8Array;
  /** The affected flows that did not end with their region. */
  readonly list: readonly number[];
  readonly capacity: Float64Array;
  /** Where an affected flow is now. */
  place(f: number): Placement;
}

/**
 * Finds the flows that overloaded arcs do not carry whole: such an arc serves classes in strict priority, so
 * the first class that does not fit, and all after it, are cut. O(flows on these arcs + paths of the moved).
 */
export function newCongestion(
  base: BaseState,
): (overloaded: readonly ArcUse[], moved: Moved) => CongestedFlow[] {
  const { table, flowFirst, flow } = base;
  const { paths, partFirst, partPath, partUnits, units, rank } = table;
  const classes = qosClasses.length;
  const arcOf = new Int32Array(table.count).fill(-1);
  const slot = new Int32Array(table.topology.arcCount).fill(-1);

  /** Units of flow f on an arc without failures. */
  const unitsOn = (f: number, arc: number) => {
    if (partFirst[f + 1] - partFirst[f] === 1) return units[f];
    let sum = 0;
    for (let p = partFirst[f]; p < partFirst[f + 1]; p++) {
      for (let i = paths.first[partPath[p]]; i < paths.first[partPath[p] + 1]; i++) {
        if (paths.arc[i] === arc) sum += partUnits[p];
      }
    }
    return sum;
  };
  const eachUse = (
    overloaded: readonly ArcUse[],
    { affected, list, place }: Moved,
    use: (s: number, f: number, amount: number) => void,
  ) => {
    overloaded.forEach(({ arc }, s) => {
      for (let i = flowFirst[arc]; i < flowFirst[arc + 1]; i++) {
        const f = flow[i];
        if (affected[f] === 0 && units[f] > 0) use(s, f, unitsOn(f, arc));
      }
    });
    for (const f of list) {
      if (units[f] === 0) continue;
      const { count, path, units: amounts } = place(f);
      for (let p = 0; p < count; p++) {
        for (let i = paths.first[path[p]], end = paths.first[path[p] + 1]; i < end; i++) {
          const s = slot[paths.arc[i]];
          if (s !== -1) use(s, f, amounts[p]);
        }
      }
    }
  };

  return (overloaded, moved) => {
    if (overloaded.length === 0) return [];
    const byRank = new Float64Array(overloaded.length * classes);
    const firstCut = new Uint8Array(overloaded.length);
    overloaded.forEach(({ arc }, s) => (slot[arc] = s));
    eachUse(overloaded, moved, (s, f, amount) => (byRank[s * classes + rank[f]] += amount));
    overloaded.forEach(({ arc }, s) => {
      let sum = byRank[s * classes];
      while (firstCut[s] < classes && sum <= moved.capacity[arc] * (1 + slack)) {
        sum += byRank[s * classes + ++firstCut[s]];
      }
    });
    const found: number[] = [];
    eachUse(overloaded, moved, (s, f, amount) => {
      if (amount === 0 || rank[f] < firstCut[s]) return;
      if (arcOf[f] === -1) found.push(f);
      if (arcOf[f] === -1 || overloaded[s].arc < arcOf[f]) arcOf[f] = overloaded[s].arc;
    });
    const flows = Int32Array.from(found).sort();
    const result = Array.from(flows, (f) => ({ flow: f, arc: arcOf[f] }));
    for (const f of found) arcOf[f] = -1;
    for (const { arc } of overloaded) slot[arc] = -1;
    return result;
  };
}

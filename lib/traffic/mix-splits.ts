import type { WeightedPath } from './deployable-split';
import { fullestArc, lay, loadOf, movedOf, sharesOf, type SplitChoice } from './split-choice';

type Paths = readonly WeightedPath[];

/**
 * Gives every demand its previous split or the one chosen anew: all that can stand stand; then, while a
 * link is too full, one demand on the fullest is moved, the one that empties it most for the Mbps that it
 * moves; at last those return, the largest first, that were moved for nothing. Ends within the limit if the
 * splits chosen anew do: where a link is too full, someone loads it more than he would anew. undefined:
 * they do not.
 */
export function mixSplits(choice: SplitChoice): readonly Paths[] | undefined {
  const { capacity, mbps, afresh, before } = choice;
  const stands = afresh.map((_, i) => before[i]?.fault === null);
  const paths = afresh.map((list, i) => (stands[i] ? before[i]!.paths : list));
  const load = loadOf(capacity, mbps, paths);
  const moved: number[] = [];
  const swap = (i: number, to: Paths) => {
    lay(load, -mbps[i], paths[i]);
    paths[i] = to;
    lay(load, mbps[i], to);
  };
  for (let full = fullestArc(choice, load); full !== -1; full = fullestArc(choice, load)) {
    let [best, bestGain] = [-1, 0];
    for (let i = 0; i < paths.length; i++) {
      if (!stands[i]) continue;
      const gain = (loadOn(full, paths[i]) - loadOn(full, afresh[i])) * mbps[i];
      const each = gain / Math.max(movedOf(choice, i, afresh[i]), 1e-12);
      if (gain > 1e-12 * capacity[full] && each > bestGain * (1 + 1e-12)) [best, bestGain] = [i, each];
    }
    if (best === -1) return undefined;
    stands[best] = false;
    moved.push(best);
    swap(best, afresh[best]);
  }
  const size = (i: number) => movedOf(choice, i, afresh[i]);
  moved.sort((x, y) => size(y) - size(x) || x - y);
  for (const i of moved) {
    swap(i, before[i]!.paths);
    if (fullestArc(choice, load) !== -1) swap(i, afresh[i]);
  }
  return fullestArc(choice, loadOf(capacity, mbps, paths)) === -1 ? paths : undefined;
}

/** The part of a demand that crosses an arc. */
function loadOn(arc: number, paths: Paths): number {
  return sharesOf(paths).reduce((sum, { arcs, share }) => sum + (arcs.includes(arc) ? share : 0), 0);
}

import type { Floats } from '../graph';

/**
 * Numbers of members, rising, that do not fit together though without any one of them the others do, by the
 * deletion filter (Chinneck and Dravnieks 1991), smallest weight first, begun with the fewest heaviest
 * members that `fits` refuses. `weight` says how much each adds to the proof that they do not fit; of
 * Infinity, that it is always in that beginning. Nothing is assumed of `fits`: a member may even help others
 * to fit. undefined when all fit together.
 */
export function tryConflict(
  weight: Floats,
  fits: (members: readonly number[]) => boolean,
): readonly number[] | undefined {
  const order = Array.from(weight, (_, m) => m).sort((x, y) => compare(weight[y], weight[x]) || x - y);
  if (fits(order)) return undefined;
  let [low, high] = [1, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(order.slice(0, middle))) low = middle + 1;
    else high = middle;
  }
  let set = order.slice(0, high);
  // Again where something went: without it another may not be needed any more.
  for (let before = Infinity; set.length < before && set.length > 1;) {
    before = set.length;
    for (let i = set.length - 1; i >= 0; i--) {
      const without = set.filter((_, j) => j !== i);
      if (!fits(without)) set = without;
    }
  }
  return set.sort((x, y) => x - y);
}

/** Infinity is equal to itself. */
function compare(x: number, y: number): number {
  return x === y ? 0 : x - y;
}

/** Members that do not fit together. */
export interface ConflictSet {
  readonly members: readonly number[];
  /** Was every smaller set tried, and does it fit? */
  readonly smallest: boolean;
}

/**
 * Looks for a smaller set that does not fit among the first `count` numbers: every one of a size before the
 * next size, while `mostQuestions` last for all of it.
 */
export function leastConflict(
  count: number,
  set: readonly number[],
  fits: (members: readonly number[]) => boolean,
  mostQuestions: number,
): ConflictSet {
  let left = mostQuestions;
  for (let size = 1; size < set.length; size++) {
    left -= choose(count, size);
    if (left < 0) return { members: set, smallest: false };
    for (const some of subsets(count, size)) if (!fits(some)) return { members: some, smallest: true };
  }
  return { members: set, smallest: true };
}

/** Every choice of so many of the first `count` numbers, in order. */
function* subsets(count: number, size: number): Generator<readonly number[]> {
  const chosen = Array.from({ length: size }, (_, i) => i);
  for (;;) {
    yield chosen.slice();
    let i = size - 1;
    while (i >= 0 && chosen[i] === count - size + i) i--;
    if (i < 0) return;
    chosen[i]++;
    for (let j = i + 1; j < size; j++) chosen[j] = chosen[j - 1] + 1;
  }
}

function choose(n: number, k: number): number {
  let ways = 1;
  for (let i = 0; i < k && ways < 1e9; i++) ways = (ways * (n - i)) / (i + 1);
  return ways;
}

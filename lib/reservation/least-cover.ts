/** Something that may be given up: how much it holds and how strongly (0 strongest to 7). */
export interface CoverItem {
  readonly kbps: number;
  readonly holdingPriority: number;
}

/** At least this much must be given up among these items, by number. */
export interface CoverNeed {
  readonly items: readonly number[];
  readonly kbps: number;
}

/** The items given up, rising; `proven`: no other choice gives up less bandwidth. */
export interface Cover {
  readonly items: readonly number[];
  readonly totalKbps: number;
  readonly proven: boolean;
}

/** Up to this many items the search is exact, unless it passes `mostNodes`; beyond, greedy. */
const mostItems = 24;
const mostNodes = 20_000;

/**
 * The items to give up so that every need is met: the least bandwidth in total; of equal totals the least
 * from the strongest holding priorities; then the fewest items; then the first in order. Undefined when all
 * items together are not enough. Exact by branch and bound up to `mostItems` items, from the greedy choice
 * as the first answer. Equal items in equal needs are only told apart by rank.
 */
export function leastCover(items: readonly CoverItem[], needs: readonly CoverNeed[]): Cover | undefined {
  const sum = (list: readonly number[]) => list.reduce((total, i) => total + items[i].kbps, 0);
  if (needs.some((need) => sum(need.items) < need.kbps)) return undefined;
  const first = greedy(items, needs);
  const least = needs.reduce((most, need) => Math.max(most, need.kbps), 0);
  if (items.length > mostItems) return { items: first, totalKbps: sum(first), proven: sum(first) === least };
  const { best, complete } = branch(items, needs, first);
  return { items: best, totalKbps: sum(best), proven: complete || sum(best) === least };
}

/** Best coverage for its size first; then what turned out not to be needed is kept after all. */
function greedy(items: readonly CoverItem[], needs: readonly CoverNeed[]): number[] {
  const left = needs.map((need) => need.kbps);
  const at = needsByItem(items, needs);
  const chosen = new Set<number>();
  while (left.some((kbps) => kbps > 0)) {
    let next = -1;
    let most = 0;
    items.forEach(({ kbps, holdingPriority }, i) => {
      if (chosen.has(i)) return;
      const worth = at[i].reduce((total, n) => total + Math.max(0, Math.min(left[n], kbps)), 0) / kbps;
      const weaker = worth === most && next >= 0 && holdingPriority > items[next].holdingPriority;
      if (worth > most || weaker) [next, most] = [i, worth];
    });
    chosen.add(next);
    for (const n of at[next]) left[n] -= items[next].kbps;
  }
  const largestFirst = [...chosen].sort(
    (a, b) => items[b].kbps - items[a].kbps || items[a].holdingPriority - items[b].holdingPriority || a - b,
  );
  for (const i of largestFirst) {
    if (at[i].some((n) => left[n] + items[i].kbps > 0)) continue;
    chosen.delete(i);
    for (const n of at[i]) left[n] += items[i].kbps;
  }
  return [...chosen].sort((a, b) => a - b);
}

function branch(
  items: readonly CoverItem[],
  needs: readonly CoverNeed[],
  first: readonly number[],
): { best: readonly number[]; complete: boolean } {
  const at = needsByItem(items, needs);
  const sign = at.map((list) => list.join());
  // Large ones first; what is alike stands together, the one to give up first in front.
  const order = items
    .map((_, i) => i)
    .sort(
      (a, b) =>
        items[b].kbps - items[a].kbps ||
        (sign[a] < sign[b] ? -1 : sign[a] > sign[b] ? 1 : 0) ||
        items[b].holdingPriority - items[a].holdingPriority ||
        a - b,
    );
  const alike = order.map((i, k) => {
    const before = order[k - 1];
    return k > 0 && items[before].kbps === items[i].kbps && sign[before] === sign[i];
  });
  const left = needs.map((need) => need.kbps);
  const possible = needs.map((need) => need.items.reduce((total, i) => total + items[i].kbps, 0));
  const chosen: number[] = [];
  let best = first;
  let bestTotal = first.reduce((total, i) => total + items[i].kbps, 0);
  let nodes = 0;
  const visit = (k: number, total: number, tookLast: boolean): void => {
    if (++nodes > mostNodes) return;
    const lacking = left.reduce((most, kbps) => Math.max(most, kbps), 0);
    if (total + lacking > bestTotal) return;
    if (lacking === 0) {
      const found = [...chosen].sort((a, b) => a - b);
      if (total === bestTotal && compareChoices(items, found, best) >= 0) return;
      [best, bestTotal] = [found, total];
      return;
    }
    if (k === order.length || left.some((kbps, n) => kbps > possible[n])) return;
    const i = order[k];
    const { kbps } = items[i];
    for (const n of at[i]) possible[n] -= kbps;
    if ((tookLast || !alike[k]) && at[i].some((n) => left[n] > 0)) {
      chosen.push(i);
      for (const n of at[i]) left[n] -= kbps;
      visit(k + 1, total + kbps, true);
      for (const n of at[i]) left[n] += kbps;
      chosen.pop();
    }
    visit(k + 1, total, false);
    for (const n of at[i]) possible[n] += kbps;
  };
  visit(0, 0, true);
  return { best, complete: nodes <= mostNodes };
}

/**
 * Which of two choices of equal bandwidth to prefer, negative for `a`: less from the strongest holding
 * priorities, then fewer, then the first in order.
 */
export function compareChoices(
  items: readonly CoverItem[],
  a: readonly number[],
  b: readonly number[],
): number {
  for (let p = 0; p < 8; p++) {
    const from = (list: readonly number[]) =>
      list.reduce((total, i) => total + (items[i].holdingPriority === p ? items[i].kbps : 0), 0);
    const difference = from(a) - from(b);
    if (difference !== 0) return difference;
  }
  if (a.length !== b.length) return a.length - b.length;
  const k = a.findIndex((i, j) => i !== b[j]);
  return k === -1 ? 0 : a[k] - b[k];
}

function needsByItem(items: readonly CoverItem[], needs: readonly CoverNeed[]): number[][] {
  const at: number[][] = items.map(() => []);
  needs.forEach((need, n) => need.items.forEach((i) => at[i].push(n)));
  return at;
}

import { byText } from '../diagnostics';
import { newProblem } from '../routing/problem';
import { Ranking } from '../routing/ranking';
import { everything, solve } from '../routing/solve';
import type { Ask } from './ask';
import type { CoverItem } from './least-cover';
import { compareChoices, leastCover } from './least-cover';
import type { Holding, Ledger } from './ledger';
import type { ArcNeeds } from './preemption-needs';
import { preemptionNeeds } from './preemption-needs';

/** A path and who must leave for it. */
export interface Preemption {
  readonly arcs: readonly number[];
  /** By id, at least one. */
  readonly victims: readonly Holding[];
  readonly totalKbps: number;
  /** No smaller set makes room on this path. */
  readonly proven: boolean;
}

/** Most paths for which victims are chosen, besides the planned candidates. */
const mostPaths = 24;
/** Penalty of an arc that preemption cannot free; sums along a path stay exact and show it. */
const blocked = 2 ** 43;

/**
 * The preemption that makes room for an ask over a whole path: the least victim bandwidth in total, then the
 * least from the strongest holding priorities, then the fewest, then the first path. Paths are the planned
 * candidates and then up to `mostPaths` in order of the sum of what each arc needs, a guide that looks only
 * at the arcs it meets; a path whose greatest need alone is more than the best answer is passed over. Changes
 * nothing. undefined: no path can be freed (of a constrained search that gave up: none was found).
 */
export function choosePreemption(ledger: Ledger, ask: Ask): Preemption | undefined {
  const { topology } = ledger.calendar;
  const penalty = new Float64Array(topology.arcCount);
  const known: (ArcNeeds | null)[] = [];
  const needsOf = (arc: number): ArcNeeds | null => {
    const cached = known[arc];
    if (cached !== undefined) return cached;
    const needs = preemptionNeeds(ledger, ask, arc) ?? null;
    penalty[arc] = needs === null ? blocked : Math.min(needs.leastKbps, 2 ** 33);
    return (known[arc] = needs);
  };

  let best: Preemption | undefined;
  const consider = (arcs: readonly number[]): void => {
    const found = victimsOn(arcs, needsOf, best?.totalKbps ?? Infinity);
    if (found !== undefined && (best === undefined || comparePreemptions(found, best) < 0)) best = found;
  };
  for (const arcs of ask.candidates) if (arcs.length > 0) consider(arcs);

  const source = topology.nodeIndex.get(ask.from)!;
  const target = topology.nodeIndex.get(ask.to)!;
  // Needs of arcs not met yet count as nothing, so the first path without any such arc has the least sum.
  for (let unknown = true; unknown;) {
    const first = solve(newProblem(ask.request, target, penalty, true), source, everything);
    if (first === null || first.penalty >= blocked) return best;
    unknown = false;
    for (const arc of first.arcs) {
      unknown ||= known[arc] === undefined;
      needsOf(arc);
    }
  }
  const ranking = new Ranking(newProblem(ask.request, target, penalty.slice(), true), source);
  for (let i = 0; i < mostPaths; i++) {
    const next = ranking.next();
    if (next === null) break;
    consider(next.arcs);
  }
  return best;
}

function victimsOn(
  arcs: readonly number[],
  needsOf: (arc: number) => ArcNeeds | null,
  mostKbps: number,
): Preemption | undefined {
  const needs = [];
  for (const arc of arcs) {
    const own = needsOf(arc);
    if (own === null || own.leastKbps > mostKbps) return undefined;
    needs.push(...own.needs);
  }
  const holdings = [...new Set(needs.flatMap((need) => need.holdings))].sort((a, b) => byText(a.id, b.id));
  const number = new Map(holdings.map((h, i) => [h, i]));
  const cover = leastCover(
    holdings.map(itemOf),
    needs.map((need) => ({ items: need.holdings.map((h) => number.get(h)!), kbps: need.kbps })),
  );
  if (cover === undefined || cover.items.length === 0) return undefined;
  const { totalKbps, proven } = cover;
  return { arcs, victims: cover.items.map((i) => holdings[i]), totalKbps, proven };
}

/** Only what an ask was admitted for can be preempted, and that is the same on every arc. */
function itemOf({ kbps, holdingPriority }: Holding): CoverItem {
  return { kbps: kbps[0], holdingPriority };
}

/** Equal only when the same holdings would leave: then the first path stays. */
function comparePreemptions(a: Preemption, b: Preemption): number {
  if (a.totalKbps !== b.totalKbps) return a.totalKbps - b.totalKbps;
  const all = [...new Set([...a.victims, ...b.victims])].sort((x, y) => byText(x.id, y.id));
  const numbers = (list: readonly Holding[]) => list.map((h) => all.indexOf(h));
  return compareChoices(all.map(itemOf), numbers(a.victims), numbers(b.victims));
}

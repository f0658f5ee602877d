import { byText } from '../diagnostics';
import { qosClasses } from '../model';
import type { Ask } from './ask';
import { intervalsBetween, intervalsMeet, isWithin } from './interval';
import type { Holding, Ledger } from './ledger';

/** Of these holdings at least so much must go, or the ask does not fit one arc at one time. */
export interface Need {
  /** By id. */
  readonly holdings: readonly Holding[];
  readonly kbps: number;
}

/** What must go from one arc; no needs: the ask fits as it is. */
export interface ArcNeeds {
  readonly needs: readonly Need[];
  /** The greatest single need: no choice of victims gives up less. */
  readonly leastKbps: number;
}

/**
 * What would have to be preempted on an arc for an ask to fit: only holdings weaker than its setup priority
 * (RFC 3209 section 4.7.3). undefined: even all of them would not be enough. O(stretches x holdings).
 */
export function preemptionNeeds(ledger: Ledger, ask: Ask, arc: number): ArcNeeds | undefined {
  const { calendar } = ledger;
  const { kbps, intervals } = ask;
  if (calendar.has(arc, ask.class, intervals, kbps)) return { needs: [], leastKbps: 0 };
  const weaker = ledger
    .on(arc)
    .filter((h) => h.holdingPriority > ask.setupPriority && intervalsMeet(h.intervals, intervals))
    .sort((a, b) => byText(a.id, b.id));
  const needs = new Map<string, Need>();
  let possible = true;
  calendar.forEachExcess(arc, ask.class, intervals, kbps, (pool, from, to, excessKbps) => {
    if (!possible) return;
    const inPool = weaker.filter(
      (h) =>
        calendar.poolHolds[pool][qosClasses.indexOf(h.class)] &&
        intervalsBetween(h.intervals, from, to).length > 0,
    );
    // Two holdings of one size that follow each other make no step, so the stretch is cut where any changes.
    const cuts = new Set([from]);
    for (const { intervals: held } of inPool) {
      for (const { startMs, endMs } of intervalsBetween(held, from, to)) {
        if (startMs > from && startMs < to) cuts.add(startMs);
        if (endMs > from && endMs < to) cuts.add(endMs);
      }
    }
    for (const time of cuts) {
      const active = inPool.filter((h) => isWithin(h.intervals, time));
      if (active.reduce((sum, h) => sum + amountOn(h, arc), 0) < excessKbps) possible = false;
      const name = active.map((h) => h.id).join('\n');
      if (excessKbps > (needs.get(name)?.kbps ?? 0)) needs.set(name, { holdings: active, kbps: excessKbps });
    }
  });
  if (!possible) return undefined;
  const list = [...needs.values()];
  return { needs: list, leastKbps: list.reduce((most, need) => Math.max(most, need.kbps), 0) };
}

function amountOn(holding: Holding, arc: number): number {
  return holding.kbps[holding.arcs.indexOf(arc)];
}

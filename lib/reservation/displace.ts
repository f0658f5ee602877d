import { byText } from '../diagnostics';
import type { Ask } from './ask';
import { choosePreemption } from './choose-preemption';
import { feasiblePath } from './feasible-path';
import type { Holding, Ledger } from './ledger';

/** A reservation that lost its path to another, and where it went. */
export interface Displacement {
  readonly id: string;
  /** The reservation that took its bandwidth. */
  readonly by: string;
  readonly kbps: number;
  /** Arcs before, and after; null: no place was left, the reservation is gone. */
  readonly before: readonly number[];
  readonly after: readonly number[] | null;
}

/** Reservations displaced by one admission after which those still to be re-placed preempt no others. */
export const defaultCascadeLimit = 64;

/** Takes victims out and puts the newcomer in their place. */
export function takePlace(
  ledger: Ledger,
  newcomer: Ask,
  arcs: readonly number[],
  victims: readonly Holding[],
): Displacement[] {
  for (const victim of victims) ledger.take(victim);
  ledger.place(newcomer, arcs);
  return victims.map(({ id, ask, arcs: before }) => ({
    id,
    by: newcomer.id,
    kbps: ask!.kbps,
    before,
    after: null,
  }));
}

/**
 * Takes victims out, puts the newcomer in their place, and finds new paths for the victims, strongest setup
 * priority first, then by id; a victim may preempt weaker ones in turn. Every victim's setup priority is
 * weaker than that of who took its place (its holding priority is, and setup is never stronger than holding),
 * so who is re-placed is never displaced again: the cascade ends without a loop, after seven steps in depth
 * at most. `cascadeLimit` bounds its width. In the order in which they were re-placed.
 */
export function displace(
  ledger: Ledger,
  newcomer: Ask,
  arcs: readonly number[],
  victims: readonly Holding[],
  cascadeLimit: number,
): Displacement[] {
  const queue: { readonly victim: Holding; readonly by: string }[] = [];
  let displaced = 0;
  const settle = (ask: Ask, path: readonly number[], leaving: readonly Holding[]): void => {
    takePlace(ledger, ask, path, leaving);
    for (const victim of leaving) queue.push({ victim, by: ask.id });
    displaced += leaving.length;
    queue.sort(
      (a, b) => a.victim.ask!.setupPriority - b.victim.ask!.setupPriority || byText(a.victim.id, b.victim.id),
    );
  };
  settle(newcomer, arcs, victims);
  const done: Displacement[] = [];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { victim, by } = next;
    const ask = victim.ask!;
    let after = feasiblePath(ledger.calendar, ask).arcs;
    if (after !== null) settle(ask, after, []);
    else if (displaced < cascadeLimit && ask.setupPriority < 7) {
      const preemption = choosePreemption(ledger, ask);
      if (preemption !== undefined && displaced + preemption.victims.length <= cascadeLimit) {
        after = preemption.arcs;
        settle(ask, after, preemption.victims);
      }
    }
    done.push({ id: victim.id, by, kbps: ask.kbps, before: victim.arcs, after });
  }
  return done;
}

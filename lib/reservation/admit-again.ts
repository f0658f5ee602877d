import { byText } from '../diagnostics';
import type { Admission } from './admission';
import type { AdmissionAuthority, AdmitOptions } from './admission-authority';
import type { Outcome } from './admit-all';
import type { Ask } from './ask';

/** Answers in a network that already carried some of the asks. */
export interface AdmittedAgain {
  /** By id; of one that was displaced, what it got instead. */
  readonly outcomes: readonly Outcome[];
  /** Who took their place, by the id of those that were displaced. */
  readonly displaced: ReadonlyMap<string, string>;
}

/**
 * Admits asks of which some held a path before. Those come first, on that path, strongest holding priority
 * first, then setup priority, then id. Then all others by setup priority, those that held a path first, then
 * by id: on what is free, else by preemption of who holds with a weaker priority (RFC 3209 section 4.7.3).
 * So a newcomer takes nothing from an equal or a stronger one. Who is displaced asks again when its own turn
 * comes. All who can displace it have had theirs by then, so nobody is displaced twice, and whoever is
 * refused finds no room at the end either.
 *
 * @param before the arcs that an ask held, by id, where they exist and its policy permits them.
 */
export function admitAgain(
  authority: AdmissionAuthority,
  asks: readonly Ask[],
  before: ReadonlyMap<string, readonly number[]>,
  options: AdmitOptions = {},
): AdmittedAgain {
  const outcomes = new Map<string, Admission>();
  const displaced = new Map<string, string>();
  const strongest = (a: Ask, b: Ask) =>
    a.holdingPriority - b.holdingPriority || a.setupPriority - b.setupPriority || byText(a.id, b.id);
  const standing: Ask[] = [];
  for (const ask of asks.filter((a) => before.has(a.id)).sort(strongest)) {
    const admission = tryStay(authority, ask, before, standing);
    if (admission === undefined) continue;
    standing.push(ask);
    outcomes.set(ask.id, admission);
  }
  const stands = new Set(standing);
  const rank = (a: Ask) => (before.has(a.id) ? 0 : 1);
  const inTurn = (a: Ask, b: Ask) =>
    a.setupPriority - b.setupPriority || rank(a) - rank(b) || byText(a.id, b.id);
  const queue = asks.filter((a) => !stands.has(a)).sort(inTurn);
  const asked = new Map(asks.map((a) => [a.id, a]));
  for (let ask = queue.shift(); ask !== undefined; ask = queue.shift()) {
    const admission = authority.admit(ask, { ...options, replace: false });
    outcomes.set(ask.id, admission);
    if (!admission.admitted || admission.displaced.length === 0) continue;
    for (const { id, by } of admission.displaced) {
      displaced.set(id, by);
      queue.push(asked.get(id)!);
    }
    queue.sort(inTurn);
  }
  const sorted = [...outcomes].sort(([a], [b]) => byText(a, b));
  return { outcomes: sorted.map(([id, admission]) => ({ id, admission })), displaced };
}

/**
 * Puts an ask on the path it had. Where critical ones that stand already take part of the headroom for the
 * others, they are put back behind it: all of them stood together before, in whatever order they came.
 */
function tryStay(
  authority: AdmissionAuthority,
  ask: Ask,
  before: ReadonlyMap<string, readonly number[]>,
  standing: readonly Ask[],
): Admission | undefined {
  const stay = (a: Ask) => authority.tryAdmitOn(a, before.get(a.id)!);
  const first = stay(ask);
  if (first !== undefined || ask.class === 'critical') return first;
  const critical = standing.filter((a) => a.class === 'critical');
  for (const { id } of critical) authority.release(id);
  const second = stay(ask);
  if (second !== undefined && critical.every((a) => stay(a) !== undefined)) return second;
  for (const { id } of [ask, ...critical]) authority.release(id);
  for (const a of critical) stay(a);
  return undefined;
}

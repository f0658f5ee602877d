import type { Policy, QosClass, StrategyName } from '../model';
import { byClass, qosClasses } from '../model/qos';
import { bestPath } from './best-path';
import { closing, rulesOf, type Rules } from './rules';
import type { World } from './world';

/** Strategy of a class where no policy says otherwise; undefined for what is not a class. */
const usual = byClass((_, facts) => facts.strategy);

/** What rules a pair in a class. */
export interface Ruling {
  readonly policy: Policy | null;
  readonly strategy: StrategyName;
}

/** Which policy rules whom, and the rules that follow. */
export interface RuleBook {
  ruling(from: string, to: string, qos: QosClass): Ruling;
  /** With links on standby open. `maxLatencyMs`: a bound of the demand's own, where it is stricter. */
  allRules(ruling: Ruling, maxLatencyMs?: number | null): Rules;
  /** The same for one pair: links on standby are closed where it has a path without. */
  rules(
    pair: { readonly from: string; readonly to: string },
    ruling: Ruling,
    maxLatencyMs?: number | null,
  ): Rules;
}

/**
 * The policy of the highest priority rules, then the most specific, then the first by id; without one the
 * class's usual strategy.
 */
export function ruleBook(world: World): RuleBook {
  const given = (side: readonly unknown[]) => (side.length > 0 ? 1 : 0);
  const specific = (p: Policy) =>
    given(p.from) + given(p.to) + (p.classes.length < qosClasses.length ? 1 : 0);
  const made = new Map<string, Rules>();
  const awakeOf = new Map<Rules, Rules>();
  const inForce = new Map<string, Rules>();
  const book: RuleBook = {
    ruling(from, to, qos) {
      let best: Policy | null = null;
      for (const p of world.plan.policies) {
        if (!isBetween(p, { from, to }) || !p.classes.includes(qos)) continue;
        const gain = best === null ? 1 : p.priority - best.priority || specific(p) - specific(best);
        if (gain > 0 || (gain === 0 && p.id < best!.id)) best = p;
      }
      return { policy: best, strategy: best?.strategy ?? usual[qos] };
    },
    rules({ from, to }, ruling, maxLatencyMs = null) {
      const all = book.allRules(ruling, maxLatencyMs);
      if (!world.lanes.some((l) => l.standby)) return all;
      const key = `${from} ${to} ${ruling.policy?.id ?? ''} ${ruling.strategy} ${maxLatencyMs}`;
      const known = inForce.get(key);
      if (known) return known;
      const awake = awakeOf.get(all) ?? closing(all, (n) => world.lanes[n].standby);
      awakeOf.set(all, awake);
      const way = bestPath(world, awake, world.nodeOf.get(from)!, world.nodeOf.get(to)!);
      const rules = way ? awake : all;
      inForce.set(key, rules);
      return rules;
    },
    allRules({ policy, strategy }, maxLatencyMs = null) {
      const own = Math.min(maxLatencyMs ?? Infinity, policy?.constraints.maxLatencyMs ?? Infinity);
      const key = `${policy?.id ?? ''} ${strategy} ${own}`;
      const known = made.get(key);
      if (known) return known;
      const bound = own === Infinity ? null : own;
      const constraints = policy ? { ...policy.constraints, maxLatencyMs: bound } : undefined;
      const rules = rulesOf(world, strategy, policy?.weights, constraints);
      // Without a policy nothing else is asked for.
      const full =
        policy || bound === null ? rules : { ...rules, maxLatency: Math.round(bound * rules.latencyScale) };
      made.set(key, full);
      return full;
    },
  };
  return book;
}

/** Is a pair one that a policy or objective is about? An empty side is every region. */
export function isBetween(
  scope: { readonly from: readonly string[]; readonly to: readonly string[] },
  pair: { readonly from: string; readonly to: string },
): boolean {
  return covers(scope.from, pair.from) && covers(scope.to, pair.to);
}

function covers(side: readonly string[], id: string): boolean {
  return side.length === 0 || side.includes(id);
}

import {
  classFacts,
  qosClasses,
  specificity,
  type Network,
  type Policy,
  type QosClass,
  type StrategyName,
} from '../model';

/** What rules a pair in some classes: a policy (null: the class's default) and the strategy that follows. */
export interface Ruling {
  readonly policy: Policy | null;
  readonly strategy: StrategyName;
  /** In rank order. */
  readonly classes: readonly QosClass[];
}

/**
 * Finds what rules a pair: for each class the matching policy of the highest priority, then the most
 * specific. Classes with one policy and strategy share a ruling; rulings stand in rank order of their first
 * class.
 */
export function rulingsOf(network: Network): (from: string, to: string) => readonly Ruling[] {
  const ranked = [...network.policies].sort(
    (x, y) => y.priority - x.priority || specificity(y) - specificity(x) || (x.id < y.id ? -1 : 1),
  );
  const matches = (side: readonly string[], id: string) => side.length === 0 || side.includes(id);
  return (from, to) => {
    const found = ranked.filter((p) => matches(p.from, from) && matches(p.to, to));
    const rulings = new Map<string, { policy: Policy | null; strategy: StrategyName; classes: QosClass[] }>();
    for (const qos of qosClasses) {
      const policy = found.find((p) => p.classes.includes(qos)) ?? null;
      const strategy = policy?.strategy ?? classFacts[qos].strategy;
      const key = policy?.action === 'deny' ? policy.id : `${policy?.id ?? ''} ${strategy}`;
      const ruling = rulings.get(key);
      if (ruling) ruling.classes.push(qos);
      else rulings.set(key, { policy, strategy, classes: [qos] });
    }
    return [...rulings.values()];
  };
}

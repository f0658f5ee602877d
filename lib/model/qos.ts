// QoS classes: one row a class says all that the program knows of it. The rest is derived from these rows.

/** What is known of a QoS class. */
export interface QosFacts {
  /** Differentiated services code point, 0 to 63 (RFC 2474), as RFC 4594 section 2.3 names it. */
  readonly dscp: number;
  /** Strategy of its routes where no policy says otherwise. */
  readonly strategy: StrategyName;
  /** How its traffic is split where the description says nothing. */
  readonly spread: Spread;
  /** May its demands be carried in part when the network is full? */
  readonly elastic: boolean;
}

/** Every class, most important first. */
export const classFacts = {
  // CS5. CS6 and CS7 belong to the network itself: workloads stay out of the queue of what they mark so.
  critical: { dscp: 40, strategy: 'latency', spread: 'single', elastic: false },
  // EF.
  realtime: { dscp: 46, strategy: 'latency', spread: 'single', elastic: false },
  // AF41.
  interactive: { dscp: 34, strategy: 'balanced', spread: 'ecmp', elastic: false },
  // AF11.
  bulk: { dscp: 10, strategy: 'cost', spread: 'te', elastic: true },
  // Default forwarding.
  'best-effort': { dscp: 0, strategy: 'bandwidth', spread: 'te', elastic: true },
} as const satisfies Readonly<Record<string, QosFacts>>;

export type QosClass = keyof typeof classFacts;

/** Every QoS class, most important first. */
export const qosClasses = Object.keys(classFacts) as readonly QosClass[];

/** The class of what names none, and of what no mark tells apart. */
export const defaultClass = 'best-effort' satisfies QosClass;

/** Something for every class. */
export function byClass<T>(of: (name: QosClass, facts: QosFacts) => T): { readonly [C in QosClass]: T } {
  return Object.fromEntries(qosClasses.map((c) => [c, of(c, classFacts[c])])) as { [C in QosClass]: T };
}

/**
 * How a class is split: one best path; equal-cost paths in equal parts or by bandwidth; least utilisation.
 */
export type Spread = 'single' | 'ecmp' | 'wecmp' | 'te';
export type StrategyName = 'latency' | 'cost' | 'bandwidth' | 'balanced' | 'metric';

import { networkOf, type Prefix } from './prefix';

/**
 * Values by prefix, found by the longest match, as in a routing table. A look-up takes time in the number of
 * different prefix lengths, at most 33 and 129, whatever the number of entries.
 */
export class PrefixTable<T> {
  /** By family, then length, then network address. */
  private readonly byFamily: Readonly<Record<4 | 6, Map<number, Map<bigint, T>>>> = {
    4: new Map(),
    6: new Map(),
  };

  /** Enters a prefix. What was entered first stays. */
  add(prefix: Prefix, value: T): void {
    const lengths = this.byFamily[prefix.family];
    let entries = lengths.get(prefix.length);
    if (!entries) lengths.set(prefix.length, (entries = new Map()));
    if (!entries.has(prefix.value)) entries.set(prefix.value, value);
  }

  /** The value of the longest prefix that holds all of this one, itself included; undefined without any. */
  around(prefix: Prefix): T | undefined {
    let [best, longest]: [T | undefined, number] = [undefined, -1];
    for (const [length, entries] of this.byFamily[prefix.family]) {
      if (length > prefix.length || length < longest) continue;
      const { value } = networkOf(prefix, length);
      if (entries.has(value)) [best, longest] = [entries.get(value), length];
    }
    return best;
  }
}

/** Two things whose prefixes share addresses: `outer` holds all of `inner`. */
export interface Overlap<T> {
  readonly outer: T;
  readonly inner: T;
}

/**
 * Each thing whose prefix lies in that of another, with the closest such other; of equal prefixes the later
 * lies in the first. Empty only if no two overlap. By length, then in the order given; n log n.
 */
export function findOverlaps<T>(things: readonly T[], prefixOf: (thing: T) => Prefix): Overlap<T>[] {
  const table = new PrefixTable<T>();
  const found: Overlap<T>[] = [];
  const sorted = things
    .map((thing) => ({ thing, prefix: prefixOf(thing) }))
    .sort((x, y) => x.prefix.length - y.prefix.length);
  for (const { thing, prefix } of sorted) {
    const outer = table.around(prefix);
    if (outer !== undefined) found.push({ outer, inner: thing });
    table.add(prefix, thing);
  }
  return found;
}

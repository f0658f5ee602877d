import { comparePrefixes, contains, type Prefix } from '../net';

/** What has a prefix. */
export interface Holder {
  /** Where it stands in the plan. */
  readonly at: string;
  readonly prefix: Prefix;
}

/**
 * Each holder whose prefix lies in that of another, behind the closest such other; of equal ones the later in
 * the first. In the order of addresses those around a prefix stand before it, as brackets do. O(n log n).
 */
export function nestedPrefixes<T extends Holder>(holders: readonly T[]): (readonly [T, T])[] {
  const sorted = [...holders].sort((x, y) => comparePrefixes(x.prefix, y.prefix));
  const open: T[] = [];
  const found: (readonly [T, T])[] = [];
  for (const holder of sorted) {
    while (open.length > 0 && !contains(open[open.length - 1].prefix, holder.prefix)) open.pop();
    if (open.length > 0) found.push([open[open.length - 1], holder]);
    open.push(holder);
  }
  return found;
}

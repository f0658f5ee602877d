import type { z } from 'zod';
import type { RawPath } from './reporter';

/** A description whose shape is right, because what is wrong with it was taken out. */
export interface Repaired<T> {
  readonly description: T;
  /** May this be reported of it, or could it be a consequence of what was taken out? */
  readonly tells: (code: string, path: RawPath) => boolean;
}

/** Parts whose entries stand for themselves: a fault of one says nothing about the others. */
const sections = ['regions', 'links', 'policies', 'demands', 'reservations', 'objectives'];

/** Faults of two entries at once: either may be the one that something was taken out of. */
const betweenEntries = /^(duplicate-|policy-conflict$|block-overlap$|rename-|too-many-)/;

/** Faults of entries that may come from what they refer to, by the part that this is in. */
const followsFrom: Readonly<Record<string, RegExp>> = {
  regions: /^(latency-|price-|unknown-country$|mtu-|bandwidth-above-|endpoint-inside$)/,
  links: /^unknown-link$/,
};

/** Taking something out can leave a gap, and filling that another. */
const mostRounds = 4;

/**
 * Takes what has a wrong shape out of a description, so that the rest of it can be checked in the same run.
 * Unknown keys and wrong values go, and gaps are filled with something of the right kind. Nothing is told of
 * the entries that this changes. undefined: the fault touches more than single entries.
 */
export function tryRepair<T>(schema: z.ZodType<T>, input: unknown): Repaired<T> | undefined {
  const copy: unknown = structuredClone(input);
  const touched = new Set<string>();
  for (let round = 0; round < mostRounds; round++) {
    const parsed = schema.safeParse(copy);
    if (parsed.success) return { description: parsed.data, tells: tellsOf(touched) };
    for (const issue of parsed.error.issues) {
      const path = issue.path as RawPath;
      // A key that nobody knows, at the top too, has no bearing on the others.
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
      if (keys.length > 0 && path.length === 0) drop(copy, path, keys);
      else if (path.length < 2 || !sections.includes(String(path[0]))) return undefined;
      else {
        touched.add(JSON.stringify(path.slice(0, 2)));
        if (keys.length > 0) drop(copy, path, keys);
        else mend(copy, issue, path);
      }
    }
  }
  return undefined;
}

function tellsOf(touched: ReadonlySet<string>): Repaired<unknown>['tells'] {
  const parts = [...new Set([...touched].map((entry) => (JSON.parse(entry) as [string])[0]))];
  const mute =
    touched.size === 0 ? [] : [betweenEntries, ...parts.flatMap((part) => followsFrom[part] ?? [])];
  return (code, path) =>
    !touched.has(JSON.stringify(path.slice(0, 2))) && !mute.some((pattern) => pattern.test(code));
}

function holderOf(copy: unknown, path: RawPath): Record<string | number, unknown> {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown>)[key],
    copy,
  ) as Record<string | number, unknown>;
}

function drop(copy: unknown, path: RawPath, keys: readonly string[]): void {
  const holder = holderOf(copy, path);
  for (const key of keys) Reflect.deleteProperty(holder, key);
}

/** Of the kind that is expected, and empty. */
const fillers: Readonly<Record<string, () => unknown>> = {
  string: () => 'x',
  number: () => 1,
  boolean: () => false,
  array: () => [],
  object: () => ({}),
  record: () => ({}),
};

/** Takes a wrong value out of a map; in a list, or where one has to be, something else takes its place. */
function mend(copy: unknown, issue: z.core.$ZodIssue, path: RawPath): void {
  const holder = holderOf(copy, path.slice(0, -1));
  const key = path[path.length - 1];
  if (!Array.isArray(holder) && holder[key] !== undefined) Reflect.deleteProperty(holder, key);
  else if (issue.code === 'invalid_value') holder[key] = issue.values[0];
  else holder[key] = fillers[issue.code === 'invalid_type' ? issue.expected : 'string']?.() ?? 'x';
}

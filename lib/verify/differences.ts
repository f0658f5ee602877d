/** A place where two values differ: what the one has there, and what the other, as ends of a sentence. */
export interface Difference {
  /** From the root: `regions.dublin.place`. */
  readonly at: string;
  /** `has "eu-west-1"`, or `lacks it`. */
  readonly stated: string;
  /** `says "eu-west-2"`, or `does not`. */
  readonly right: string;
}

/** Most of a value that a message repeats, characters. */
const mostShown = 120;

/**
 * Where plain data differ, leaf by leaf. Lists of things with an id are compared by id, and their order last;
 * other lists as a whole. Figures are compared exactly: both sides come from one computation. O(size).
 */
export function differences(stated: unknown, right: unknown, at: string): Difference[] {
  const found: Difference[] = [];
  walk(stated, right, at, found);
  return found;
}

function walk(stated: unknown, right: unknown, at: string, found: Difference[]): void {
  if (same(stated, right)) return;
  const [a, b] = [entriesOf(stated), entriesOf(right)];
  if (!a || !b) {
    found.push({ at, stated: `has ${shown(stated)}`, right: `says ${shown(right)}` });
    return;
  }
  const before = found.length;
  for (const [key, value] of a) {
    const inner = join(at, key);
    if (b.has(key)) walk(value, b.get(key), inner, found);
    else found.push({ at: inner, stated: `has ${shown(value)}`, right: 'does not' });
  }
  for (const [key, value] of b)
    if (!a.has(key)) found.push({ at: join(at, key), stated: 'lacks it', right: `says ${shown(value)}` });
  const [order, wanted] = [[...a.keys()].join(', '), [...b.keys()].join(', ')];
  if (found.length === before && Array.isArray(stated) && order !== wanted)
    found.push({ at, stated: `has the order ${order}`, right: `gives ${wanted}` });
}

/** Equal as JSON, whatever the order of keys. Most of two values is: only what is not is walked. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((v, i) => same(v, b[i]));
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  const [x, y] = [a, b] as Record<string, unknown>[];
  return keys.every((key) => Object.hasOwn(y, key) && same(x[key], y[key]));
}

/** A map's entries, or those of a list of things with ids of their own; undefined for all else. */
function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const ids = value.map((entry) => (entry as { id?: unknown } | null)?.id ?? wayOf(entry));
  if (!ids.every((id) => typeof id === 'string')) return undefined;
  const entries = new Map(ids.map((id, i) => [id, value[i] as unknown]));
  return entries.size === value.length ? entries : undefined;
}

/** A link's directions have ends for an id. */
function wayOf(entry: unknown): string | undefined {
  const { from, to, bandwidthMbps } = (entry ?? {}) as Record<string, unknown>;
  if (typeof from !== 'string' || typeof to !== 'string' || bandwidthMbps === undefined) return undefined;
  return `${from}>${to}`;
}

function join(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`;
}

/** A value as JSON, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}...`;
}

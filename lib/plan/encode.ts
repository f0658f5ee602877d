/**
 * Canonical JSON text of plain data: equal values give equal bytes. Keys in code unit order, numbers as
 * ECMAScript prints them (shortest round trip; -0 as 0), no white space that depends on anything. The two
 * outer levels stand one entry a line, so that a line diff names a region, a path or a route; what lies
 * deeper is on that line. Ends with a newline.
 *
 * @throws TypeError for what JSON cannot hold: undefined, NaN, infinities, functions.
 */
export function encodeCanonical(value: unknown): string {
  return `${encodeAt(value, 0)}\n`;
}

/**
 * The entries of a map as they stand in its canonical text, by key. Who needs the text of one map twice, with
 * an entry more or less, encodes its large entries once: `joinEntries` puts them together.
 */
export function encodeEntries(map: object): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(map).map(([key, value]) => [key, `${JSON.stringify(key)}: ${encodeAt(value, 1)}`]),
  );
}

/** The canonical text of a map whose entries `encodeEntries` gave. */
export function joinEntries(entries: ReadonlyMap<string, string>): string {
  const parts = [...entries.keys()].sort().map((key) => entries.get(key)!);
  return `${wrap('{', '}', parts, 0)}\n`;
}

const brokenLevels = 2;

function encodeAt(value: unknown, depth: number): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no canonical form`);
    return String(value === 0 ? 0 : value);
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value))
    return wrap(
      '[',
      ']',
      value.map((v) => encodeAt(v, depth + 1)),
      depth,
    );
  if (typeof value === 'object') {
    const entries = Object.keys(value)
      .sort()
      .map(
        (key) => `${JSON.stringify(key)}: ${encodeAt((value as Record<string, unknown>)[key], depth + 1)}`,
      );
    return wrap('{', '}', entries, depth);
  }
  throw new TypeError(`${typeof value} has no canonical form`);
}

function wrap(open: string, close: string, parts: readonly string[], depth: number): string {
  if (parts.length === 0) return open + close;
  if (depth >= brokenLevels) return `${open}${parts.join(', ')}${close}`;
  const indent = '  '.repeat(depth + 1);
  return `${open}\n${indent}${parts.join(`,\n${indent}`)}\n${'  '.repeat(depth)}${close}`;
}

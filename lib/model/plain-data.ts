import { isAlias, isMap, isNode, isScalar, isSeq, type Alias, type Document, type Node } from 'yaml';

/**
 * Enough for figures shared by every link of a large mesh; aliases of aliases stand for billions in a few
 * lines.
 */
export const mostAliasedValues = 100_000;

/** A document as plain data, with what is wrong with its keys and aliases. */
export interface PlainData {
  /** Undefined where an alias is at fault. */
  readonly value?: unknown;
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  /** Keys that stand in their map already, in order. */
  readonly repeated: readonly { readonly key: Node; readonly name: string }[];
  /** The first alias that stands for nothing, for something around it, or for too much. */
  readonly fault?: { readonly alias: Alias; readonly kind: 'loose' | 'circular' | 'bomb' };
}

/** Leaves the walk at the first alias at fault. */
class AliasFault extends Error {
  constructor(readonly fault: NonNullable<PlainData['fault']>) {
    super(fault.kind);
  }
}

/**
 * Reads a document in one walk and linear time; what an alias stands for is shared, not copied. The
 * library's own conversion looks every alias up among all anchors, and every key among all keys of its map.
 */
export function plainData(document: Document): PlainData {
  const targets = new Map<Alias, Node>();
  const repeated: { key: Node; name: string }[] = [];
  /** By anchor, the last before; `size` is the number of values in it, undefined until its end. */
  const anchors = new Map<string, { node: Node; value?: unknown; size?: number }>();
  let aliased = 0;
  let size = 0;

  const read = (node: unknown): unknown => {
    if (isAlias(node)) return readAlias(node);
    if (!isNode(node)) return null;
    const before = size++;
    const anchor = 'anchor' in node && node.anchor !== undefined ? node.anchor : undefined;
    const entry: { node: Node; value?: unknown; size?: number } = { node };
    if (anchor !== undefined) anchors.set(anchor, entry);
    const value = isScalar(node) ? node.value : isSeq(node) ? node.items.map(read) : readMap(node);
    Object.assign(entry, { value, size: size - before });
    return value;
  };
  const readAlias = (alias: Alias): unknown => {
    const found = anchors.get(alias.source);
    if (!found) throw new AliasFault({ alias, kind: 'loose' });
    if (found.size === undefined) throw new AliasFault({ alias, kind: 'circular' });
    size += found.size;
    aliased += found.size;
    if (aliased > mostAliasedValues) throw new AliasFault({ alias, kind: 'bomb' });
    targets.set(alias, found.node);
    return found.value;
  };
  const readMap = (node: Node): unknown => {
    if (!isMap(node)) return null;
    const map: Record<string, unknown> = {};
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const name = nameOf(read(key));
      if (seen.has(name) && isNode(key)) repeated.push({ key, name });
      seen.add(name);
      // Defined, for `__proto__` is a key like any other.
      const field = { value: read(value), writable: true, enumerable: true, configurable: true };
      Object.defineProperty(map, name, field);
    }
    return map;
  };
  try {
    return { value: read(document.contents), targets, repeated };
  } catch (error) {
    if (!(error instanceof AliasFault)) throw error;
    return { targets, repeated, fault: error.fault };
  }
}

/** A key's name: the library writes none as an empty text, and a list or map as its JSON. */
function nameOf(key: unknown): string {
  if (key === null || key === undefined) return '';
  return typeof key === 'object' ? JSON.stringify(key) : String(key);
}

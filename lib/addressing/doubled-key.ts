/** A key that stands twice in one object of a JSON text; lines and columns count from 1. */
export interface DoubledKey {
  readonly key: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The first key that an object of a JSON text has twice; undefined: none. JSON.parse takes the last of them
 * silently, which is how a merge loses the other one.
 *
 * @param text JSON that JSON.parse takes.
 */
export function findDoubledKey(text: string): DoubledKey | undefined {
  // A string, with the colon behind it where it is a key, or what opens and closes objects and lists.
  const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;
  const open: (Set<string> | null)[] = [];
  for (const { 0: token, 1: colon, index } of text.matchAll(tokens)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)) as string;
      const keys = open[open.length - 1];
      if (keys?.has(key)) {
        const before = text.slice(0, index).split('\n');
        return { key, line: before.length, column: before[before.length - 1].length + 1 };
      }
      keys?.add(key);
    }
  }
  return undefined;
}

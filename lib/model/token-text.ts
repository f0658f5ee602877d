import { isKnownAtApply } from './known-at-apply';
import type { RawPath } from './reporter';

/**
 * What cdktf writes for a value that Terraform knows later: a marker in texts, lists and keys of maps, or a
 * number far below any figure, also inside a text. Two fixed texts stand for values of such maps, and a
 * fixed beginning for what our own plans say of such a value.
 */
const marker = /[$#&]\{TfToken\[/;
const lowestFigure = -1e280;
const mapValues: ReadonlySet<string> = new Set(['String Map Token Value', 'Any Map Token Value']);

/**
 * The first place, in order, where raw data holds what cdktf would take for a token of its own. A file
 * cannot hold a token: what looks like one would be replaced by a value of the program that reads the file.
 */
export function findTokenText(input: unknown): RawPath | undefined {
  const pending: { readonly value: unknown; readonly path: RawPath }[] = [{ value: input, path: [] }];
  // Aliases of YAML make one object stand in many places, in a circle too.
  const seen = new Set<unknown>();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, path } = next;
    if (isTokenText(value)) return path;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    const fields: [string | number, unknown][] = Array.isArray(value)
      ? [...value.entries()]
      : Object.entries(value);
    for (const [key, field] of fields.reverse()) {
      // The key itself is looked at in its turn, before what stands under it.
      pending.push({ value: field, path: [...path, key] });
      if (typeof key === 'string') pending.push({ value: key, path: [...path, key] });
    }
  }
  return undefined;
}

function isTokenText(value: unknown): boolean {
  if (typeof value === 'number') return value < lowestFigure;
  if (typeof value !== 'string') return false;
  if (marker.test(value) || mapValues.has(value) || isKnownAtApply(value)) return true;
  return value.includes('e') && value.split(/[^-\d.eE+]+/).some(hasLowNumber);
}

/**
 * Is `<segment>e<next segment>` far below any figure, for any two? Takes linear time, which a pattern would
 * not.
 */
function hasLowNumber(digits: string): boolean {
  const segments = digits.split(/e/i);
  return segments.some((segment, i) => parseFloat(`${segment}e${segments[i + 1] ?? ''}`) < lowestFigure);
}

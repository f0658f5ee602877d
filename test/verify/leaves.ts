import type { PlanDocument } from '../../lib/plan';
import type { Seeded } from '../support/random-seeded';

/** A place in a document: keys and indices from the root. */
export type Place = readonly (string | number)[];

/** Where in the format a place lies: `links[].directions[].latencyMs`; a tag is `tags.*`. */
export function patternOf(place: Place): string {
  return place
    .map((step, i) => {
      if (typeof step === 'number') return '[]';
      const name = place[i - 1] === 'tags' ? '*' : step;
      return i === 0 ? name : `.${name}`;
    })
    .join('');
}

/** Every value of a document but the root, by pattern, in the document's order. */
export function placesOf(document: unknown): Map<string, Place[]> {
  const found = new Map<string, Place[]>();
  const visit = (value: unknown, place: Place) => {
    if (place.length > 0) {
      const pattern = patternOf(place);
      const known = found.get(pattern);
      if (known) known.push(place);
      else found.set(pattern, [place]);
    }
    if (Array.isArray(value)) value.forEach((entry, i) => visit(entry, [...place, i]));
    else if (typeof value === 'object' && value !== null)
      for (const [key, entry] of Object.entries(value)) visit(entry, [...place, key]);
  };
  visit(document, []);
  return found;
}

export function valueAt(document: unknown, place: Place): unknown {
  return place.reduce((value, step) => (value as Record<string, unknown>)[step], document);
}

/**
 * A document in which the value at one place is another, or gone where it is undefined; what does not lie on
 * the way there is shared.
 */
export function replaced(document: PlanDocument, place: Place, value: unknown): PlanDocument {
  const change = (node: unknown, depth: number): unknown => {
    if (depth === place.length) return value;
    const step = place[depth];
    const copy = (Array.isArray(node) ? [...(node as unknown[])] : { ...(node as object) }) as Record<
      string | number,
      unknown
    >;
    const inner = change(copy[step], depth + 1);
    if (inner === undefined) Reflect.deleteProperty(copy, step);
    else copy[step] = inner;
    return copy;
  };
  return change(document, 0) as PlanDocument;
}

/** What a lie may put in place of a value, by what it does; `others` are values of the same pattern. */
export function lies(
  value: unknown,
  others: readonly unknown[],
  random: Seeded,
): (readonly [string, unknown])[] {
  const same = (a: unknown) => JSON.stringify(a) === JSON.stringify(value);
  const different = others.filter((v) => !same(v));
  const made: (readonly [string, unknown])[] = [];
  if (different.length > 0) made.push(['that of another', random.pick(different)]);
  if (typeof value === 'number') {
    made.push(['a bit more', value * 1.001 + (value === 0 ? 1 : 0)]);
    made.push(['one more', value + 1], ['one less', value - 1], ['none', 0], ['negative', -value - 1]);
    made.push(['far more', value * 1000 + 1e12]);
  }
  if (typeof value === 'string') made.push(['one letter more', `${value}x`], ['empty', '']);
  if (typeof value === 'boolean') made.push(['the contrary', !value]);
  if (value === null) made.push(['a number', 1], ['a text', 'x'], ['an empty list', []]);
  else made.push(['null', null]);
  if (Array.isArray(value) && value.length > 0) {
    const list: unknown[] = value;
    const i = random.whole(0, list.length - 1);
    made.push(['an entry dropped', list.filter((_, k) => k !== i)]);
    made.push(['an entry twice', [...list.slice(0, i), list[i], ...list.slice(i)]]);
    made.push(['an entry once more at the end', [...list, list[i]]]);
    if (list.length > 1) {
      const k = (i + random.whole(1, list.length - 1)) % list.length;
      made.push(['two entries swapped', list.map((v, n) => (n === i ? list[k] : n === k ? list[i] : v))]);
    }
    made.push(['nothing', []]);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value);
    if (entries.length > 0) {
      const gone = random.pick(entries)[0];
      made.push([`without ${gone}`, Object.fromEntries(entries.filter(([k]) => k !== gone))]);
    }
    made.push(['with a field more', { ...value, more: 1 }]);
  }
  return made.filter(([, v]) => !same(v));
}

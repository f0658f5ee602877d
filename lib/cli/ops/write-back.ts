import {
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type YAMLMap,
} from 'yaml';
import type { DrainRequest } from '../../agent/client';
import { tryLinkId } from '../../model/reporter';

/** How a drain stands in a description, or what to write where it cannot be written. */
export type WrittenBack =
  | { readonly text: string; readonly at: string }
  | { readonly unchanged: true; readonly at: string }
  | { readonly instead: string };

/** A part of the text that another takes the place of. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/**
 * A description's text with `drained: true` at a region or link, or without it. All other bytes stay: the
 * document says where, and the text is edited there.
 *
 * @param text YAML or JSON that has been read as a description.
 */
export function writeBack(
  text: string,
  { of, id }: Pick<DrainRequest, 'of' | 'id'>,
  on: boolean,
): WrittenBack {
  if (of === 'gateway')
    return {
      instead: 'a description drains no single gateway: agents keep it drained until it is undrained',
    };
  const document = parseDocument(text);
  const at = of === 'region' ? `regions.${id}.drained` : `links.${id}.drained`;
  const where = of === 'region' ? `regions.${id}` : 'a link of its own, as it comes from a mesh';
  const instead = { instead: `write 'drained: ${on}' at ${where}` };
  const entry = of === 'region' ? regionOf(document, id) : linkOf(document, id);
  if (entry === undefined) return instead;
  if ((isMap(entry) && entry.get('drained') === true) === on) return { unchanged: true, at };
  const edit = isMap(entry) ? editOf(text, entry, on) : emptyEdit(text, entry);
  if (!edit) return instead;
  const after = text.slice(0, edit.from) + edit.text + text.slice(edit.to);
  return drainedIn(after, { of, id }) === on ? { text: after, at } : instead;
}

/** Reads the edited text again: an edit that did not come out as meant is not written. */
function drainedIn(text: string, { of, id }: Pick<DrainRequest, 'of' | 'id'>): boolean | undefined {
  const document = parseDocument(text);
  if (document.errors.length > 0) return undefined;
  const entry = of === 'region' ? regionOf(document, id) : linkOf(document, id);
  return isMap(entry) && entry.get('drained') === true;
}

/** A region's map; the place behind its colon where nothing stands there; undefined: there is none. */
function regionOf(document: Document, id: string): YAMLMap | number | undefined {
  const regions = document.get('regions');
  const pair = isMap(regions)
    ? regions.items.find((p) => isScalar(p.key) && String(p.key.value) === id)
    : undefined;
  if (!pair) return undefined;
  if (isMap(pair.value)) return pair.value;
  const empty = pair.value === null || (isScalar(pair.value) && pair.value.value === null);
  return empty && isScalar(pair.key) && pair.key.range ? pair.key.range[1] : undefined;
}

function linkOf(document: Document, id: string): YAMLMap | undefined {
  const links = document.get('links');
  if (!isSeq(links)) return undefined;
  return links.items.filter(isMap).find((item) => tryLinkId(item.toJSON() as object) === id);
}

/** `eu-west-1:` becomes `eu-west-1: { drained: true }`. @param keyEnd where its key ends. */
function emptyEdit(text: string, keyEnd: number): Edit | undefined {
  const colon = /^\s*:/.exec(text.slice(keyEnd));
  if (!colon) return undefined;
  const from = keyEnd + colon[0].length;
  return { from, to: from, text: ' { drained: true }' };
}

function editOf(text: string, map: YAMLMap, on: boolean): Edit | undefined {
  const at = map.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === 'drained');
  if (at >= 0) return on ? valueEdit(map, at, 'true') : removal(text, map, at);
  return map.flow ? flowAddition(text, map) : blockAddition(text, map);
}

function valueEdit(map: YAMLMap, at: number, text: string): Edit | undefined {
  const range = rangeOf(map.items[at].value);
  return range && { from: range[0], to: range[1], text };
}

function removal(text: string, map: YAMLMap, at: number): Edit | undefined {
  const [key, value] = [rangeOf(map.items[at].key), rangeOf(map.items[at].value)];
  if (!key || !value) return undefined;
  if (map.flow) {
    const whole = rangeOf(map);
    // It was made for the drain.
    if (map.items.length === 1 && whole) {
      const before = /\s*$/.exec(text.slice(0, whole[0]))![0].length;
      return { from: whole[0] - before, to: whole[1], text: '' };
    }
    const previous = at > 0 ? rangeOf(map.items[at - 1].value) : undefined;
    return previous ? { from: previous[1], to: value[1], text: '' } : valueEdit(map, at, 'false');
  }
  const line = lineAround(text, key[0]);
  const alone = text.slice(line.from, key[0]).trim() === '' && !text.slice(value[1], line.to).includes('#');
  return alone && map.items.length > 1
    ? { from: line.from, to: Math.min(text.length, line.to + 1), text: '' }
    : valueEdit(map, at, 'false');
}

function flowAddition(text: string, map: YAMLMap): Edit | undefined {
  const word = /^\s*\{/.test(text) ? '"drained": true' : 'drained: true';
  const last = map.items.at(-1);
  const whole = rangeOf(map);
  if (!last) return whole && { from: whole[0], to: whole[1], text: `{ ${word} }` };
  const end = (rangeOf(last.value) ?? rangeOf(last.key))?.[1];
  return end === undefined ? undefined : { from: end, to: end, text: `, ${word}` };
}

/** Behind the first entry that ends in its own line. */
function blockAddition(text: string, map: YAMLMap): Edit | undefined {
  const first = rangeOf(map.items[0]?.key);
  const pair = map.items.find(({ value }) => isScalar(value) || (isCollection(value) && value.flow));
  const end = rangeOf(pair?.value)?.[1];
  if (!first || end === undefined) return undefined;
  const indent = ' '.repeat(first[0] - lineAround(text, first[0]).from);
  const { to } = lineAround(text, end);
  return { from: to, to, text: `\n${indent}drained: true` };
}

function lineAround(text: string, at: number): { readonly from: number; readonly to: number } {
  const to = text.indexOf('\n', at);
  return { from: text.lastIndexOf('\n', at - 1) + 1, to: to === -1 ? text.length : to };
}

/** Where a node begins and its value ends. */
function rangeOf(node: unknown): readonly [number, number] | undefined {
  return isNode(node) && node.range ? [node.range[0], node.range[1]] : undefined;
}

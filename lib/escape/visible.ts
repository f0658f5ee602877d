/**
 * What moves, hides or reorders the text around it: control characters (C0, DEL, C1, hence every escape
 * sequence), format characters (bidirectional controls, zero-width ones, the byte order mark, tags), line and
 * paragraph separators, lone surrogates, and everything that Unicode lets a font leave out.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const eachUnseen = new RegExp(unseen, 'gu');
/** Most texts are of these alone, and a look at the table of Unicode costs ten times this. */
const ascii = /^[ -~]*$/;

/**
 * Text for a line on a terminal or in a log: what cannot be seen is written as JSON writes it, `\u001b`, so
 * that JSON stays the same JSON. A line feed is no part of a line.
 */
export function visible(text: string): string {
  return isVisible(text) ? text : text.replace(eachUnseen, escapeUnits);
}

/** Is every character of a text seen? */
export function isVisible(text: string): boolean {
  return ascii.test(text) || !unseen.test(text);
}

/**
 * A value with every text in it made visible, keys included; itself where nothing changes. Renderers begin
 * with it, so that whatever they paint or fold afterwards is theirs.
 */
export function visibleTexts<T>(value: T): T {
  return makeVisible(value) as T;
}

function makeVisible(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const shown = value.map(makeVisible);
    return shown.some((entry, i) => entry !== value[i]) ? shown : value;
  }
  const entries = Object.entries(value);
  const shown = entries.map(([key, field]) => [visible(key), makeVisible(field)] as const);
  const same = shown.every(([key, field], i) => key === entries[i][0] && field === entries[i][1]);
  return same ? value : Object.fromEntries(shown);
}

/** Line feeds; on a terminal also a change of colour, and the return that redraws a line. */
// eslint-disable-next-line no-control-regex -- these sequences begin with control characters.
const ours = { file: /(\n)/, terminal: /(\n|\u001b\[\d{1,2}m|\r\u001b\[K)/ } as const;

/**
 * Everything that a program prints, on its way out: the last border, for what no renderer has made visible.
 *
 * @param terminal does it go to a terminal, where programs may colour and redraw?
 */
export function visibleOutput(text: string, terminal: boolean): string {
  if (!unseen.test(text)) return text;
  const parts = text.split(terminal ? ours.terminal : ours.file);
  return parts.map((part, i) => (i % 2 === 1 ? part : visible(part))).join('');
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, i) => escapeUnit(character.charCodeAt(i))).join('');
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

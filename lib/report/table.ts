import { markdownText } from '../escape';
import { visibleWidth } from './paint';

/** A column of a text table. */
export interface Column {
  readonly title: string;
  /** Default `left`; figures stand right. */
  readonly align?: 'left' | 'right';
  /**
   * May fold between words to fit the width, and stand beneath its row where folding is not enough;
   * `beneath`: rather than that a column to its left folds.
   */
  readonly elastic?: boolean | 'beneath';
}

const gap = '  ';
/** How much further in stands what is beneath its row. */
const hang = 4;

/**
 * Lines of an aligned table, titles first, each at most `width` wide unless the fixed columns alone are
 * wider. Elastic columns give way from the last to the first; nothing is cut and no word is broken. No
 * trailing spaces. `style` marks up the title lines.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  indent = 2,
  style: (text: string) => string = (text) => text,
): string[] {
  const titles = columns.map((c) => c.title);
  const { beside, beneath, widths } = fit(columns, [titles, ...rows], width - indent);
  const lines = (row: readonly string[]): string[] => {
    const folded = beside.map((i) => fold(row[i] ?? '', columns[i].elastic ? widths[i] : Infinity));
    const height = Math.max(...folded.map((f) => f.length));
    const above = beside[0] === 0 ? [] : fold(row[0] ?? '', width, indent);
    const inset = above.length === 0 ? indent : indent + hang;
    const side = Array.from({ length: height }, (_, k) => {
      const cells = beside.map((i, n) => pad(folded[n][k] ?? '', widths[i], columns[i].align === 'right'));
      return (' '.repeat(inset) + cells.join(gap)).trimEnd();
    });
    const under = beneath.map((i) => row[i] ?? '').filter((cell) => cell !== '');
    return [...above, ...side, ...(under.length === 0 ? [] : fold(under.join(gap), width, indent + hang))];
  };
  return [...lines(titles).map(style), ...rows.flatMap(lines)];
}

/** Which columns stand beside each other, how wide they are, which stand beneath; the first stands above. */
function fit(columns: readonly Column[], rows: readonly (readonly string[])[], width: number) {
  const widest = (texts: readonly string[]) => texts.reduce((most, t) => Math.max(most, visibleWidth(t)), 0);
  const widths = columns.map((_, i) => widest(rows.map((row) => row[i] ?? '')));
  const beside = new Set(columns.keys());
  const over = () =>
    [...beside].reduce((sum, i) => sum + widths[i], 0) + gap.length * (beside.size - 1) - width;
  for (let i = columns.length - 1; i >= 0 && over() > 0; i--) {
    if (!columns[i].elastic) continue;
    const longest = widest(rows.flatMap((row) => (row[i] ?? '').split(' ')));
    widths[i] = Math.max(longest, widths[i] - over());
    if (over() > 0 && columns[i].elastic === 'beneath') beside.delete(i);
  }
  for (let i = columns.length - 1; i >= 0 && over() > 0; i--) if (columns[i].elastic) beside.delete(i);
  const beneath = [...columns.keys()].filter((i) => i > 0 && !beside.has(i));
  return { beside: [...beside], beneath, widths };
}

function pad(cell: string, width: number, right: boolean): string {
  const room = ' '.repeat(Math.max(0, width - visibleWidth(cell)));
  return right ? room + cell : cell + room;
}

/** Words folded into lines of at most `width`, each after `indent` spaces, later lines by `hang` more. */
export function fold(text: string, width: number, indent = 0, hang = 0): string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && visibleWidth(line) + 1 + visibleWidth(word) > width) {
      lines.push(line.trimEnd());
      line = ' '.repeat(indent + hang);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line.trimEnd()];
}

/** A Markdown table of plain text. */
export function markdownTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map((c) => markdownText(c.title))),
    line(columns.map((c) => (c.align === 'right' ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(markdownText))),
  ];
}

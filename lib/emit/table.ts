import { visibleWidth } from './paint';

/** A column of a text table. */
export interface Column {
  readonly title: string;
  /** Default `left`; figures stand right. */
  readonly align?: 'left' | 'right';
  /** May fold to fit the width; at most one column of a table should. */
  readonly elastic?: boolean;
}

const gap = '  ';

/**
 * Lines of an aligned table, titles first, each at most `width` wide unless the fixed columns alone are
 * wider. The elastic column folds into further lines; nothing is cut. No trailing spaces. `style` marks up
 * the title line.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  indent = 2,
  style: (text: string) => string = (text) => text,
): string[] {
  const widths = columns.map((c, i) =>
    Math.max(visibleWidth(c.title), ...rows.map((row) => visibleWidth(row[i] ?? ''))),
  );
  const elastic = columns.findIndex((c) => c.elastic);
  const total = indent + widths.reduce((sum, w) => sum + w, 0) + gap.length * (columns.length - 1);
  if (elastic >= 0 && total > width) {
    // A word is never broken.
    const words = [columns[elastic].title, ...rows.flatMap((row) => (row[elastic] ?? '').split(' '))];
    const longest = Math.max(...words.map(visibleWidth));
    widths[elastic] = Math.max(longest, widths[elastic] - (total - width));
  }
  const line = (cells: readonly string[]) => {
    const padded = columns.map((c, i) => pad(cells[i] ?? '', widths[i], c.align === 'right'));
    return (' '.repeat(indent) + padded.join(gap)).trimEnd();
  };
  const lines = (cells: readonly string[]): string[] => {
    if (elastic < 0 || visibleWidth(cells[elastic] ?? '') <= widths[elastic]) return [line(cells)];
    const [first, ...more] = fold(cells[elastic], widths[elastic]);
    const only = (text: string) => columns.map((_, i) => (i === elastic ? text : ''));
    return [line(cells.map((c, i) => (i === elastic ? first : c))), ...more.map((text) => line(only(text)))];
  };
  return [style(line(columns.map((c) => c.title))), ...rows.flatMap(lines)];
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

/** A Markdown table; cells are escaped. */
export function markdownTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((c) => c.replace(/[\\|*<]/g, '\\$&')).join(' | ')} |`;
  return [
    line(columns.map((c) => c.title)),
    line(columns.map((c) => (c.align === 'right' ? '---:' : '---'))),
    ...rows.map(line),
  ];
}

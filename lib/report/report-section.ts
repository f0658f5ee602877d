import { markdownText } from '../escape';
import { count } from '../units';
import { markdownTable, type Column } from './table';

/** A part of the report: tables and sentences that both the text and the Markdown form print. */
export interface Section {
  readonly title: string;
  readonly note?: string;
  readonly columns?: readonly Column[];
  readonly rows?: readonly (readonly string[])[];
  /** Rows that were left out. */
  readonly more?: string;
  readonly sentences?: readonly string[];
}

/** A section as GitHub-flavoured Markdown. Everything in it is plain text, and renders as itself. */
export function markdownSection(section: Section): string[] {
  const { title, note, columns, rows = [], more, sentences = [] } = section;
  const lines = [`## ${markdownText(title)}`, ''];
  if (note) lines.push(markdownText(note), '');
  if (columns) lines.push(...markdownTable(columns, rows));
  if (more) lines.push('', markdownText(more));
  if (columns && sentences.length > 0) lines.push('');
  return [...lines, ...sentences.map((sentence) => `- ${markdownText(sentence)}`)];
}

const rowLimit = 16;

/** The first rows, and how many of them are left out; every row with `all`. */
export function limit<T>(
  rows: readonly T[],
  all: boolean,
  noun: string,
  most = rowLimit,
): { rows: readonly T[]; more?: string } {
  if (all || rows.length <= most) return { rows };
  return {
    rows: rows.slice(0, most),
    more: `… and ${count(rows.length - most, noun)} more; --all shows them`,
  };
}

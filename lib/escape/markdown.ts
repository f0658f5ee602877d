import { visible } from './visible';

/**
 * What GitHub reads in a rendered text although its Markdown is escaped (mentions, issues, formulas, emoji,
 * entities) and what becomes a link by itself: such a word is safe in a code span alone.
 */
const livesOn = /[@#$&]|:\/\/|www\.|:[\w+-]+:/i;
/** An underscore between letters or digits marks nothing up. */
const punctuation = /[\\`*[\]<|~!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;
const ipv6Shape = /^[\da-f]+:[\da-f:./]*,?$/i;
/** A word that makes a quotation, list, heading or rule when it begins a line. */
const beginsBlock = /^(?:>|[-+=]+$|\d{1,9}[.)]$)/;

/** Plain text in GitHub-flavoured Markdown, as a line or a cell of a table: it renders as itself. */
export function markdownText(text: string): string {
  const [first, ...rest] = visible(text).trimStart().split(' ').map(escapeWord);
  return [beginsBlock.test(first) ? first.replace(/[^\d]/, '\\$&') : first, ...rest].join(' ');
}

/** A code span, also inside a table; its fence is longer than any run of backticks in it. */
export function markdownCode(text: string): string {
  const content = visible(text).replaceAll('|', '\\|');
  const fence = '`'.repeat(longestRun(content) + 1);
  const room = /^`|`$/.test(content) ? ' ' : '';
  return `${fence}${room}${content}${room}${fence}`;
}

/** A fenced block of lines (GFM 4.5); its fence is longer than any run of backticks in it. */
export function markdownFence(lines: readonly string[], language = ''): string[] {
  const content = lines.map(visible);
  const fence = '`'.repeat(
    Math.max(3, content.reduce((most, line) => Math.max(most, longestRun(line)), 0) + 1),
  );
  return [`${fence}${language}`, ...content, fence];
}

function escapeWord(word: string): string {
  // A sign between spaces marks nothing up, and no emoji hides in an IPv6 address.
  if (word === '~' || ipv6Shape.test(word)) return word;
  return livesOn.test(word) ? markdownCode(word) : word.replace(punctuation, '\\$&');
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
}

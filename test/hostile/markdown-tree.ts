import { skipped } from '../net/skipped';

interface Node {
  readonly type: string;
  readonly literal: string | null;
  readonly firstChild: Node | null;
  readonly next: Node | null;
}

/** A node of a Markdown document as an independent parser (commonmark.js) reads it. */
export interface MarkdownNode {
  readonly type: string;
  readonly text: string;
}

/** Every node of the document, in order; undefined where the parser is not installed, which is told. */
export function markdownNodes(markdown: string): MarkdownNode[] | undefined {
  let commonmark: { readonly Parser: new () => { parse(text: string): Node } };
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- it has no types, and may be missing.
    commonmark = require('commonmark') as typeof commonmark;
  } catch {
    skipped('commonmark is not installed');
    return undefined;
  }
  const nodes: { type: string; text: string }[] = [];
  const visit = (node: Node | null): void => {
    for (let at = node; at !== null; at = at.next) {
      const last = nodes[nodes.length - 1];
      // The parser ends a text at each punctuation mark.
      if (at.type === 'text' && last?.type === 'text') last.text += at.literal ?? '';
      else nodes.push({ type: at.type, text: at.literal ?? '' });
      visit(at.firstChild);
    }
  };
  visit(new commonmark.Parser().parse(markdown));
  return nodes;
}

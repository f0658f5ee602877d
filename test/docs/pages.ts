import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(__dirname, '..', '..');

/** A fenced block of a page. */
export interface Block {
  /** First word behind the fence; empty without one. */
  readonly language: string;
  readonly text: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

/** One page of the documentation, by its path from the root. */
export interface Page {
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** The README and every page of docs/, each read once. */
export const pages: readonly Page[] = ['README.md', ...markdownOf('docs')].map((name) => {
  const text = readFileSync(path.join(root, name), 'utf8');
  return { name, text, blocks: blocksOf(text, name) };
});

function markdownOf(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => `${folder}/${entry.name}`)
    .sort();
}

/** @throws Error where a fence does not close. */
export function blocksOf(text: string, name: string): Block[] {
  const blocks: Block[] = [];
  let open: { language: string; line: number; from: number } | undefined;
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    if (!line.startsWith('```')) continue;
    if (open) {
      const { language, line: first, from } = open;
      blocks.push({ language, line: first, text: lines.slice(from, at).join('\n') });
      open = undefined;
    } else open = { language: line.slice(3).trim().split(' ')[0], line: at + 1, from: at + 1 };
  }
  if (open) throw new Error(`${name}:${open.line}: the fence does not close`);
  return blocks;
}

/** The page without its fenced blocks and code spans. */
export function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
}

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { pages, prose, root } from './pages';

/** Anchors of a page's headings, as GitHub and the site make them. */
function anchors(text: string): Set<string> {
  const found = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#{1,6} (.+)$/gm)];
  return new Set(
    found.map(([, heading]) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .trim()
        .replace(/ /g, '-'),
    ),
  );
}

/** What is wrong with the links of a page; empty where nothing is. */
function brokenLinks(name: string, text: string): string[] {
  const targets = [...prose(text).matchAll(/\]\(([^)\s]+)\)|<img[^>]* src="([^"]+)"/g)].map(
    ([, link, image]) => link ?? image,
  );
  return targets.flatMap((target) => {
    if (/^https?:/.test(target)) return [];
    const [file, anchor] = target.split('#');
    const absolute = path.join(root, path.dirname(name), file);
    if (!existsSync(absolute)) return [`${name}: ${target} is not there`];
    if (anchor === undefined || !(file === '' || file.endsWith('.md'))) return [];
    const there = file === '' ? text : readFileSync(absolute, 'utf8');
    return anchors(there).has(anchor) ? [] : [`${name}: ${target} has no such heading`];
  });
}

describe('links of the documentation', () => {
  it.each(pages.map((page) => [page.name, page.text]))('all lead somewhere in %s', (name, text) => {
    expect(brokenLinks(name, text)).toEqual([]);
  });

  it('are found broken where they are', () => {
    const text = '# One two\n[a](nowhere.md) [b](#one-two) [c](#three) [d](README.md#nothing)';
    expect(brokenLinks('README.md', text)).toEqual([
      'README.md: nowhere.md is not there',
      'README.md: #three has no such heading',
      'README.md: README.md#nothing has no such heading',
    ]);
  });

  it('lead to every page from the sidebar of the site', () => {
    const config = readFileSync(path.join(root, 'docs', '.vitepress', 'config.mjs'), 'utf8');
    const linked = [...config.matchAll(/page\('[^']+', '([^']+)'\)/g)].map(([, link]) => link);
    const names = pages.map(({ name }) => path.basename(name, '.md'));
    // The API page stands at the head of the reference that is made.
    const missing = names.filter((name) => !['README', 'index', 'api', ...linked].includes(name));
    const wrong = linked.filter((link) => link !== 'reference/' && !names.includes(link));
    expect([missing, wrong]).toEqual([[], []]);
  });

  it('lead to every page from the README or the index of docs', () => {
    const index = pages.filter(({ name }) => ['README.md', 'docs/index.md'].includes(name));
    const linked = index.map(({ text }) => text).join('\n');
    const unlinked = readdirSync(path.join(root, 'docs')).filter(
      (name) =>
        name.endsWith('.md') &&
        name !== 'index.md' &&
        statSync(path.join(root, 'docs', name)).isFile() &&
        !linked.includes(`${name})`),
    );
    expect(unlinked).toEqual([]);
  });
});

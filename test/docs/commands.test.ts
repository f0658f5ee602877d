import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCaptured } from '../golden/captured-io';
import { notRun } from './not-run';
import { pages, root, type Page } from './pages';
import { commandsOf, firstMissing, tell } from './story';

const minute = 60_000;
const told = pages.filter(({ blocks }) =>
  blocks.some(({ language }) => ['sh', 'yaml', 'text'].includes(language)),
);
const skips = new Map<string, string>();

const yamlOf = (folder: string) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `${folder}/${name}`);

/** Puts what was printed into the `text` blocks that leave nothing out. */
function rewrite(page: Page, shown: ReadonlyMap<number, string>): void {
  const lines = page.text.split('\n');
  for (const [line, printed] of [...shown].sort(([a], [b]) => b - a)) {
    const end = lines.indexOf('```', line);
    const before = lines.slice(line, end);
    const now = printed.trimEnd().split('\n');
    const same = before.length === now.length && firstMissing(before.join('\n'), printed) === undefined;
    if (!same && !before.includes('...')) lines.splice(line, before.length, ...now);
  }
  writeFileSync(path.join(root, page.name), lines.join('\n'));
}

describe('commands, descriptions and output in the documentation', () => {
  it.each(told.map((page) => [page.name, page] as const))(
    'are what %s says',
    async (_, page) => {
      const { faults, skipped, shown } = await tell(page);
      if (process.env.UPDATE_GOLDEN === '1') rewrite(page, shown);
      for (const [command, reason] of skipped) skips.set(`${page.name}: ${command}`, reason);
      expect(faults).toEqual([]);
    },
    3 * minute,
  );

  it('are run, but for those of the list, and all reasons of the list are in use', () => {
    // eslint-disable-next-line no-console -- what is not run is never silent
    console.info([...skips].map(([command, reason]) => `not run: ${command} (${reason})`).join('\n'));
    const used = new Set(skips.values());
    expect(notRun.filter(({ reason }) => !used.has(reason))).toEqual([]);
  });
});

describe('examples', () => {
  it.each(['docs/examples', 'stacks/examples'].flatMap((folder) => yamlOf(folder)))(
    '%s is checked without an error',
    async (file) => {
      const { code, stderr } = await runCaptured(['check', file], { cwd: root });
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('error[')]);
      const named = pages.find(({ name }) => name === 'docs/examples.md')!.text;
      expect(named).toContain(`[${path.basename(file)}](`);
    },
  );
});

describe('the test of the documentation', () => {
  const page = (text: string) => {
    const [language, ...lines] = text.split('\n');
    return { name: 'page', text, blocks: [{ language, text: lines.join('\n'), line: 1 }] };
  };

  it.each([
    ['a command that is neither run nor listed', 'sh\nfrobnicate now', /neither run nor in the list/],
    ['another exit code', 'sh\nnpx dwcp check none.yaml', /ended with 1, not 0/],
    ['an option that there is not', 'sh\nsudo npx dwcp lab up net.yaml --quick', /no option --quick/],
    ['a description that is refused', 'yaml\n# net.yaml\nnetwork: net', /net.yaml is checked with 1/],
    ['a description without a file', 'yaml\nnetwork: net', /names no file/],
    ['output of no command', 'text\nfine', /no command above it/],
  ])('finds %s', async (_, text, fault) => {
    expect((await tell(page(text))).faults).toEqual([expect.stringMatching(fault)]);
  });

  it('reads exit codes from comments, quotes, and lines that go on', () => {
    expect(
      commandsOf("npx dwcp diff a.json b.json # exit 2: changes\n# a comment\necho '# no' >> x \\\n  y"),
    ).toEqual([
      { text: 'npx dwcp diff a.json b.json', code: 2 },
      { text: "echo '# no' >> x y", code: 0 },
    ]);
  });

  it('wants lines in the order in which they are printed', () => {
    expect(firstMissing('a\n...\nc', 'a\nb\nc\n')).toBeUndefined();
    expect(firstMissing('c\na', 'a\nb\nc\n')).toBe('a');
  });
});

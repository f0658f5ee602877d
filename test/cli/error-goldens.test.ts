import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCaptured, type CapturedRun } from '../golden/captured-io';
import { shellWords } from '../golden/shell-words';

/**
 * Bad input and the exact text it gets. A folder of test/golden/errors is one fault: its files are the
 * input, `args` is the command line if not `check network.yaml`, `expected.txt` is what comes out.
 * `UPDATE_GOLDEN=1` rewrites the latter.
 */
const root = path.join(__dirname, '..', 'golden', 'errors');
const update = process.env.UPDATE_GOLDEN === '1';
const entries = readdirSync(root, { withFileTypes: true });
const cases = entries
  .filter((e) => e.isDirectory())
  .map((e) => e.name)
  .sort();

/** Every file and folder below a case, with its content: nothing may be written there. */
function snapshot(folder: string): Record<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    found.map((e) => {
      const full = path.join(e.parentPath, e.name);
      return [path.relative(folder, full), e.isFile() ? readFileSync(full, 'latin1') : 'folder'];
    }),
  );
}

function format(run: CapturedRun): string {
  const part = (name: string, text: string) =>
    `--- ${name}\n${text}${text === '' || text.endsWith('\n') ? '' : '\n\\ no newline\n'}`;
  return `exit ${run.code}\n${part('stdout', run.stdout)}${part('stderr', run.stderr)}`;
}

function argsOf(folder: string): string[] {
  const file = path.join(folder, 'args');
  return existsSync(file) ? shellWords(readFileSync(file, 'utf8')) : ['check', 'network.yaml'];
}

describe('bad input', () => {
  it('is covered by sixty cases at least', () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });

  it('has a folder for each case and no orphaned file', () => {
    expect(entries.filter((e) => !e.isDirectory()).map((e) => e.name)).toEqual([]);
    const orphans = cases.flatMap((name) => {
      const folder = path.join(root, name);
      const files = Object.keys(snapshot(folder));
      const args = argsOf(folder);
      const line = args.join(' ');
      const beside = (file: string) => /\.(lock|keys)\.json$/.test(file) || line.includes(file);
      const strange = files.filter((f) => f !== 'args' && f !== 'expected.txt' && !beside(f));
      return [
        ...strange.map((f) => `${name}/${f}`),
        ...(files.includes('expected.txt') || update ? [] : [`${name}/`]),
      ];
    });
    expect(orphans).toEqual([]);
  });

  it.each(cases)('%s', async (name) => {
    const folder = path.join(root, name);
    const before = snapshot(folder);
    const text = format(await runCaptured(argsOf(folder), { cwd: folder }));
    expect(snapshot(folder)).toEqual(before);
    expect(text).not.toContain(path.sep + path.join('golden', 'errors'));
    const expected = path.join(folder, 'expected.txt');
    if (update) writeFileSync(expected, text);
    expect(text).toBe(readFileSync(expected, 'utf8'));
  });

  it.each(cases)('%s fails, says what to do next, and shows no inside of the program', (name) => {
    const text = readFileSync(path.join(root, name, 'expected.txt'), 'utf8');
    expect(text).not.toMatch(/^exit 0$/m);
    expect(text).not.toMatch(/\n\s+at .*\(.*:\d+:\d+\)|node_modules|undefined|\[object |\bzod\b|YAML\./i);
    expect(text).toMatch(/next"?: |run 'dwcp|did you mean/i);
    const heads = text.split('\n').filter((line) => /^(error|warning)\[/.test(line));
    const repeated = heads.filter((line, i) => heads.indexOf(line) !== i);
    expect(repeated).toEqual([]);
  });

  it('gets another text in every case', () => {
    const texts = cases.map((name) => readFileSync(path.join(root, name, 'expected.txt'), 'utf8'));
    const twins = texts.flatMap((text, i) =>
      texts.indexOf(text) < i ? [`${cases[texts.indexOf(text)]} = ${cases[i]}`] : [],
    );
    expect(twins).toEqual([]);
  });
});

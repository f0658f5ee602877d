import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.join(__dirname, '..');

/** Most lines of a function, with all that stands in it, and most parameters. */
const most = { lines: 120, parameters: 6, file: 350, medianFile: 70, ninetiethFile: 200 };

const sources = ['lib', 'constructs', 'stacks']
  .flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
      path.posix.join(folder, file.split(path.sep).join('/')),
    ),
  )
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));

const linesOf = (text: string) => text.split('\n').length - 1;

/** Functions of a file that are beyond a limit. */
function beyond(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const line = (at: number) => source.getLineAndCharacterOfPosition(at).line;
      const lines = line(node.end) - line(node.getStart()) + 1;
      const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
      const name = named?.getText() ?? `line ${line(node.getStart()) + 1}`;
      if (lines > most.lines) found.push(`${file} ${name}: lines`);
      if (node.parameters.length > most.parameters)
        found.push(`${file} ${name}: ${node.parameters.length} parameters`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('limits', () => {
  it('no function is longer than 120 lines or takes more than 6 arguments', () => {
    expect(sources.flatMap(({ file, text }) => beyond(file, text))).toEqual([]);
  });

  it('a file of more than 350 lines says why in its first line', () => {
    const long = sources.filter(
      ({ text }) => linesOf(text) > most.file && !text.startsWith('// Long because'),
    );
    expect(long.map(({ file }) => file)).toEqual([]);
  });

  it('files are short: the median has at most 70 lines, and nine of ten at most 200', () => {
    const lengths = sources.map(({ text }) => linesOf(text)).sort((a, b) => a - b);
    const at = (share: number) => lengths[Math.floor(share * (lengths.length - 1))];
    process.stdout.write(`${lengths.length} files: median ${at(0.5)} lines, 90th ${at(0.9)}\n`);
    expect(at(0.5)).toBeLessThanOrEqual(most.medianFile);
    expect(at(0.9)).toBeLessThanOrEqual(most.ninetiethFile);
  });

  it('finds a function and a train of arguments that are too long', () => {
    const text = `const f = () => {${'\n'.repeat(120)}};\nfunction g(a, b, c, d, e, f, h) {}\n`;
    expect(beyond('x.ts', text)).toEqual(['x.ts f: lines', 'x.ts g: 7 parameters']);
  });
});

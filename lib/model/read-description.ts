import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
  type YAMLError,
} from 'yaml';
import { problem, sortDiagnostics, type Diagnostic, type SourcePosition } from '../diagnostics';
import { isTooDeep } from './nesting';
import { parseDescription, type ParsedDescription } from './parse';
import { Reporter, type Locate, type RawPath } from './reporter';
import { findTokenText } from './token-text';

/** A description file's text as raw data, with what finds its places again. */
export interface ReadText {
  readonly input?: unknown;
  readonly locate?: Locate;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a description from YAML 1.2 or JSON text (JSON is YAML) and checks it.
 *
 * @param fileName stands in positions only; nothing is opened.
 */
export function readDescription(
  text: string,
  fileName: string,
): ParsedDescription & Pick<ReadText, 'locate'> {
  const { input, locate, diagnostics } = readDescriptionText(text, fileName);
  return input === undefined ? { diagnostics } : { ...parseDescription(input, locate), locate };
}

/**
 * Reads the text into raw data; syntax errors, duplicate keys and conflict markers are reported with line
 * and column.
 */
export function readDescriptionText(text: string, fileName: string): ReadText {
  // The byte order mark that some editors write is no part of the text.
  if (text.startsWith('\uFEFF')) return readDescriptionText(text.slice(1), fileName);
  const at = (line: number, column: number): SourcePosition => ({ file: fileName, line, column });
  const conflict = findConflictMarker(text);
  if (conflict !== undefined) {
    const found = problem(
      'merge-conflict',
      '',
      `${fileName} has a merge-conflict marker`,
      'resolve the conflict first',
    );
    return { diagnostics: [{ ...found, position: at(conflict, 1) }] };
  }
  if (text.includes('\u0000') || text.includes('\uFFFD')) {
    return {
      diagnostics: [problem('not-text', '', `${fileName} is no UTF-8 text`, 'give a YAML or JSON file')],
    };
  }
  if (isTooDeep(text)) {
    const code = `${formatOf(fileName).toLowerCase()}-syntax`;
    const next = 'a description needs fewer than ten levels';
    return { diagnostics: [problem(code, '', `${fileName} is nested too deeply`, next)] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  if (document.errors.length > 0) {
    return { diagnostics: syntaxErrors(document.errors, text, fileName, lines) };
  }
  const aliases = aliasesOf(document);
  const atAlias = (alias: Alias | undefined, message: string, next: string): ReadText => {
    const { line, col } = lines.linePos(alias?.range?.[0] ?? 0);
    return { diagnostics: [{ ...problem('yaml-alias', '', message, next), position: at(line, col) }] };
  };
  const loose = aliases.find((alias) => alias.resolve(document) === undefined);
  if (loose) {
    return atAlias(
      loose,
      `alias '*${loose.source}' has no anchor before it`,
      `write '&${loose.source}' at what it stands for`,
    );
  }
  let input: unknown;
  try {
    input = document.toJS({ maxAliasCount: mostAliases });
  } catch {
    return atAlias(
      aliases[0],
      `aliases of aliases multiply to more than ${mostAliases}`,
      'write out what they stand for',
    );
  }
  if (input === null || input === undefined) {
    const next = "start with 'network: <name>' and 'regions:'";
    return { diagnostics: [problem('empty-description', '', `${fileName} is empty`, next)] };
  }
  const find: Locate = (path) => locate(document, lines, path, fileName);
  const token = findTokenText(input);
  if (token) {
    const reporter = new Reporter(input, find);
    const next = 'write the value itself; a value that Terraform knows comes from code, by a construct';
    reporter.error('token-in-file', token, 'looks like a token of cdktf, which a file cannot hold', next);
    return { diagnostics: reporter.diagnostics };
  }
  return { input, locate: find, diagnostics: [] };
}

function formatOf(file: string): 'JSON' | 'YAML' {
  return /\.json$/i.test(file) ? 'JSON' : 'YAML';
}

/** Enough for a figure shared by every link of a large mesh; a bomb of aliases has billions. */
const mostAliases = 10000;

function aliasesOf(document: Document): Alias[] {
  const found: Alias[] = [];
  visit(document, { Alias: (_key, alias) => void found.push(alias) });
  return found;
}

/**
 * Every repeated key, and of other faults the first alone: what the parser finds behind it follows from
 * it.
 */
function syntaxErrors(
  errors: readonly YAMLError[],
  text: string,
  file: string,
  lines: LineCounter,
): Diagnostic[] {
  const format = formatOf(file);
  const report = (error: YAMLError, code: string, message: string, next: string): Diagnostic => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { ...problem(code, '', message, next), position: { file, line, column: col } };
  };
  const repeated = errors
    .filter((error) => error.code === 'DUPLICATE_KEY')
    .map((error) => {
      const key = /^\s*(?:"([^"]*)"|'([^']*)'|([^\s:]+))/
        .exec(text.slice(error.pos[0]))
        ?.slice(1)
        .find((k) => k !== undefined);
      return report(
        error,
        'duplicate-key',
        `key '${key ?? ''}' stands twice in one map`,
        'remove or rename one of them',
      );
    });
  const first = errors
    .filter((error) => error.code !== 'DUPLICATE_KEY')
    .reduce<YAMLError | undefined>(
      (least, error) => (least && least.pos[0] <= error.pos[0] ? least : error),
      undefined,
    );
  if (!first) return sortDiagnostics(repeated);
  const code = `${format.toLowerCase()}-syntax`;
  const cut = first.pos[0] >= text.trimEnd().length;
  const [message, next] = syntaxText(first, cut, format === 'JSON') ?? [
    lowerFirst(first.message),
    `mend the ${format} at this place`,
  ];
  return sortDiagnostics([...repeated, report(first, code, message, next)]);
}

/** What the parser found, in words about the text instead of the parser; undefined where its own will do. */
function syntaxText(
  { code, message }: YAMLError,
  atEnd: boolean,
  json: boolean,
): readonly [string, string] | undefined {
  const quote = /closing ["']quote/.test(message);
  // YAML has texts of several lines, JSON has none: there the file was cut.
  if (quote && !json) return ['a quoted text is not closed', 'find the quote that opens it, and close it'];
  const closing = /end with an? ([}\]])/.exec(message)?.[1];
  if (atEnd && (closing ?? quote))
    return ['the text ends in the middle', 'complete it, or restore the file from version control'];
  if (closing) return [`the ${closing === '}' ? 'map' : 'list'} is not closed`, `write '${closing}' here`];
  if (/^All .* items must start at the same column/.test(message)) {
    return ['is not indented as the lines around it', 'indent the entries of one map or list alike'];
  }
  return syntaxTexts[code];
}

/** What the parser's codes mean to the writer of a description, where its own words are about parsers. */
const syntaxTexts: Readonly<Partial<Record<string, readonly [string, string]>>> = {
  BLOCK_AS_IMPLICIT_KEY: [
    'the value runs into another key',
    "indent the next line no deeper than its neighbours, or quote a text that holds ': '",
  ],
  MULTIPLE_DOCS: ['a second YAML document begins here', "remove '---', or give it a file of its own"],
  TAB_AS_INDENT: ['a tab indents this line', 'indent with spaces: YAML allows no tabs there'],
  UNEXPECTED_TOKEN: [
    'something stands here that does not belong',
    'look for a missing comma, colon or quote before it',
  ],
};

function lowerFirst(message: string): string {
  const line = message.split('\n')[0];
  return line[0].toLowerCase() + line.slice(1);
}

/** The line (from 1) of the first merge-conflict marker, if there is one. */
export function findConflictMarker(text: string): number | undefined {
  const index = text.split('\n').findIndex((line) => /^(<{7}|>{7}) /.test(line) || /^={7}\r?$/.test(line));
  return index < 0 ? undefined : index + 1;
}

/** Where the deepest existing part of a raw path stands: a key's or a list entry's first character. */
function locate(
  document: Document,
  lines: LineCounter,
  path: RawPath,
  file: string,
): SourcePosition | undefined {
  let node: unknown = document.contents;
  let found: Node | undefined;
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(segment),
      );
      if (!pair) break;
      found = pair.key as Node;
      node = pair.value;
    } else if (isSeq(node) && typeof segment === 'number') {
      node = node.items[segment];
      if (isNode(node)) found = node;
    } else break;
  }
  const offset = found?.range?.[0] ?? (isNode(document.contents) ? document.contents.range?.[0] : undefined);
  if (offset === undefined) return undefined;
  const { line, col } = lines.linePos(offset);
  return { file, line, column: col };
}

import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Alias,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { problem, sortDiagnostics, type Code, type Diagnostic, type SourcePosition } from '../diagnostics';
import { isTooDeep } from './nesting';
import { parseDescription, type ParsedDescription } from './parse';
import { mostAliasedValues, plainData } from './plain-data';
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
  const conflict = findConflictMarker(text);
  if (conflict !== undefined) {
    const found = problem(
      'merge-conflict',
      '',
      `${fileName} has a merge-conflict marker`,
      'resolve the conflict first',
    );
    return { diagnostics: [{ ...found, position: { file: fileName, line: conflict, column: 1 } }] };
  }
  if (text.includes('\u0000') || text.includes('\uFFFD')) {
    return {
      diagnostics: [problem('not-text', '', `${fileName} is no UTF-8 text`, 'give a YAML or JSON file')],
    };
  }
  if (isTooDeep(text)) {
    const code = formatOf(fileName) === 'JSON' ? 'json-syntax' : 'yaml-syntax';
    const next = 'a description needs fewer than ten levels';
    return { diagnostics: [problem(code, '', `${fileName} is nested too deeply`, next)] };
  }
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, version: '1.2', uniqueKeys: false } as const;
  const document = parseDocument(text, options);
  const { value: input, targets, repeated, fault } = plainData(document);
  const at = (node: Node | undefined): SourcePosition => {
    const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
    return { file: fileName, line, column: col };
  };
  const found = [
    ...repeated.map(({ key, name }) => ({
      ...problem(
        'duplicate-key',
        '',
        `key '${name}' stands twice in one map`,
        'remove or rename one of them',
      ),
      position: at(key),
    })),
    ...syntaxErrors(document.errors, text, fileName, lines),
  ];
  if (found.length > 0) return { diagnostics: sortDiagnostics(found) };
  if (fault) {
    const [message, next] = aliasTexts[fault.kind](fault.alias.source);
    return { diagnostics: [{ ...problem('yaml-alias', '', message, next), position: at(fault.alias) }] };
  }
  if (input === null || input === undefined) {
    const next = "start with 'network: <name>' and 'regions:'";
    return { diagnostics: [problem('empty-description', '', `${fileName} is empty`, next)] };
  }
  const place = locator(document, targets);
  const find: Locate = (path) => at(place(path));
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

/** What is wrong with an alias, and what to do. */
const aliasTexts = {
  loose: (name: string) => [
    `alias '*${name}' has no anchor before it`,
    `write '&${name}' at what it stands for`,
  ],
  circular: (name: string) => [
    `alias '*${name}' stands inside of what it stands for`,
    'write out what it stands for',
  ],
  bomb: () => [`aliases stand for more than ${mostAliasedValues} values`, 'write out what they stand for'],
} as const;

/** The first fault of the syntax: what the parser finds behind it follows from it. */
function syntaxErrors(
  errors: readonly YAMLError[],
  text: string,
  file: string,
  lines: LineCounter,
): Diagnostic[] {
  const format = formatOf(file);
  const report = (error: YAMLError, code: Code, message: string, next: string): Diagnostic => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { ...problem(code, '', message, next), position: { file, line, column: col } };
  };
  const first = errors.reduce<YAMLError | undefined>(
    (least, error) => (least && least.pos[0] <= error.pos[0] ? least : error),
    undefined,
  );
  if (!first) return [];
  const code = format === 'JSON' ? 'json-syntax' : 'yaml-syntax';
  const cut = first.pos[0] >= text.trimEnd().length;
  const [message, next] = syntaxText(first, cut, format === 'JSON') ?? [
    lowerFirst(first.message),
    `mend the ${format} at this place`,
  ];
  return [report(first, code, message, next)];
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

/**
 * Finds the deepest existing part of a raw path: a key's or a list entry's node; the whole where there is
 * none. Each map is indexed once, when it is first asked about.
 */
function locator(document: Document, targets: ReadonlyMap<Alias, Node>): (path: RawPath) => Node | undefined {
  const indexes = new Map<YAMLMap, Map<string, Pair>>();
  const pairOf = (map: YAMLMap, name: string): Pair | undefined => {
    let index = indexes.get(map);
    if (!index) {
      const named = map.items.filter(({ key }) => isScalar(key)).map((pair) => [nameOf(pair), pair] as const);
      // Of a repeated key the first is found.
      index = new Map(named.reverse());
      indexes.set(map, index);
    }
    return index.get(name);
  };
  return (path) => {
    let node: unknown = document.contents;
    let found = isNode(node) ? node : undefined;
    for (const segment of path) {
      if (isAlias(node)) node = targets.get(node);
      if (isMap(node)) {
        const pair = pairOf(node, String(segment));
        if (!pair) break;
        found = pair.key as Node;
        node = pair.value;
      } else if (isSeq(node) && typeof segment === 'number') {
        node = node.items[segment];
        if (isNode(node)) found = node;
      } else break;
    }
    return found;
  };
}

function nameOf({ key }: Pair): string {
  return String((key as Scalar).value);
}

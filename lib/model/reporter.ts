import { defaultClass } from './qos';
import { nearest, type Code, type Diagnostic, type Severity, type SourcePosition } from '../diagnostics';

/** Where in the raw description something stands: keys and list indexes. */
export type RawPath = readonly (string | number)[];

/** Finds the place of a raw path in the text it was read from. */
export type Locate = (path: RawPath) => SourcePosition | undefined;

/** Faults that come with a suggestion: comparing a word with all others takes long. */
const mostSuggested = 200;

/** Collects diagnostics by raw path, and names links and demands by id where they have one. */
export class Reporter {
  readonly diagnostics: Diagnostic[] = [];
  private readonly seen = new Set<string>();

  constructor(
    private readonly input: unknown,
    private readonly locate?: Locate,
    /** What may be told; default: all. */
    private readonly tells: (code: Code, path: RawPath) => boolean = () => true,
  ) {}

  error(code: Code, path: RawPath, message: string, next: string): void {
    this.add('error', code, path, message, next);
  }

  warn(code: Code, path: RawPath, message: string, next: string): void {
    this.add('warning', code, path, message, next);
  }

  /**
   * `links.link-a-b.bandwidth` for `['links', 3, 'bandwidth']`; the index stays where the entry has no id.
   */
  label(path: RawPath): string {
    let text = '';
    let value: unknown = this.input;
    path.forEach((segment, depth) => {
      value =
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[segment] : undefined;
      if (typeof segment === 'string') text += text === '' ? segment : `.${segment}`;
      else {
        const id = depth === 1 ? entryId(path[0], value) : undefined;
        text += id === undefined ? `[${segment}]` : `.${id}`;
      }
    });
    return text;
  }

  /**
   * Where an entry stands, for a message about another one: `line 7` of a file, `links[2]` of a
   * description in code.
   */
  place(path: RawPath): string {
    const position = this.locate?.(path);
    return position
      ? `line ${position.line}`
      : path.map((s) => (typeof s === 'number' ? `[${s}]` : s)).join('');
  }

  /** As `nearest`, for the first faults alone: nobody reads the suggestion of the thousandth. */
  nearest(word: string, candidates: Iterable<string>): string | undefined {
    return this.diagnostics.length < mostSuggested ? nearest(word, candidates) : undefined;
  }

  private add(severity: Severity, code: Code, path: RawPath, message: string, next: string): void {
    if (!this.tells(code, path)) return;
    const position = this.locate?.(path);
    const base = { code, severity, path: this.label(path), message, next };
    // A mesh is checked once a pair, and what is wrong with all of it is one fault.
    const key = JSON.stringify([path, base]);
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.diagnostics.push(position ? { ...base, position } : base);
  }
}

function entryId(kind: string | number, entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  if (kind === 'links') return tryLinkId(entry);
  return kind === 'demands' ? tryDemandId(entry) : undefined;
}

/** The id of a link entry: its own, or `link-<a>-<b>`; undefined if its ends are not two texts. */
export function tryLinkId(entry: {
  id?: unknown;
  between?: unknown;
  from?: unknown;
  to?: unknown;
}): string | undefined {
  if (typeof entry.id === 'string') return entry.id;
  const ends = Array.isArray(entry.between) ? (entry.between as unknown[]) : [entry.from, entry.to];
  const [a, b] = ends;
  return ends.length === 2 && typeof a === 'string' && typeof b === 'string' ? `link-${a}-${b}` : undefined;
}

/** The id of a demand entry: its own, or `demand-<from>-<to>-<class>`. */
export function tryDemandId(entry: {
  id?: unknown;
  from?: unknown;
  to?: unknown;
  class?: unknown;
}): string | undefined {
  if (typeof entry.id === 'string') return entry.id;
  if (typeof entry.from !== 'string' || typeof entry.to !== 'string') return undefined;
  return `demand-${entry.from}-${entry.to}-${typeof entry.class === 'string' ? entry.class : defaultClass}`;
}

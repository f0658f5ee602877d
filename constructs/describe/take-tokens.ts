import { Token } from 'cdktf';
import { problem, type Diagnostic } from '../../lib/diagnostics';
import { isKnownAtApply, knownAtApply } from '../../lib/model';

/** A description without tokens, and what was taken out of it. */
export interface TokenFree {
  readonly description: Record<string, unknown>;
  /** The tokens, by the text that stands for each in the description and in the plan. */
  readonly tokens: ReadonlyMap<string, string>;
  /** An error for each token where the planner needs the value at synth. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Where planning needs no value: ids of what a region uses of yours, and values of tags. */
const welcome = [
  /^regions\.[^.]+\.vpc\.id$/,
  /^regions\.[^.]+\.vpc\.(publicSubnets|routeTables)\[\d+\]$/,
  /^regions\.[^.]+\.tags\../,
  /^tags\../,
];

/**
 * Takes the unresolved tokens out of a description: values that Terraform knows at apply. Where planning
 * needs none, a text that says so stands in for the token; everywhere else it is an error that names the
 * field. Paths as the parser writes them: `links.<id>.bandwidth`, `regions.<id>.block`.
 */
export function takeTokens(description: Record<string, unknown>): TokenFree {
  const tokens = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  const report = (path: string, list: boolean) => {
    const message = 'is a Terraform token: its value is known at apply, and the planner needs it at synth';
    const next = list
      ? 'write a list of as many entries as there are: [Fn.element(list, 0), Fn.element(list, 1)]'
      : 'write the value itself here, as text or number';
    diagnostics.push(problem('value-is-token', path, message, next));
  };
  const visit = (value: unknown, path: string, depth: number): unknown => {
    if (Token.isUnresolved(value)) {
      if (Array.isArray(value) || !welcome.some((place) => place.test(path))) {
        report(path, Array.isArray(value) && /\.vpc\.(publicSubnets|routeTables)$/.test(path));
        return value;
      }
      const standIn = knownAtApply(path);
      tokens.set(standIn, Token.asString(value));
      return standIn;
    }
    if (typeof value === 'string' && isKnownAtApply(value)) {
      const message = `'${value}' is what plans say of a token`;
      diagnostics.push(
        problem('stand-in-without-token', path, message, 'write the value, or give the token'),
      );
    }
    if (Array.isArray(value)) {
      return value.map((entry: unknown, i) =>
        visit(entry, depth === 1 ? listLabel(path, entry, i) : `${path}[${i}]`, depth + 1),
      );
    }
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.entries(value).map(([key, field]) => {
      if (!Token.isUnresolved(key))
        return [key, visit(field, path === '' ? key : `${path}.${key}`, depth + 1)];
      report(path, false);
      return [key, field as unknown];
    });
    return Object.fromEntries(fields) as unknown;
  };
  const taken = visit(description, '', 0) as Record<string, unknown>;
  return { description: taken, tokens, diagnostics };
}

function listLabel(path: string, entry: unknown, index: number): string {
  const id = typeof entry === 'object' && entry !== null ? (entry as { id?: unknown }).id : undefined;
  return typeof id === 'string' && !Token.isUnresolved(id) ? `${path}.${id}` : `${path}[${index}]`;
}

/** Data with each token back where a text stands for it. Keys are never tokens. */
export function putTokens<T>(data: T, tokens: ReadonlyMap<string, string>): T {
  const put = (value: unknown): unknown => {
    if (typeof value === 'string') return tokens.get(value) ?? value;
    if (Array.isArray(value)) return value.map(put);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, put(field)]));
  };
  return tokens.size === 0 ? data : (put(data) as T);
}

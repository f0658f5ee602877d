import { z } from 'zod';
import { nearest } from '../diagnostics';
import type { NetworkDescription } from './description';
import { tryRepair, type Repaired } from './repair-shape';
import type { RawPath, Reporter } from './reporter';
import { descriptionSchema } from './schema';

/**
 * Checks which keys a raw description has and what kind of value each takes, and reports every fault. Returns
 * the description, without what has a fault, where the rest of it can be checked by itself.
 */
export function checkShape(input: unknown, reporter: Reporter): Repaired<NetworkDescription> | undefined {
  const fine = refuseProto(input, reporter);
  const parsed = descriptionSchema.safeParse(input);
  if (parsed.success)
    return fine ? { description: parsed.data as NetworkDescription, tells: () => true } : undefined;
  const issues = flatten(parsed.error.issues);
  const misspelt = new Set(issues.flatMap(misspeltPaths));
  for (const issue of issues) {
    // A key that is there under a wrong name is not reported as missing too.
    const missing = valueAt(input, issue.path as RawPath) === undefined;
    if (!missing || !misspelt.has(JSON.stringify(issue.path))) reportIssue(issue, input, reporter);
  }
  return fine ? tryRepair(descriptionSchema as z.ZodType<NetworkDescription>, input) : undefined;
}

/**
 * Reports things called `__proto__`: JavaScript takes the name for itself, and zod leaves it out of maps
 * without a word. Where keys are fixed it is unknown like any other.
 */
function refuseProto(input: unknown, reporter: Reporter): boolean {
  const regions = valueAt(input, ['regions']);
  const ids = typeof regions === 'object' && regions !== null ? Object.keys(regions) : [];
  const maps: RawPath[] = [
    ...['regions', 'policies', 'reservations', 'objectives', 'quotas', 'tags'].map((key) => [key]),
    ...ids.map((id) => ['regions', id, 'tags']),
  ];
  const found = maps.filter((path) => {
    const map = valueAt(input, path);
    return typeof map === 'object' && map !== null && Object.hasOwn(map, '__proto__');
  });
  for (const path of found) {
    const message = "'__proto__' cannot be a name: JavaScript keeps it for itself";
    reporter.error('bad-id', [...path, '__proto__'], message, 'give it another name');
  }
  return found.length === 0;
}

/** So many of one map are told one by one. */
const mostUnknownKeys = 50;

/** Paths of the keys that unknown keys stand for. */
function misspeltPaths(issue: Issue): string[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const known = knownKeys(issue.path as RawPath);
  return issue.keys.slice(0, mostUnknownKeys).flatMap((key) => {
    const near = nearest(key, known);
    return near === undefined ? [] : [JSON.stringify([...issue.path, near])];
  });
}

type Issue = z.core.$ZodIssue;

/** A union's fault is that of its likeliest branch: the one that gets furthest. */
function flatten(issues: readonly Issue[], prefix: PropertyKey[] = []): Issue[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const depth = (branch: readonly Issue[]) => Math.max(...branch.map((i) => i.path.length));
      const best = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0];
      return flatten(best, path);
    }
    return [{ ...issue, path } as Issue];
  });
}

function reportIssue(issue: Issue, input: unknown, reporter: Reporter): void {
  const path = issue.path as RawPath;
  const value = valueAt(input, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownKeys(path);
      for (const key of issue.keys.slice(0, mostUnknownKeys)) {
        const near = nearest(key, known);
        const guess = near ? `did you mean '${near}'?` : `known keys: ${known.join(', ')}`;
        const next = tryInstead(path, key) ?? guess;
        reporter.error('unknown-key', [...path, key], `unknown key '${key}'`, next);
      }
      if (issue.keys.length > mostUnknownKeys) {
        const key = issue.keys[mostUnknownKeys];
        const message = `${issue.keys.length - mostUnknownKeys} more unknown keys from here on`;
        reporter.error('unknown-key', [...path, key], message, `known keys: ${known.join(', ')}`);
      }
      return;
    }
    case 'invalid_value': {
      const shown = typeof value === 'string' ? `'${value}'` : show(value);
      if (alsoList(path)) {
        reporter.error(
          'unknown-value',
          path,
          `${shown} is not allowed here`,
          `use ${issue.values.join(', ')}, or a list`,
        );
        return;
      }
      const values = issue.values.map(String);
      const near = typeof value === 'string' ? nearest(value, values) : undefined;
      const list = values.join(', ');
      const use = values.length === 1 ? `use ${list}` : `use one of ${list}`;
      const next = near ? `did you mean '${near}'? (one of ${list})` : use;
      reporter.error('unknown-value', path, `${shown} is not allowed here`, next);
      return;
    }
    case 'invalid_type': {
      const wanted = kinds[issue.expected] ?? 'a value';
      const described = describedAt(path);
      if (value === undefined) {
        const key = path[path.length - 1];
        reporter.error('missing-key', path, `'${String(key)}' is missing`, `add it (${described ?? wanted})`);
      } else {
        const next = described === undefined ? `write ${wanted} here` : `write ${wanted} here (${described})`;
        reporter.error('wrong-type', path, `expected ${wanted}, got ${show(value)}`, next);
      }
      return;
    }
    default:
      reporter.error('invalid', path, issue.message, 'see dwcp schema for what is allowed here');
  }
}

/** What to write instead of keys that people expect and that are none of ours. */
function tryInstead(path: RawPath, key: string): string | undefined {
  if (key === '<<') return "YAML 1.2 has no merge keys; write the keys out, or use 'defaults'";
  if (key === 'capacity' && path.length === 2 && path[0] === 'regions')
    return "what a region carries follows from its 'gateways' (count, instanceType) and its links' 'bandwidth'";
  return undefined;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

function show(value: unknown): string {
  if (value === null) return 'nothing (null)';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return `the text '${value}'`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return typeof value === 'number' ? `the number ${value}` : String(value);
}

function valueAt(input: unknown, path: RawPath): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
    input,
  );
}

/** The keys that the schema knows at a path, sorted. */
function knownKeys(path: RawPath): string[] {
  const schema = schemaAt(path);
  const inner = schema && unwrap(schema);
  return inner instanceof z.ZodObject
    ? Object.keys(inner.shape as object)
        .filter((k) => k !== '$schema')
        .sort()
    : [];
}

/** What the schema says about what stands at a path. */
function describedAt(path: RawPath): string | undefined {
  const schema = schemaAt(path);
  return schema && (schema.meta()?.description ?? unwrap(schema).meta()?.description);
}

/** Does the schema take a list at a path as well as words? */
function alsoList(path: RawPath): boolean {
  const schema = schemaAt(path);
  return schema !== undefined && unwrap(schema) instanceof z.ZodUnion;
}

/** The schema of what stands at a path, optional or not; undefined where the schema knows nothing. */
function schemaAt(path: RawPath): z.ZodType | undefined {
  let schema: z.ZodType | undefined = descriptionSchema;
  for (const segment of path) {
    const inner: z.ZodType | undefined = schema && unwrap(schema);
    if (inner instanceof z.ZodObject) schema = inner.shape[segment] as z.ZodType | undefined;
    else if (inner instanceof z.ZodRecord) schema = inner.valueType as z.ZodType;
    else if (inner instanceof z.ZodArray) schema = inner.element as z.ZodType;
    else return undefined;
  }
  return schema;
}

function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional ? unwrap(schema.unwrap() as z.ZodType) : schema;
}

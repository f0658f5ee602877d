import { descriptionJsonSchema } from '../../lib/model';

/**
 * Every place of a description where a stranger may put a text, from the published schema: each leaf
 * whatever its type, each key of a map, and a key that the schema does not know in each of its maps. The
 * walks over hostile texts begin here, so that a new field is walked without anybody thinking of it.
 */
export interface TextPlace {
  /**
   * `regions.*.tags.*`, `links[].srlg[]`; a key of a map is `regions.<key>`, another key `links[].<unknown>`.
   */
  readonly pattern: string;
  /**
   * The description with a text at this place of the entry that has most of the way there. A text that names
   * something (a key, an id) is put wherever the name stands, so that no dangling name hides what it does.
   */
  with(description: unknown, text: string): unknown;
}

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'value' | 'key' | 'unknown' | 'entry' };
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly examples?: readonly unknown[];
  readonly required?: readonly string[];
}

/** In the order of the schema. */
export function textPlaces(): TextPlace[] {
  const schema = descriptionJsonSchema() as Schema;
  return stepsOf(schema).map((steps) => ({
    pattern: patternOf(steps),
    with: (description, text) => put(description, schema, steps, text),
  }));
}

const leaves: ReadonlySet<string> = new Set(['string', 'number', 'boolean']);

function stepsOf(schema: Schema): Step[][] {
  const under = (step: Step, inner: Schema) => stepsOf(inner).map((rest) => [step, ...rest]);
  const found: Step[][] = leaves.has(schema.type ?? '') ? [[]] : [];
  for (const branch of schema.anyOf ?? []) found.push(...stepsOf(branch));
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    found.push(...under({ kind: 'field', name }, inner));
  }
  if (schema.additionalProperties) {
    found.push([{ kind: 'key' }], ...under({ kind: 'value' }, schema.additionalProperties));
  }
  if (schema.additionalProperties === false) found.push([{ kind: 'unknown' }]);
  if (schema.items) found.push(...under({ kind: 'entry' }, schema.items));
  return found;
}

function patternOf(steps: readonly Step[]): string {
  const texts = { value: '.*', key: '.<key>', unknown: '.<unknown>', entry: '[]' };
  return steps
    .map((step) => (step.kind === 'field' ? `.${step.name}` : texts[step.kind]))
    .join('')
    .replace(/^\./, '');
}

function put(description: unknown, schema: Schema, steps: readonly Step[], text: string): unknown {
  const last = steps[steps.length - 1];
  const map = steps[steps.length - 2];
  const ofPlainMap = map?.kind === 'field' && /^(tags|quotas)$/.test(map.name);
  const names = (last.kind === 'key' && !ofPlainMap) || (last.kind === 'field' && last.name === 'id');
  if (!names) return set(description, schema, steps, text);
  const old = existing(description, steps);
  return old === undefined ? set(description, schema, steps, text) : renamed(description, old, text);
}

/** The name that stands at the place now. */
function existing(value: unknown, [step, ...rest]: readonly Step[]): string | undefined {
  if (step === undefined) return typeof value === 'string' ? value : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  if (step.kind === 'key') return Object.keys(value)[0];
  return existing((value as Record<string, unknown>)[indexOf(value, step, rest)], rest);
}

function renamed(value: unknown, old: string, text: string): unknown {
  if (value === old) return text;
  if (Array.isArray(value)) return value.map((entry) => renamed(entry, old, text));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) => [
    key === old ? text : key,
    renamed(field, old, text),
  ]);
  return Object.fromEntries(entries) as unknown;
}

function set(value: unknown, schema: Schema, [step, ...rest]: readonly Step[], text: string): unknown {
  if (step === undefined) return text;
  const inner = step.kind === 'unknown' ? {} : innerOf(schema, step);
  if (step.kind === 'entry') {
    const entries = Array.isArray(value) ? [...(value as unknown[])] : [];
    const index = Number(indexOf(entries, step, rest));
    entries[index] = set(entries[index] ?? least(inner), inner, rest, text);
    return entries;
  }
  const map = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  if (step.kind === 'unknown') return { ...map, [text]: 1 };
  if (step.kind === 'key') return { ...map, [text]: Object.values(map)[0] ?? least(inner) };
  const key = indexOf(map, step, rest);
  const before = (map as Record<string, unknown>)[key] ?? least(inner);
  return { ...map, [key]: set(before, inner, rest, text) };
}

function innerOf(schema: Schema, step: Step): Schema {
  for (const branch of [schema, ...(schema.anyOf ?? [])]) {
    const inner =
      step.kind === 'field'
        ? branch.properties?.[step.name]
        : step.kind === 'entry'
          ? branch.items
          : undefined;
    if (inner) return inner;
    if ((step.kind === 'value' || step.kind === 'key') && branch.additionalProperties)
      return branch.additionalProperties;
  }
  throw new Error(`the schema has no ${JSON.stringify(step)}`);
}

/** Of a map or list the key or index under which most of the way is there; a new one where it is empty. */
function indexOf(value: object, step: Step, rest: readonly Step[]): string {
  if (step.kind === 'field') return step.name;
  const [best] = Object.entries(value).sort(([, a], [, b]) => reach(b, rest) - reach(a, rest));
  return best?.[0] ?? (step.kind === 'entry' ? '0' : 'new');
}

/** How many steps of the way exist. */
function reach(value: unknown, [step, ...rest]: readonly Step[]): number {
  if (step === undefined || typeof value !== 'object' || value === null) return 0;
  const next = (value as Record<string, unknown>)[indexOf(value, step, rest)];
  return next === undefined ? 0 : 1 + reach(next, rest);
}

/** The least that the schema takes. */
function least(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return least(schema.anyOf[0]);
  if (schema.type === 'object') {
    const required = (schema.required ?? []).map((name) => [name, least(schema.properties![name])]);
    return Object.fromEntries(required) as unknown;
  }
  const simple: Readonly<Record<string, unknown>> = { array: [], number: 1, boolean: true };
  return simple[schema.type ?? ''] ?? schema.examples?.[0] ?? 'text';
}

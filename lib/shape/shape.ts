import { isVisible } from '../escape';
import type { Refuse } from './refuse';

/** Tells what of a value has not the shape of a `T`: each fault with its place. */
export interface Shape<T> {
  (value: unknown, at: string, refuse: Refuse): void;
  /** Only for the compiler: shapes of other types do not stand in for this one. */
  readonly of?: T;
}

const code = 'plan-shape';

function named(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  const kind = typeof value;
  return kind === 'object' ? 'a map' : kind === 'string' ? 'a text' : `a ${kind}`;
}

function scalar<T>(what: string, fits: (value: unknown) => boolean): Shape<T> {
  return (value, at, refuse) => {
    if (!fits(value)) refuse(code, at, `it is ${named(value)}, and has to be ${what}`);
  };
}

/** A line: none of ours holds what could hide or reorder the text around it. */
export const text = scalar<string>(
  'a text without control or invisible characters',
  (v) => typeof v === 'string' && isVisible(v),
);
/** A name, or several joined, as in the id of a path: they go into configurations of other programs. */
export const name = like(/^[A-Za-z0-9][\w.:>/[\]-]*$/, 'a name of letters, digits and . _ : > / [ ] -');
export const flag = scalar<boolean>('true or false', (v) => typeof v === 'boolean');
/** What overflows in JSON reads as infinite. */
export const figure = scalar<number>('a finite number', (v) => Number.isFinite(v));
/** A finite number from 0 on. */
export const amount = scalar<number>('a number from 0 on', (v) => Number.isFinite(v) && (v as number) >= 0);
export const ratio = between(0, 1);
/** A whole number from 0 on. */
export const whole = scalar<number>(
  'a whole number from 0 on',
  (v) => Number.isSafeInteger(v) && (v as number) >= 0,
);

/** A number within bounds, both included. */
export function between(low: number, high: number): Shape<number> {
  const fits = (v: unknown) => typeof v === 'number' && v >= low && v <= high;
  return scalar(`a number from ${low} to ${high}`, fits);
}

/** A whole number within bounds, both included. */
export function wholeBetween(low: number, high: number): Shape<number> {
  const fits = (v: unknown) => Number.isInteger(v) && (v as number) >= low && (v as number) <= high;
  return scalar(`a whole number from ${low} to ${high}`, fits);
}

/** @param what names what the pattern matches. */
export function like(pattern: RegExp, what: string): Shape<string> {
  return scalar(what, (v) => typeof v === 'string' && pattern.test(v));
}

/** A local time, or the date of one, that the calendar has and whose year is from 1970 to 2199. */
export function localTimeLike(pattern: RegExp, example: string): Shape<string> {
  return scalar(`a local time from 1970 to 2199, like '${example}'`, (v) => {
    if (typeof v !== 'string' || !pattern.test(v)) return false;
    const ms = Date.parse(`${v}${v.includes('T') ? '' : 'T00:00'}Z`);
    if (Number.isNaN(ms)) return false;
    const instant = new Date(ms);
    const year = instant.getUTCFullYear();
    // The 30th of February would be read as a day of March.
    return year >= 1970 && year <= 2199 && instant.toISOString().startsWith(v);
  });
}

export function oneOf<const T extends string | number>(...values: readonly T[]): Shape<T> {
  return (value, at, refuse) => {
    if (!(values as readonly unknown[]).includes(value)) {
      const is =
        typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : named(value);
      refuse(code, at, `it is ${is}, and has to be ${values.join(', or ')}`);
    }
  };
}

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (value, at, refuse) => {
    if (value !== null) shape(value, at, refuse);
  };
}

/** A field that may be missing. */
export function orAbsent<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, at, refuse) => {
    if (value !== undefined) shape(value, at, refuse);
  };
}

/** A list of `least` to `most` entries. */
export function list<T>(of: Shape<T>, least = 0, most = Infinity): Shape<readonly T[]> {
  return (value, at, refuse) => {
    if (!Array.isArray(value)) refuse(code, at, `it is ${named(value)}, and has to be a list`);
    else if (value.length < least || value.length > most)
      refuse(code, at, `it has ${value.length} entries, and has to have ${least} to ${most}`);
    else value.forEach((entry, i) => of(entry, `${at}[${i}]`, refuse));
  };
}

/** A map from any name. */
export function record<T>(of: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, at, refuse) => {
    if (!isMap(value)) refuse(code, at, `it is ${named(value)}, and has to be a map`);
    else
      for (const key of Object.keys(value)) {
        text(key, join(at, key), refuse);
        of(value[key], join(at, key), refuse);
      }
  };
}

/** A map with exactly these fields. */
export function fields<T extends object>(shapes: { readonly [K in keyof T]-?: Shape<T[K]> }): Shape<T> {
  const known = Object.entries<Shape<unknown>>(shapes);
  return (value, at, refuse) => {
    if (!isMap(value)) {
      refuse(code, at, `it is ${named(value)}, and has to be a map`);
      return;
    }
    for (const [key, shape] of known)
      shape(Object.hasOwn(value, key) ? value[key] : undefined, join(at, key), refuse);
    for (const key of Object.keys(value))
      if (!Object.hasOwn(shapes, key)) refuse(code, join(at, key), 'a plan has no such field');
  };
}

/** One of some maps, told apart by the field `kind`. */
export function byKind<T extends { readonly kind: string }>(shapes: {
  readonly [K in T['kind']]: Shape<Extract<T, { readonly kind: K }>>;
}): Shape<T> {
  return (value, at, refuse) => {
    const kind = isMap(value) && Object.hasOwn(value, 'kind') ? value.kind : undefined;
    if (typeof kind === 'string' && Object.hasOwn(shapes, kind)) shapes[kind as T['kind']](value, at, refuse);
    else refuse(code, join(at, 'kind'), `it has to be ${Object.keys(shapes).join(', or ')}`);
  };
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names from a file may be of any length and hold anything. */
function join(at: string, key: string): string {
  const name = /^[\w-]{1,60}$/.test(key) ? key : JSON.stringify(key.slice(0, 60));
  return at === '' ? name : `${at}.${name}`;
}

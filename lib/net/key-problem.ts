/** What can be wrong with keys. The table of codes in the room `diagnostics` explains each. */
export type KeyProblemCode =
  | 'key-file-conflict'
  | 'key-file-incomplete'
  | 'key-file-kms'
  | 'key-file-network'
  | 'key-file-not-json'
  | 'key-file-reformatted'
  | 'key-file-secret'
  | 'key-file-shape'
  | 'key-file-tampered'
  | 'key-file-version'
  | 'sealed-part-secret'
  | 'sealed-part-shape';

/** Why keys cannot be read or opened. Never repeats a secret. `code` is stable and kebab-case. */
export interface KeyProblem {
  readonly code: KeyProblemCode;
  readonly message: string;
  /** What to do about it. */
  readonly next: string;
}

/** A value, or why there is none. */
export type KeyResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: KeyProblem };

/** A result without a value. */
export function refuse(
  code: KeyProblemCode,
  message: string,
  next: string,
): { ok: false; problem: KeyProblem } {
  return { ok: false, problem: { code, message, next } };
}

/** Why keys cannot be read or opened. Never repeats a secret. `code` is stable and kebab-case. */
export interface KeyProblem {
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly next: string;
}

/** A value, or why there is none. */
export type KeyResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: KeyProblem };

/** A result without a value. */
export function refuse(code: string, message: string, next: string): { ok: false; problem: KeyProblem } {
  return { ok: false, problem: { code, message, next } };
}

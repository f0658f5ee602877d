import { visible } from '../escape';
import type { Code } from './codes';

/**
 * How bad: an `error` stops the stage after which it is reported, a `warning` is shown and kept in the
 * plan.
 */
export type Severity = 'error' | 'warning';

/** Where in a text file a problem stands; lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * A problem as a value: who finds it does not know who prints it.
 *
 * `code` is stable and kebab-case (`block-overlap`); `path` names the place in the description
 * (`regions.dublin.block`, `links.link-a-b.bandwidth`), empty for the whole; `message` says what is wrong,
 * `next` what to do about it.
 */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: Severity;
  readonly path: string;
  readonly message: string;
  readonly next: string;
  readonly position?: SourcePosition;
}

/** An error diagnostic. */
export function problem(code: Code, path: string, message: string, next: string): Diagnostic {
  return { code, severity: 'error', path, message, next };
}

/** A warning diagnostic. */
export function warning(code: Code, path: string, message: string, next: string): Diagnostic {
  return { code, severity: 'warning', path, message, next };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}

/** Code unit order: the same on every machine, whatever the locale. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Errors first, then by position where one is known, path, code and message: equal input, equal order. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      byText(a.severity, b.severity) ||
      (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
      (a.position?.column ?? 0) - (b.position?.column ?? 0) ||
      byText(a.path, b.path) ||
      byText(a.code, b.code) ||
      byText(a.message, b.message),
  );
}

/**
 * The plain text of one diagnostic, without colour:
 *
 *     error[block-overlap] regions.dublin.block: 10.0.0.0/16 overlaps ...
 *       at network.yaml:12:5
 *       next: ...
 */
export function formatDiagnostic(d: Diagnostic): string {
  const lines = [`${d.severity}[${d.code}] ${d.path === '' ? '' : `${d.path}: `}${d.message}`];
  if (d.position) lines.push(`  at ${d.position.file}:${d.position.line}:${d.position.column}`);
  if (d.next !== '') lines.push(`  next: ${d.next}`);
  return lines.map((line) => shortened(visible(line))).join('\n');
}

/** Longer lines repeat what a file holds, and nobody reads them. */
const mostCharacters = 2000;

function shortened(line: string): string {
  if (line.length <= mostCharacters) return line;
  return `${line.slice(0, mostCharacters)}… (${line.length - mostCharacters} characters more)`;
}

/** A description with errors, thrown where a value cannot be returned (a construct's `plan()`). */
export class DiagnosticError extends Error {
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join('\n'));
    this.name = 'DiagnosticError';
  }
}

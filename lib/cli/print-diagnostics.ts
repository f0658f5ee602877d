import { formatDiagnostic, type Diagnostic } from '../diagnostics';
import { count } from '../units';
import { paint } from '../report/paint';
import { wantsColour, type CliIo } from './io';

/** Of errors, and of warnings: nobody reads more, and a log has a limit. */
const mostShown = 100;

/**
 * Prints diagnostics on standard error, errors first, with a count behind when there are several; of each
 * kind the first hundred.
 */
export function printDiagnostics(io: CliIo, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  const p = paint(wantsColour(io, io.stderr));
  const shown = [errorsOf(diagnostics), warningsOf(diagnostics)].flatMap((alike) =>
    alike.slice(0, mostShown),
  );
  for (const d of shown) {
    const tint = d.severity === 'error' ? p.red : p.yellow;
    const [head, ...rest] = formatDiagnostic(d).split('\n');
    const end = head.indexOf(']') + 1;
    io.stderr.write(
      `${[p.bold(tint(head.slice(0, end))) + head.slice(end), ...rest.map(p.dim)].join('\n')}\n`,
    );
  }
  if (shown.length < diagnostics.length) {
    io.stderr.write(p.dim(`… and ${diagnostics.length - shown.length} more`) + '\n');
  }
  const errors = errorsOf(diagnostics).length;
  const warnings = diagnostics.length - errors;
  if (diagnostics.length < 2) return;
  const parts = [errors > 0 ? count(errors, 'error') : '', warnings > 0 ? count(warnings, 'warning') : ''];
  io.stderr.write(`${parts.filter(Boolean).join(', ')}\n`);
}

function errorsOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter((d) => d.severity === 'error');
}

function warningsOf(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter((d) => d.severity === 'warning');
}

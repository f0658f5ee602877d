import { formatDiagnostic, type Diagnostic } from '../diagnostics';
import { count } from '../units';
import { paint } from '../emit/paint';
import { wantsColour, type CliIo } from './io';

/** Prints diagnostics on standard error, with a count behind when there are several. */
export function printDiagnostics(io: CliIo, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length === 0) return;
  const p = paint(wantsColour(io, io.stderr));
  for (const d of diagnostics) {
    const tint = d.severity === 'error' ? p.red : p.yellow;
    const [head, ...rest] = formatDiagnostic(d).split('\n');
    const end = head.indexOf(']') + 1;
    io.stderr.write(
      `${[p.bold(tint(head.slice(0, end))) + head.slice(end), ...rest.map(p.dim)].join('\n')}\n`,
    );
  }
  const errors = diagnostics.filter((d) => d.severity === 'error').length;
  const warnings = diagnostics.length - errors;
  if (diagnostics.length < 2) return;
  const parts = [errors > 0 ? count(errors, 'error') : '', warnings > 0 ? count(warnings, 'warning') : ''];
  io.stderr.write(`${parts.filter(Boolean).join(', ')}\n`);
}

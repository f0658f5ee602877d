import { hasErrors, sortDiagnostics } from '../diagnostics';
import { count } from '../units';
import type { CliIo, ExitCode } from './io';
import { loadPlan, shownName, type LoadOptions } from './load';
import { printDiagnostics } from './print-diagnostics';

/**
 * `dwcp check`: diagnostics on standard error, one line on standard output when all is well. Writes no
 * file.
 */
export function checkCommand(io: CliIo, file: string, options: LoadOptions & { json?: boolean }): ExitCode {
  const { plan, diagnostics } = loadPlan(io, file, { ...options, writeLock: false });
  const sorted = sortDiagnostics(diagnostics);
  const failed = hasErrors(sorted);
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ ok: !failed, diagnostics: sorted }, null, 2)}\n`);
    return failed ? 1 : 0;
  }
  printDiagnostics(io, sorted);
  if (plan && !failed) {
    const parts = [
      count(plan.regions.length, 'region'),
      count(plan.links.length, 'link'),
      count(plan.routes.length, 'route'),
    ];
    io.stdout.write(`${shownName(file)}: fine; ${parts.join(', ')}\n`);
  }
  return failed ? 1 : 0;
}

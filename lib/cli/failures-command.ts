import { evaluateFailures, renderFailures, renderFailuresMarkdown } from '../emit/failures-report';
import { wantsColour, widthOf, type CliIo, type ExitCode } from './io';
import { loadPlan, type LoadOptions } from './load';
import { printDiagnostics } from './print-diagnostics';

interface FailuresOptions extends LoadOptions {
  readonly dual?: boolean;
  readonly format?: 'text' | 'json' | 'markdown';
  readonly json?: boolean;
  readonly all?: boolean;
}

/** `dwcp failures`: what every single failure does, and every pair of link failures with `--dual`. */
export function failuresCommand(io: CliIo, file: string, options: FailuresOptions): ExitCode {
  const { plan, diagnostics } = loadPlan(io, file, { ...options, writeLock: false });
  const format = options.json ? 'json' : (options.format ?? 'text');
  // What breaks is what one wants to see here.
  if (!plan) {
    printDiagnostics(io, diagnostics);
    return 1;
  }
  const report = evaluateFailures(plan, { dual: options.dual });
  if (format === 'json') io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else if (format === 'markdown') io.stdout.write(renderFailuresMarkdown(report, options.all));
  else {
    const layout = { width: widthOf(io.stdout), colour: wantsColour(io, io.stdout), all: options.all };
    io.stdout.write(renderFailures(report, layout));
  }
  return 0;
}

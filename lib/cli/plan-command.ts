import path from 'node:path';
import { hasErrors, problem, sortDiagnostics } from '../diagnostics';
import { formatOf, formats, type FormatName } from '../report/formats';
import { encodePlan } from '../plan';
import { outFault } from './check-out';
import { wantsColour, widthOf, type CliIo, type ExitCode } from './io';
import { loadPlan, usedText } from '../project';
import { hostOf, type LoadOptions } from './host';
import { printDiagnostics } from './print-diagnostics';
import { writeFileAtomic, writeFault } from '../project/write-file';

interface PlanOptions extends LoadOptions {
  readonly format?: FormatName;
  readonly json?: boolean;
  readonly out?: string;
  readonly all?: boolean;
}

/**
 * `dwcp plan`: the report on standard output; the lock file and `--out` are written whole or not at all. A
 * plan that breaks objectives, and has no other fault, is written to `--out` for review; the lock file stays.
 */
export async function planCommand(io: CliIo, file: string, options: PlanOptions): Promise<ExitCode> {
  const { out } = options;
  const inputs = [file, options.lock, options.keys, options.previous];
  const fault = out === undefined ? undefined : outFault(io, out, inputs);
  if (fault) {
    // Nothing is written, and what else is wrong is told in the same run.
    const { diagnostics } = loadPlan(hostOf(io), file, { ...options, writeLock: false });
    printDiagnostics(io, [fault, ...sortDiagnostics(diagnostics.filter((d) => d.severity === 'error'))]);
    return 1;
  }
  const loaded = loadPlan(hostOf(io), file, { ...options, writeLock: true });
  const diagnostics = sortDiagnostics(loaded.diagnostics);
  const format = formatOf(options);
  const isText = format === formats.text;
  // The text has the warnings in it; beside other formats they go to standard error.
  const shown = isText && loaded.plan && !hasErrors(diagnostics) ? [] : diagnostics;
  printDiagnostics(io, shown);
  const { plan } = loaded;
  const failed = hasErrors(diagnostics);
  if (!plan) return 1;
  const errors = diagnostics.filter((d) => d.severity === 'error');
  const reviewed = failed && errors.every((d) => d.code === 'objective-broken');
  const writes = out !== undefined && (!failed || reviewed);
  if (writes) {
    try {
      writeFileAtomic(path.resolve(io.cwd, out), encodePlan(plan));
    } catch (error) {
      const message = `${out} cannot be written: ${writeFault(error)}`;
      printDiagnostics(io, [problem('file-unwritable', '', message, 'check the folder and the disk')]);
      return 1;
    }
  }
  // A plan that falls short is shown, and neither kept nor handed on to another program.
  if (format.forPrograms && failed) {
    if (writes) io.stderr.write(forReview(out));
    return 1;
  }
  const layout = { width: widthOf(io), colour: wantsColour(io, io.stdout), all: options.all };
  io.stdout.write(await format.plan!(plan, { ...layout, previous: loaded.previous }));
  if (loaded.used && isText) io.stderr.write(`${usedText(loaded.used)}\n`);
  for (const written of loaded.wrote ?? []) io.stderr.write(`wrote ${written}; commit it\n`);
  if (writes) io.stderr.write(failed ? forReview(out) : `wrote ${out}\n`);
  if (loaded.isPrevious) io.stderr.write(`nothing changed: this is the plan in ${options.previous}\n`);
  return failed ? 1 : 0;
}

function forReview(out: string): string {
  return `wrote ${out} for review alone: it breaks an objective, and the lock file stays as it is\n`;
}

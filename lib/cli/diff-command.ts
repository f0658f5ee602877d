import { hasErrors } from '../diagnostics';
import { isEmptyReport, reportedDiff } from '../report/diff-report';
import { formatOf, formats, type FormatName } from '../report/formats';
import { wantsColour, widthOf, type CliIo, type ExitCode } from './io';
import { loadPlan, usedText } from '../project';
import { hostOf, shownName } from './host';
import { printDiagnostics } from './print-diagnostics';

interface DiffOptions {
  readonly format?: FormatName;
  readonly json?: boolean;
  readonly all?: boolean;
  readonly strict?: boolean;
}

/**
 * `dwcp diff`: exit code 0 without changes, 2 with, 1 on an error, as `terraform plan -detailed-exitcode`.
 */
export async function diffCommand(
  io: CliIo,
  before: string,
  after: string,
  options: DiffOptions,
): Promise<ExitCode> {
  const [old, now] = [loadPlan(hostOf(io), before), loadPlan(hostOf(io), after, { strict: options.strict })];
  // Warnings belong to check and plan; here they would hide the changes.
  const errors = [...old.diagnostics, ...now.diagnostics].filter((d) => d.severity === 'error');
  printDiagnostics(io, errors);
  if (!old.plan || !now.plan) return 1;
  const diff = reportedDiff(old.plan, now.plan);
  const format = formatOf(options);
  const layout = { width: widthOf(io), colour: wantsColour(io, io.stdout), all: options.all };
  io.stdout.write(await format.diff!(diff, layout));
  for (const [file, { used }] of [[before, old] as const, [after, now] as const])
    if (used && format === formats.text) io.stderr.write(`${shownName(file)}: ${usedText(used)}\n`);
  if (hasErrors(errors)) return 1;
  return isEmptyReport(diff) ? 0 : 2;
}

import { availableParallelism } from 'node:os';
import { hasErrors } from '../diagnostics';
import { reportStudy, studyFailures } from '../report/failures-report';
import { formatOf, type FormatName } from '../report/formats';
import { wantsColour, widthOf, type CliIo, type ExitCode } from './io';
import { loadPlan } from '../project';
import { hostOf, type LoadOptions } from './host';
import { sweepPairs } from './pair-threads';
import { printDiagnostics } from './print-diagnostics';

interface FailuresOptions extends LoadOptions {
  readonly dual?: boolean;
  /** Most threads. Default: as many as cores. */
  readonly threads?: number;
  readonly format?: FormatName;
  readonly json?: boolean;
  readonly all?: boolean;
}

/** `dwcp failures`: what every single failure does, and every pair of link failures with `--dual`. */
export async function failuresCommand(io: CliIo, file: string, options: FailuresOptions): Promise<ExitCode> {
  const { plan, diagnostics } = loadPlan(hostOf(io), file, { ...options, writeLock: false });
  // Errors of the plan are shown here, not refused.
  if (!plan || options.strict) printDiagnostics(io, diagnostics);
  if (!plan) return 1;
  const study = studyFailures(plan, options.dual === true);
  const threads = options.threads ?? availableParallelism();
  const pairs = study.needsPairs ? await sweepPairs(study.results.evaluator, threads) : null;
  const report = reportStudy(study, pairs);
  const layout = { width: widthOf(io), colour: wantsColour(io, io.stdout), all: options.all };
  io.stdout.write(await formatOf(options).failures!(report, layout));
  return options.strict && hasErrors(diagnostics) ? 1 : 0;
}

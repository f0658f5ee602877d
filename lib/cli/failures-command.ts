import { availableParallelism } from 'node:os';
import { hasErrors } from '../diagnostics';
import {
  renderFailures,
  renderFailuresMarkdown,
  reportStudy,
  studyFailures,
} from '../report/failures-report';
import { wantsColour, widthOf, type CliIo, type ExitCode } from './io';
import { loadPlan } from '../project';
import { hostOf, type LoadOptions } from './host';
import { sweepPairs } from './pair-threads';
import { printDiagnostics } from './print-diagnostics';

interface FailuresOptions extends LoadOptions {
  readonly dual?: boolean;
  /** Most threads. Default: as many as cores. */
  readonly threads?: number;
  readonly format?: 'text' | 'json' | 'markdown';
  readonly json?: boolean;
  readonly all?: boolean;
}

/** `dwcp failures`: what every single failure does, and every pair of link failures with `--dual`. */
export async function failuresCommand(io: CliIo, file: string, options: FailuresOptions): Promise<ExitCode> {
  const { plan, diagnostics } = loadPlan(hostOf(io), file, { ...options, writeLock: false });
  const format = options.json ? 'json' : (options.format ?? 'text');
  // What breaks is what one wants to see here.
  if (!plan || options.strict) printDiagnostics(io, diagnostics);
  if (!plan) return 1;
  const study = studyFailures(plan, options.dual === true);
  const threads = options.threads ?? availableParallelism();
  const pairs = study.needsPairs ? await sweepPairs(study.results.evaluator, threads) : null;
  const report = reportStudy(study, pairs);
  if (format === 'json') io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else if (format === 'markdown') io.stdout.write(renderFailuresMarkdown(report, options.all));
  else {
    const layout = { width: widthOf(io), colour: wantsColour(io, io.stdout), all: options.all };
    io.stdout.write(renderFailures(report, layout));
  }
  return options.strict && hasErrors(diagnostics) ? 1 : 0;
}

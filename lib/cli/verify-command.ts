import { problem, type Diagnostic } from '../diagnostics';
import type { PlanDocument } from '../plan';
import { count } from '../units';
import { verifyPlan } from '../verify';
import type { CliIo, ExitCode } from './io';
import { readText } from './load';
import { printDiagnostics } from './print-diagnostics';
import { progressLine } from './progress';

/**
 * `dwcp verify`: checks a plan file by the independent verifier. One line on standard output and 0 when it
 * is accepted; else diagnostics on standard error and 1. Reads plans alone, and leaves the digest to the
 * verifier.
 */
export function verifyCommand(io: CliIo, file: string, options: { json?: boolean }): ExitCode {
  const { plan, diagnostics } = readAndVerify(io, file);
  const refused = diagnostics.length > 0 || plan === undefined;
  if (options.json) io.stdout.write(`${JSON.stringify({ ok: !refused, diagnostics }, null, 2)}\n`);
  else printDiagnostics(io, diagnostics);
  if (refused) return 1;
  if (!options.json) {
    const checked = [count(plan.paths.length, 'path'), count(plan.routes.length, 'route')];
    const demands = count(plan.demands.length, 'demand');
    const reservations = count(plan.reservations.length, 'reservation');
    io.stdout.write(`${file}: accepted; ${[...checked, demands, reservations].join(', ')} checked\n`);
  }
  return 0;
}

function readAndVerify(
  io: CliIo,
  file: string,
): { readonly plan?: PlanDocument; readonly diagnostics: readonly Diagnostic[] } {
  const { text, diagnostics } = readText(io, file);
  if (text === undefined) return { diagnostics };
  let plan: PlanDocument;
  try {
    plan = JSON.parse(text) as PlanDocument;
  } catch {
    const next = 'give a plan as `dwcp plan --json` prints it';
    return { diagnostics: [problem('not-a-plan', '', `${file} is no JSON`, next)] };
  }
  const progress = progressLine(io);
  const found = verifyPlan(plan, (what, done, total) => progress.step(what, done, total));
  progress.end();
  return { plan, diagnostics: found };
}

import { problem, type Diagnostic } from '../diagnostics';
import type { PlanDocument } from '../plan';
import { count } from '../units';
import { verifyPlan } from '../verify';
import type { CliIo, ExitCode } from './io';
import { readText, shownName } from './load';
import { printDiagnostics } from './print-diagnostics';
import { progressLine } from './progress';

/**
 * `dwcp verify`: checks a plan file by the independent verifier. One line on standard output and 0 when it
 * is accepted; else diagnostics on standard error and 1. Reads plans alone, and leaves the digest to the
 * verifier. With a previous plan what moved since is checked against it.
 */
export function verifyCommand(
  io: CliIo,
  file: string,
  options: { json?: boolean; previous?: string },
): ExitCode {
  const { plan, diagnostics } = readAndVerify(io, file, options.previous);
  const refused = diagnostics.length > 0 || plan === undefined;
  if (options.json) io.stdout.write(`${JSON.stringify({ ok: !refused, diagnostics }, null, 2)}\n`);
  else printDiagnostics(io, diagnostics);
  if (refused) return 1;
  if (!options.json) {
    const checked = [count(plan.paths.length, 'path'), count(plan.routes.length, 'route')];
    const demands = count(plan.demands.length, 'demand');
    const reservations = count(plan.reservations.length, 'reservation');
    io.stdout.write(
      `${shownName(file)}: accepted; ${[...checked, demands, reservations].join(', ')} checked\n`,
    );
  }
  return 0;
}

function readAndVerify(
  io: CliIo,
  file: string,
  before: string | undefined,
): { readonly plan?: PlanDocument; readonly diagnostics: readonly Diagnostic[] } {
  const { plan, diagnostics } = readJson(io, file);
  if (plan === undefined) return { diagnostics };
  const previous = before === undefined ? undefined : readJson(io, before);
  if (previous && previous.plan === undefined) return previous;
  const progress = progressLine(io);
  const step = (what: string, done?: number, total?: number) => progress.step(what, done, total);
  const found = verifyPlan(plan, step, previous?.plan);
  progress.end();
  return { plan, diagnostics: found };
}

/** Any JSON, taken for a plan. */
function readJson(
  io: CliIo,
  file: string,
): { readonly plan?: PlanDocument; readonly diagnostics: readonly Diagnostic[] } {
  const { text, diagnostics } = readText(io, file);
  if (text === undefined) return { diagnostics };
  try {
    return { plan: JSON.parse(text) as PlanDocument, diagnostics };
  } catch {
    const next = 'give a plan as `dwcp plan --json` prints it';
    return { diagnostics: [problem('not-a-plan', '', `${shownName(file)} is no JSON`, next)] };
  }
}

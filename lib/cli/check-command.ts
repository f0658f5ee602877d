import { hasErrors, sortDiagnostics } from '../diagnostics';
import type { PlanDocument } from '../plan';
import { count } from '../units';
import { wantsColour, widthOf, type CliIo, type ExitCode } from './io';
import { loadPlan, usedText } from '../project';
import { hostOf, shownName, type LoadOptions } from './host';
import { printDiagnostics } from './print-diagnostics';

/**
 * `dwcp check`: diagnostics on standard error, one line on standard output when all is well; with a previous
 * plan what moves and what becomes of its cloud resources, too. Writes no file.
 */
export async function checkCommand(
  io: CliIo,
  file: string,
  options: LoadOptions & { json?: boolean; all?: boolean },
): Promise<ExitCode> {
  const { plan, previous, used, diagnostics } = loadPlan(hostOf(io), file, { ...options, writeLock: false });
  const sorted = sortDiagnostics(diagnostics);
  const failed = hasErrors(sorted);
  if (options.json) {
    const since = plan && previous && (await sinceOf(plan, previous));
    io.stdout.write(`${JSON.stringify({ ok: !failed, ...used, diagnostics: sorted, since }, null, 2)}\n`);
    return failed ? 1 : 0;
  }
  printDiagnostics(io, sorted);
  if (plan && !failed) {
    const parts = [
      count(plan.regions.length, 'region'),
      count(plan.links.length, 'link'),
      count(plan.routes.length, 'route'),
    ];
    const files = used ? `; ${usedText(used)}` : '';
    io.stdout.write(`${shownName(file)}: fine; ${parts.join(', ')}${files}\n`);
  }
  if (plan && previous) {
    const { renderSince } = await import('../report/report.js');
    const layout = { width: widthOf(io), colour: wantsColour(io, io.stdout), all: options.all };
    io.stdout.write(`\n${renderSince(plan, previous, layout)}`);
  }
  return failed ? 1 : 0;
}

/** The moves and the fate of cloud resources, as data. */
async function sinceOf(plan: PlanDocument, previous: PlanDocument) {
  const { resourceChanges, tallyOf } = await import('../clouds/resource-changes.js');
  const resources = resourceChanges(previous, plan);
  const moved = plan.digest === previous.digest ? null : (plan.previous?.moved ?? null);
  return { digest: previous.digest, moved, resourceTally: tallyOf(resources), resources };
}

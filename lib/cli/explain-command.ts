import { hasErrors, nearest, problem } from '../diagnostics';
import { explain, renderExplanations } from '../report/explain';
import type { QosClass } from '../model';
import { wantsColour, widthOf, type CliIo, type ExitCode } from './io';
import { loadPlan } from '../project';
import { hostOf, type LoadOptions } from './host';
import { printDiagnostics } from './print-diagnostics';

/**
 * `dwcp explain`: why a pair is routed as it is. A pair without a route is explained too; it is not an error.
 */
export function explainCommand(
  io: CliIo,
  file: string,
  from: string,
  to: string,
  options: LoadOptions & { readonly class?: QosClass; readonly json?: boolean },
): ExitCode {
  const loaded = loadPlan(hostOf(io), file, { ...options, writeLock: false });
  const { plan } = loaded;
  // With a broken objective an explanation is wanted all the more.
  if (!plan || options.strict) printDiagnostics(io, loaded.diagnostics);
  if (!plan) return 1;
  const ids = plan.regions.map((r) => r.id);
  const unknown = [...new Set([from, to])].filter((id) => !ids.includes(id));
  if (unknown.length > 0) {
    const found = unknown.map((id) => {
      const near = nearest(id, ids);
      const next = near ? `did you mean '${near}'?` : `regions are: ${ids.slice(0, 12).join(', ')}`;
      return problem('unknown-region', '', `no region '${id}' in the plan`, next);
    });
    printDiagnostics(io, found);
    return 1;
  }
  if (from === to) {
    const message = `'${from}' is source and destination; traffic within a region needs no route`;
    printDiagnostics(io, [problem('same-ends', '', message, 'name two different regions')]);
    return 1;
  }
  const explanations = explain(plan, from, to, options.class);
  if (options.json) io.stdout.write(`${JSON.stringify(explanations, null, 2)}\n`);
  else {
    const layout = { width: widthOf(io), colour: wantsColour(io, io.stdout) };
    io.stdout.write(renderExplanations(plan, explanations, layout));
  }
  return options.strict && hasErrors(loaded.diagnostics) ? 1 : 0;
}

import { compileRequest } from '../routing';
import type { FailureResults } from './analyse';
import { detail, type FailureDetail } from './detail';
import type { Outcome } from './outcome';
import { pathForest } from './path-forest';
import { type FailureSummary, summarise } from './summarise';

/** Every scenario in a line, and the worst ones whole; plain data. */
export interface FailureReport {
  readonly noFailure: FailureSummary;
  /** By kind, then id. */
  readonly failures: readonly FailureSummary[];
  /** Worst first: by traffic lost, routes lost, the fullest link, kind and id. */
  readonly worst: readonly FailureDetail[];
}

/**
 * The report of results. `worst`: how many in detail, default 5; `mostChanges`: how much of each, default 20.
 * The paths that would remain are the best by latency; their trees are built once.
 */
export function reportFailures(results: FailureResults, { worst = 5, mostChanges = 20 } = {}): FailureReport {
  const { evaluator, noFailure, outcomes } = results;
  const { table } = evaluator.base;
  const lost = (o: Outcome) => o.stranded.length + o.cut.length;
  const ratio = (o: Outcome) => o.fullest?.ratio ?? 0;
  const ranked = [...outcomes].sort(
    (a, b) =>
      b.lostUnits - a.lostUnits ||
      lost(b) - lost(a) ||
      // Sorting is stable: the rest is in order of kind and id.
      (ratio(a) === ratio(b) ? 0 : ratio(b) - ratio(a)),
  );
  const shown = ranked.slice(0, worst);
  const { topology } = table;
  const forest =
    shown.length > 0 ? pathForest(topology, compileRequest(topology, { strategy: 'latency' })) : null;
  return {
    noFailure: summarise(table, noFailure),
    failures: outcomes.map((o) => summarise(table, o)),
    worst: shown.map((o) => detail(evaluator, forest!, o, mostChanges)),
  };
}

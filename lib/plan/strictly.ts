import { problem, sortDiagnostics, type Diagnostic } from '../diagnostics';
import { formatBandwidth } from '../units';
import type { PlanDocument } from './document';

/** Shares of a link are counted in bit/s: two of them are less than a digit. */
const lostMbps = 2e-6;
/** Codes that say of a demand or reservation by its own path that it falls short. */
const shortfallCodes: readonly string[] = ['reservation-refused', 'demand-unroutable', 'demand-rounded'];

/**
 * What was found, where every warning counts as an error. The plan's own warnings are among them, and so is
 * what the plan does not do of what it was asked: a reservation that is refused or displaced, a demand that
 * is not carried whole. Sorted; what was found already is not said twice.
 *
 * @param plan the one that was made or read.
 */
export function strictly(found: readonly Diagnostic[], plan: PlanDocument): Diagnostic[] {
  const said = new Set(found.map(({ code, path }) => `${code} ${path}`));
  const all = [...found, ...plan.warnings.filter(({ code, path }) => !said.has(`${code} ${path}`))];
  const told = new Set(all.filter((d) => shortfallCodes.includes(d.code)).map((d) => d.path));
  const short = shortfallsOf(plan).filter((d) => !told.has(d.path));
  return sortDiagnostics([...all, ...short].map((d): Diagnostic => ({ ...d, severity: 'error' })));
}

function shortfallsOf({ reservations, demands, traffic }: PlanDocument): Diagnostic[] {
  const refused = reservations
    .filter((r) => !r.admitted)
    .map((r) => {
      const next = r.nearest || 'ask for less, at another time, or raise its priority';
      return problem('reservation-refused', `reservations.${r.id}`, r.reason, next);
    });
  const asked = new Map(demands.map((d) => [d.id, d.bandwidthMbps]));
  const missing = traffic.classes.flatMap((c) =>
    c.demands.flatMap(({ id, carriedMbps, refusal }) => {
      const mbps = asked.get(id) ?? 0;
      if (refusal === null && carriedMbps >= mbps - lostMbps) return [];
      const carried = refusal ?? `carries ${formatBandwidth(carriedMbps)} of ${formatBandwidth(mbps)}`;
      const next = "ask for less or add bandwidth; 'dwcp plan' without --strict shows what fills its links";
      return [problem('demand-not-carried', `demands.${id}`, carried, next)];
    }),
  );
  return [...refused, ...missing];
}

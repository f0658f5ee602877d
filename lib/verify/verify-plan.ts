import { sortDiagnostics, type Diagnostic } from '../diagnostics';
import type { PlanDocument } from '../plan';
import { checkAddresses } from './check-addresses';
import { checkAgainst } from './check-against';
import { checkCost } from './check-cost';
import { checkDescription } from './check-description';
import { checkDigest, checkFormat } from './check-digest';
import { checkFailures } from './check-failures';
import { checkObjectives } from './check-objectives';
import { checkPaths } from './check-paths';
import { checkPrevious } from './check-previous';
import { checkReservations } from './check-reservations';
import { checkRoutes } from './check-routes';
import { checkTraffic } from './check-traffic';
import { checkWarnings } from './check-warnings';
import type { Progress } from './progress';
import { findings } from './refuse';
import { ruleBook, type RuleBook } from './rule-book';
import { worldOf, type World } from './world';

/**
 * Checks a plan without the planner: everything that it claims is recomputed with plain code of this room
 * from what it describes (regions, links, policies, demands, reservations, objectives, tunnels). Empty:
 * accepted. Otherwise what is wrong, as errors, at most fifty of each check. Takes any JSON: what is no plan
 * at all is refused as malformed. Never throws.
 *
 * @param previous the plan that it says it was made from: what is said to have moved and to stand is then
 *   checked against it, too.
 */
export function verifyPlan(plan: PlanDocument, progress?: Progress, previous?: PlanDocument): Diagnostic[] {
  const wrongFormat = findings((refuse) => {
    checkFormat(plan, refuse);
    if (previous) checkFormat(previous, refuse);
  });
  if (wrongFormat.length > 0) return wrongFormat;
  let laid: { readonly world: World; readonly book: RuleBook } | undefined;
  // Laid out within a check: a plan that cannot be is refused by each that needs it.
  const lay = () => {
    if (laid) return laid;
    const world = worldOf(plan);
    return (laid = { world, book: ruleBook(world) });
  };
  progress?.('checking the description');
  return sortDiagnostics([
    ...findings((refuse) => checkDigest(plan, refuse)),
    ...findings((refuse) => checkDescription(plan, refuse)),
    ...findings((refuse) => checkAddresses(plan, refuse)),
    ...findings((refuse) => checkCost(plan, refuse)),
    ...findings((refuse) => checkWarnings(plan, refuse)),
    ...findings((refuse) => checkPaths(lay().world, refuse)),
    ...findings((refuse) => checkRoutes(lay().world, lay().book, refuse, progress)),
    ...(previous ? findings((refuse) => checkAgainst(plan, previous, refuse)) : []),
    ...findings((refuse) => checkPrevious(lay().world, lay().book, refuse)),
    ...findings((refuse) => {
      progress?.('checking traffic');
      const { world, book } = lay();
      checkTraffic(world, book, checkReservations(world, book, refuse), refuse);
    }),
    ...findings((refuse) => {
      const { world } = lay();
      checkObjectives(world, checkFailures(world, refuse, progress), refuse);
    }),
  ]);
}

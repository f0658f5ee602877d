import { sortDiagnostics, type Diagnostic } from '../diagnostics';
import type { PlanDocument } from '../plan';
import { checkAddresses } from './check-addresses';
import { checkCost } from './check-cost';
import { checkDescription } from './check-description';
import { checkDigest, checkFormat } from './check-digest';
import { checkFailures } from './check-failures';
import { checkObjectives } from './check-objectives';
import { checkPaths } from './check-paths';
import { checkReservations } from './check-reservations';
import { checkRoutes } from './check-routes';
import { checkTraffic } from './check-traffic';
import { checkWarnings } from './check-warnings';
import { findings } from './refuse';
import { ruleBook } from './rule-book';
import { worldOf } from './world';

/**
 * Checks a plan without the planner: everything that it claims is recomputed with plain code of this room
 * from what it describes (regions, links, policies, demands, reservations, objectives, tunnels). Empty:
 * accepted. Otherwise what is wrong, as errors, at most fifty of each check. Takes any JSON: what is no plan
 * at all is refused as malformed. Never throws.
 */
export function verifyPlan(plan: PlanDocument): Diagnostic[] {
  const wrongFormat = findings((refuse) => checkFormat(plan, refuse));
  if (wrongFormat.length > 0) return wrongFormat;
  return sortDiagnostics([
    ...findings((refuse) => checkDigest(plan, refuse)),
    ...findings((refuse) => checkDescription(plan, refuse)),
    ...findings((refuse) => checkAddresses(plan, refuse)),
    ...findings((refuse) => checkCost(plan, refuse)),
    ...findings((refuse) => checkWarnings(plan, refuse)),
    ...findings((refuse) => checkPaths(worldOf(plan), refuse)),
    ...findings((refuse) => checkRoutes(worldOf(plan), ruleBook(worldOf(plan)), refuse)),
    ...findings((refuse) => {
      const world = worldOf(plan);
      const book = ruleBook(world);
      checkTraffic(world, book, checkReservations(world, book, refuse), refuse);
    }),
    ...findings((refuse) => checkObjectives(worldOf(plan), checkFailures(worldOf(plan), refuse), refuse)),
  ]);
}

import { sortDiagnostics, type Diagnostic } from '../diagnostics';
import type { PlanDocument } from '../plan';
import { checkAddresses } from './check-addresses';
import { checkAgainst } from './check-against';
import { checkAvailability } from './check-availability';
import { checkConflicts } from './check-conflict';
import { checkCost } from './check-cost';
import { checkDescription } from './check-description';
import { checkDigest, checkFormat } from './check-digest';
import { checkFailures } from './check-failures';
import { checkObjectives } from './check-objectives';
import { checkPaths } from './check-paths';
import { checkPrevious } from './check-previous';
import { checkReservations } from './check-reservations';
import { checkRoutes } from './check-routes';
import { checkSources, type Sources } from './check-sources';
import { checkTraffic } from './check-traffic';
import { checkWarnings } from './check-warnings';
import { planShape } from '../plan/plan-shape';
import type { Progress } from './progress';
import { findings } from '../shape';
import { ruleBook } from './rule-book';
import { worldOf } from './world';

/**
 * Checks a plan without the planner: everything that it claims is recomputed with plain code of this room
 * from what it describes (regions, links, policies, demands, reservations, objectives, tunnels). Empty:
 * accepted. Otherwise what is wrong, as errors, at most fifty of each check. Takes any JSON: of what has not
 * the shape of a plan every place is named, and nothing else is looked at. Never throws.
 *
 * @param previous the plan that it says it was made from: what is said to have moved and to stand is then
 *   checked against it, too.
 * @param sources description, lock file and key file that it is held against. Where it differs from its
 *   description nothing further is looked at: it is another network's plan.
 */
export function verifyPlan(
  plan: PlanDocument,
  progress?: Progress,
  previous?: PlanDocument,
  sources: Sources = {},
): Diagnostic[] {
  const wrongFormat = findings((refuse) => {
    checkFormat(plan, refuse);
    if (previous) checkFormat(previous, refuse);
  });
  if (wrongFormat.length > 0) return wrongFormat;
  const misshapen = [...checkShape(plan), ...(previous ? shapeFaults(previous, 'previous') : [])];
  if (misshapen.length > 0) return misshapen;
  progress?.('checking the description');
  const described = findings((refuse) => checkDescription(plan, refuse));
  const digest = findings((refuse) => checkDigest(plan, refuse));
  const foreign = checkSources(plan, sources);
  // On a description that contradicts itself, or is another, the rest would only stumble.
  if (described.length > 0 || foreign.some((d) => d.code === 'description-differs'))
    return sortDiagnostics([...digest, ...described, ...foreign]);
  const world = worldOf(plan);
  const book = ruleBook(world);
  const apart = [
    ...digest,
    ...foreign,
    ...findings((refuse) => checkAddresses(plan, refuse)),
    ...findings((refuse) => checkCost(plan, refuse)),
    ...findings((refuse) => checkWarnings(plan, refuse)),
  ];
  const planned = [
    ...findings((refuse) => checkPaths(world, refuse)),
    ...findings((refuse) => checkRoutes(world, book, refuse, progress)),
    ...(previous ? findings((refuse) => checkAgainst(plan, previous, refuse)) : []),
    ...findings((refuse) => checkPrevious(world, book, refuse)),
    ...findings((refuse) => {
      progress?.('checking traffic');
      checkTraffic(world, book, checkReservations(world, book, refuse), refuse);
    }),
    ...findings((refuse) => checkConflicts(world, book, refuse)),
  ];
  // What a failure does follows from paths, routes and loads: where they are wrong it says nothing new.
  if (planned.length > 0) return sortDiagnostics([...apart, ...planned]);
  const decided = findings((refuse) =>
    checkObjectives(world, checkFailures(world, refuse, progress), refuse),
  );
  const available = findings((refuse) => checkAvailability(world, refuse));
  return sortDiagnostics([...apart, ...decided, ...available]);
}

/** Every place where a document has not the shape of a plan; at most fifty. */
export function checkShape(plan: unknown): Diagnostic[] {
  return shapeFaults(plan, '');
}

/**
 * What everyone who reads a plan relies on, in milliseconds: its shape, a description that hangs together,
 * addresses and keys that may be. Routes, loads and verdicts are left to `verifyPlan`; the digest to who
 * reads the text.
 *
 * @param at what its paths begin with, where it is not the plan in hand.
 */
export function checkBasis(plan: PlanDocument, at = ''): Diagnostic[] {
  const misshapen = shapeFaults(plan, at);
  if (misshapen.length > 0) return misshapen;
  const found = [
    ...findings((refuse) => checkDescription(plan, refuse)),
    ...findings((refuse) => checkAddresses(plan, refuse)),
  ];
  return sortDiagnostics(at === '' ? found : found.map((d) => ({ ...d, path: `${at}.${d.path}` })));
}

function shapeFaults(plan: unknown, at: string): Diagnostic[] {
  return sortDiagnostics(findings((refuse) => planShape(plan, at, refuse)));
}

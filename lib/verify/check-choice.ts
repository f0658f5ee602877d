import { compareRanked, ranked } from './best-path';
import { carries, servingPath, servingPaths } from './carrying';
import { checkBackups } from './check-backups';
import { checkDisjoint } from './check-disjoint';
import type { Disjointness } from './disjoint';
import { newEffort, type Ranked } from './label-search';
import { near } from './near';
import { same, textOf, usual, type Chosen, type RouteCase } from './route-case';
import { checkHint } from './route-wording';
import { metricOf } from './rules';
import { withinEqualCost, withinKept } from './tolerance';
import type { Lane } from './world';

/** The paths of a route are those that its policy leads to, or stand in their place. */
export function checkChoice(given: RouteCase, chosen: Chosen): void {
  const { world, route, policy, rules, source, target, claim, say } = given;
  const { primary, equal } = chosen;
  const settings = policy ?? usual;
  const effort = newEffort();
  const best = servingPath(world, rules, source, target, effort);
  const code = route.refusal?.code ?? null;
  const wanted: 'none' | Disjointness = settings.disjoint;
  if (code !== null && code !== 'not-disjoint' && code !== 'search-limit')
    say('route-refusal', `it has a route and is refused as '${code}'`);
  if (code === 'not-disjoint' && wanted === 'none') say('route-refusal', 'no disjoint pair is asked for');
  if (code === 'search-limit' && !effort.gaveUp && effort.steps < 1000)
    say('route-refusal', 'the search was not so hard that it had to give up');
  const alone = wanted === 'none' || code === 'not-disjoint';
  if (alone && best) checkPrimary(given, best, primary);
  if (route.backups.length > settings.backups) say('route-backup', 'more backups than the policy wants');
  if (route.equalCost.length > settings.ecmpPaths) say('route-equal-cost', 'more than the policy keeps');
  if (settings.ecmpPaths > 0 && !route.equalCost.includes(route.primary!))
    say('route-equal-cost', 'the primary is not among its equal-cost paths');
  if (new Set(route.equalCost).size < route.equalCost.length)
    say('route-equal-cost', 'a path stands twice among its equal-cost paths');
  const needsHint = wanted === 'none' && (route.backups[0]?.sharedLinks.length ?? 0) > 0;
  if (needsHint) checkHint(given);
  else if (route.hint !== null) say('route-hint', 'it has a hint that does not apply');
  if (!best) return;
  const within = withinEqualCost(rules, best, settings.ecmpToleranceRatio);
  const set = wanted !== 'none' || claim.bestMetric !== null;
  for (const lanes of equal) {
    if (!(set && same(lanes, primary)) && !within(lanes))
      say('route-equal-cost', `${textOf(lanes)} lies outside the tolerance`);
  }
  checkEqualCost(given, chosen, { most: settings.ecmpPaths, set, within });
  if (wanted !== 'none') checkDisjoint(given, chosen, wanted, settings.backups);
  if (code !== 'search-limit')
    checkBackups(given, chosen, wanted !== 'none' && code === null ? 1 : 0, settings.backups);
}

/** The primary is the best, or says truly that it stands in its place. */
function checkPrimary(
  { rules, claim: { bestMetric, ratio }, say }: RouteCase,
  best: Ranked,
  primary: readonly Lane[],
): void {
  if (bestMetric === null) {
    if (!same(best.lanes, primary))
      say('route-not-best', `${textOf(best.lanes)} comes before the primary by the tie rule`);
    return;
  }
  if (same(best.lanes, primary)) say('kept-route', "the primary is the best: it stands in nobody's place");
  if (!withinKept(rules, best, ratio)(primary))
    say('kept-route', `the primary is worse than ${textOf(best.lanes)} by more than the tolerance`);
  if (!near(bestMetric, metricOf(rules, best.lanes)))
    say('kept-route', `the best has ${metricOf(rules, best.lanes)}, not ${bestMetric}`);
}

/** What equal-cost paths a route may have. */
interface EqualCostBounds {
  /** Most of them. */
  readonly most: number;
  /** Is the primary set by something else than its metric? */
  readonly set: boolean;
  readonly within: (lanes: readonly Lane[]) => boolean;
}

function checkEqualCost(
  { world, route, rules, source, target, claim, say }: RouteCase,
  { primary, equal }: Chosen,
  { most, set, within }: EqualCostBounds,
): void {
  const effort = newEffort();
  const all: (readonly Lane[])[] = [];
  for (const { lanes } of servingPaths(world, rules, source, target, effort)) {
    if (!within(lanes) || all.push(lanes) > most) break;
  }
  if (effort.gaveUp) return;
  if (route.equalCostMore !== all.length > most)
    say('route-equal-cost', `equalCostMore is ${route.equalCostMore}, and it is not so`);
  const right = all.slice(0, most);
  // A primary that is set may be worse: then it takes the place of the last.
  if (set && right.length > 0 && !right.some((p) => same(p, primary))) right[right.length - 1] = primary;
  const texts = right.map(textOf);
  const stated = equal.map(textOf);
  const differs = texts.join() !== stated.join();
  if (claim.equalCost) {
    // Which of more than can be kept is free then, how many is not.
    const others = [...texts].sort().join() !== [...stated].sort().join();
    if (!others || !route.equalCostMore || stated.length !== texts.length)
      say('kept-route', "its equal-cost paths do not stand in anybody's place");
    const order = equal.map((lanes) => ranked(rules, lanes));
    const less = (p: Ranked) => (carries(p.lanes) ? 0 : 1);
    const after = (a: Ranked, b: Ranked) => less(a) - less(b) || compareRanked(rules, a, b);
    if (order.some((p, i) => i > 0 && after(order[i - 1], p) > 0))
      say('route-equal-cost', 'its equal-cost paths are out of order');
  } else if (differs) say('route-equal-cost', 'these are not the paths within the tolerance, in order');
}

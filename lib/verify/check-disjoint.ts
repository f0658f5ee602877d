import { carries } from './carrying';
import { findDisjoint, shareRisk, type Disjointness, type Pair } from './disjoint';
import { near } from './near';
import { textOf, type Chosen, type RouteCase } from './route-case';
import { mostUnits, unitsOf } from './tolerance';
import type { Lane } from './world';

/** The primary and the first backup are disjoint where the policy wants it, and the cheapest such pair. */
export function checkDisjoint(
  given: RouteCase,
  { primary, backups }: Chosen,
  kind: Disjointness,
  mostBackups: number,
): void {
  const { world, route, rules, all, source, target, claim, say } = given;
  const code = route.refusal?.code ?? null;
  let pair = findDisjoint(world, rules, source, target, kind);
  if (pair === null && rules !== all) pair = findDisjoint(world, rules, source, target, kind, all);
  if (pair === 'unknown') return;
  if (code === 'not-disjoint' && pair !== null)
    say('route-refusal', `${textOf(pair.primary)} and ${textOf(pair.backup)} are disjoint`);
  if (code !== null) return;
  if (pair === null) {
    say('route-refusal', 'no disjoint pair exists, and the route does not say so');
    return;
  }
  const key = (lanes: readonly Lane[]) => lanes.reduce((s, l) => s + all.key[l.number], 0);
  const [backup] = backups;
  if (mostBackups > 0 && (!backup || shareRisk(kind, primary, backup)))
    say('route-not-disjoint', 'primary and first backup are not disjoint as the policy wants');
  else if (mostBackups > 0 && claim.bestMetric !== null)
    checkKeptPair(given, [primary, backup], pair, claim.bestMetric);
  else if (mostBackups > 0 && [pair.primary, pair.backup].every(carries) && ![primary, backup].every(carries))
    say('route-not-best', `${textOf(pair.primary)} and ${textOf(pair.backup)} carry 1280 bytes`);
  else if (mostBackups > 0 && !rules.widest && key(primary) + key(backup) > pair.key)
    say('route-not-best', `${textOf(pair.primary)} and ${textOf(pair.backup)} are the cheaper pair`);
}

/** A pair that stands in the place of the cheapest is within the tolerance of it, both together. */
function checkKeptPair(
  { all: rules, claim: { ratio }, say }: RouteCase,
  stated: readonly [readonly Lane[], readonly Lane[]],
  pair: Pair,
  bestMetric: number,
): void {
  // Which pair is the widest is not searched for here.
  if ([pair.primary, pair.backup].every(carries) && !stated.every(carries))
    say('kept-route', 'a path of the pair carries less than 1280 bytes, and those of the cheapest do');
  if (rules.widest) return;
  const units = (ways: readonly (readonly Lane[])[]) => ways.reduce((s, way) => s + unitsOf(rules, way), 0);
  const best = units([pair.primary, pair.backup]);
  if (units(stated) > mostUnits(best, ratio))
    say('kept-route', 'the pair is worse than the cheapest by more than the tolerance');
  if (!near(bestMetric, best / rules.scale))
    say('kept-route', `the cheapest pair has ${best / rules.scale}, not ${bestMetric}`);
}

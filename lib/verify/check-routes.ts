import type { Policy, QosClass } from '../model';
import type { PlannedRoute } from '../plan';
import { bestPath, compareRanked, ranked } from './best-path';
import { newEffort, type Ranked } from './label-search';
import { carries, carryingPaths, servingPath, servingPaths } from './carrying';
import { findDisjoint, shareRisk, type Disjointness, type Pair } from './disjoint';
import { near } from './near';
import { beforeOf, type Before } from './previous';
import { rankedPaths } from './ranked-paths';
import type { Progress } from './progress';
import type { Refuse } from '../shape';
import { classes, type RuleBook } from './rule-book';
import { checkHint, checkRefusal } from './route-wording';
import { closing, keepsTo, metricOf, type Rules } from './rules';
import { sharedPenalty, sharing } from './sharing';
import { mostUnits, unitsOf, usualEqualCostRatio, withinEqualCost, withinKept } from './tolerance';
import type { Lane, World } from './world';

/** What policies leave open. */
const usual = {
  disjoint: 'none',
  backups: 3,
  ecmpToleranceRatio: usualEqualCostRatio,
  ecmpPaths: 4,
} as const;

/** What is said to stand of a route of the plan before, and how much worse than the best it may be. */
interface Claim {
  readonly ratio: number;
  /** Of the best, where the primary stands in its place. */
  readonly bestMetric: number | null;
  readonly backups: readonly string[];
  readonly equalCost: boolean;
}

const noClaim: Claim = { ratio: 0, bestMetric: null, backups: [], equalCost: false };

function claimOf(before: Before | null, route: PlannedRoute): Claim {
  const kept = before?.keptRoute(route);
  return before && kept ? { ...kept, ratio: before.ratio } : noClaim;
}

/**
 * Every ordered pair and class has exactly one route, under the policy that rules it; its paths keep the
 * constraints; the primary is the best there is by the tie rule, or is said to stand in its place and is
 * within the tolerance; and a refusal is true.
 */
export function checkRoutes(world: World, book: RuleBook, refuse: Refuse, progress?: Progress): void {
  const ofPair = new Map<string, PlannedRoute[]>();
  const previous = beforeOf(world);
  let before = '';
  const { routes } = world.plan;
  for (const [i, route] of routes.entries()) {
    progress?.('checking routes', i, routes.length);
    const at = `routes.${route.from}.${route.to}.${route.classes[0]}`;
    const place = `${route.from} ${route.to} ${classes.indexOf(route.classes[0])}`;
    if (place <= before) refuse('list-order', at, 'routes do not stand by from, to and class');
    before = place;
    if (route.from === route.to || !world.nodeOf.has(route.from) || !world.nodeOf.has(route.to)) {
      refuse('unknown-region', at, 'it joins no two regions');
      continue;
    }
    const ranks = route.classes.map((c) => classes.indexOf(c));
    if (ranks.length === 0 || ranks.some((r, i) => r < 0 || (i > 0 && r <= ranks[i - 1])))
      refuse('route-classes', at, 'its classes are not in rank order');
    const pair = `${route.from} ${route.to}`;
    const own = ofPair.get(pair);
    if (own) own.push(route);
    else ofPair.set(pair, [route]);
    for (const qos of route.classes) {
      const { policy, strategy } = book.ruling(route.from, route.to, qos);
      const denied = policy?.action === 'deny';
      if (route.policy !== (policy?.id ?? null) || (!denied && route.strategy !== strategy))
        refuse('route-policy', at, `policy ${policy?.id ?? 'none'} rules ${qos}, by ${strategy}`);
    }
    checkRoute(world, book, route, claimOf(previous, route), at, refuse);
  }
  for (const from of world.nodes) {
    for (const to of world.nodes) {
      if (from === to) continue;
      const own = ofPair.get(`${from} ${to}`) ?? [];
      for (const qos of classes) {
        const times = own.reduce((n, r) => n + r.classes.filter((c) => c === qos).length, 0);
        if (times !== 1)
          refuse('route-count', `routes.${from}.${to}.${qos}`, `it has ${times} routes, not one`);
      }
      const outcomes = own.map((r) => `${r.policy} ${r.refusal?.code === 'denied' ? '' : r.strategy}`);
      if (new Set(outcomes).size < outcomes.length)
        refuse('route-classes', `routes.${from}.${to}`, 'classes with one outcome stand in two routes');
    }
  }
}

function checkRoute(
  world: World,
  book: RuleBook,
  route: PlannedRoute,
  claim: Claim,
  at: string,
  refuse: Refuse,
): void {
  const { policy } = book.ruling(route.from, route.to, route.classes[0] as QosClass);
  const [source, target] = [world.nodeOf.get(route.from)!, world.nodeOf.get(route.to)!];
  const { refusal } = route;
  const ruling = book.ruling(route.from, route.to, route.classes[0]);
  const rules = book.rules(route, ruling);
  const all = book.allRules(ruling);
  if (route.primary === null) {
    const empty = route.backups.length === 0 && route.equalCost.length === 0 && !route.equalCostMore;
    if (!empty || route.metric !== null || route.hint !== null)
      refuse('route-without-primary', at, 'it has backups or figures, but no primary');
  }
  if (policy?.action === 'deny' || refusal?.code === 'denied') {
    const right = policy?.action === 'deny' && refusal?.code === 'denied' && route.primary === null;
    if (!right)
      refuse('route-denial', at, 'it is denied without a policy that does, or not denied by one that does');
    else if (refusal.message !== `policy ${policy.id} denies it` || refusal.nearest !== '')
      refuse('route-denial', at, 'the refusal does not name the policy that denies it');
    return;
  }
  const ways = (id: string, what: string, by: Rules = rules): readonly Lane[] | undefined => {
    const lanes = world.lanesOf.get(id);
    if (!lanes || lanes.length === 0) return undefined;
    if (lanes[0].tail !== source || lanes[lanes.length - 1].head !== target)
      refuse('route-path', at, `${what} ${id} does not lead from '${route.from}' to '${route.to}'`);
    if (!keepsTo(by, lanes)) refuse('route-constraint', at, `${what} ${id} does not keep to the policy`);
    return lanes;
  };
  checkRefusal(world, route, policy?.disjoint ?? 'none', at, refuse);
  if (route.primary === null) {
    checkNoRoute(world, rules, route, source, target, at, refuse);
    return;
  }
  const primary = ways(route.primary, 'primary');
  const backups = route.backups.map((b) => ways(b.path, 'backup', all));
  const equal = route.equalCost.map((id) => ways(id, 'equal-cost path'));
  // A path that is not there is told by the check of paths.
  if (!primary || backups.includes(undefined) || equal.includes(undefined)) {
    refuse('route-path', at, 'it names a path that is not in service');
    return;
  }
  if (route.metric === null || !near(route.metric, metricOf(rules, primary)))
    refuse('route-metric', at, `the primary's figure is ${metricOf(rules, primary)}, not ${route.metric}`);
  const planned = [route.primary, ...route.backups.map((b) => b.path)];
  if (new Set(planned).size < planned.length) refuse('route-backup', at, 'two of its paths are the same');
  route.backups.forEach((b, i) => {
    const right = sharing(world, primary, backups[i]!);
    for (const name of ['sharedLinks', 'sharedRegions', 'sharedSrlgs'] as const) {
      if (b[name].join() !== right[name].join())
        refuse(
          'route-sharing',
          at,
          `backup ${b.path} shares ${right[name].join(', ') || 'nothing'} (${name})`,
        );
    }
  });
  const found = { primary, backups: backups as (readonly Lane[])[], equal: equal as (readonly Lane[])[] };
  checkChoice(world, rules, all, route, policy, claim, found, at, refuse);
}

/** The paths of a route, as lanes. */
interface Chosen {
  readonly primary: readonly Lane[];
  readonly backups: readonly (readonly Lane[])[];
  readonly equal: readonly (readonly Lane[])[];
}

/** @param all the rules with links on standby open; `rules` where the pair needs them, or none is. */
function checkChoice(
  world: World,
  rules: Rules,
  all: Rules,
  route: PlannedRoute,
  policy: Policy | null,
  claim: Claim,
  { primary, backups, equal }: Chosen,
  at: string,
  refuse: Refuse,
): void {
  const settings = policy ?? usual;
  const [source, target] = [primary[0].tail, primary[primary.length - 1].head];
  const effort = newEffort();
  const best = servingPath(world, rules, source, target, effort);
  const code = route.refusal?.code ?? null;
  const wanted: 'none' | Disjointness = settings.disjoint;
  if (code !== null && code !== 'not-disjoint' && code !== 'search-limit')
    refuse('route-refusal', at, `it has a route and is refused as '${code}'`);
  if (code === 'not-disjoint' && wanted === 'none')
    refuse('route-refusal', at, 'no disjoint pair is asked for');
  if (code === 'search-limit' && !effort.gaveUp && effort.steps < 1000)
    refuse('route-refusal', at, 'the search was not so hard that it had to give up');
  const alone = wanted === 'none' || code === 'not-disjoint';
  if (alone && best) checkPrimary(rules, best, primary, claim, at, refuse);
  if (route.backups.length > settings.backups)
    refuse('route-backup', at, 'more backups than the policy wants');
  if (route.equalCost.length > settings.ecmpPaths)
    refuse('route-equal-cost', at, 'more than the policy keeps');
  if (settings.ecmpPaths > 0 && !route.equalCost.includes(route.primary!))
    refuse('route-equal-cost', at, 'the primary is not among its equal-cost paths');
  if (new Set(route.equalCost).size < route.equalCost.length)
    refuse('route-equal-cost', at, 'a path stands twice among its equal-cost paths');
  const needsHint = wanted === 'none' && (route.backups[0]?.sharedLinks.length ?? 0) > 0;
  if (needsHint) checkHint(world, rules, route, at, refuse);
  else if (route.hint !== null) refuse('route-hint', at, 'it has a hint that does not apply');
  if (!best) return;
  const within = withinEqualCost(rules, best, settings.ecmpToleranceRatio);
  const set = wanted !== 'none' || claim.bestMetric !== null;
  for (const lanes of equal) {
    if (!(set && same(lanes, primary)) && !within(lanes))
      refuse('route-equal-cost', at, `${textOf(lanes)} lies outside the tolerance`);
  }
  checkEqualCost(world, rules, route, primary, equal, settings.ecmpPaths, set, claim, within, at, refuse);
  if (wanted !== 'none')
    checkDisjoint(world, rules, all, route, primary, backups, wanted, settings.backups, claim, at, refuse);
  if (code !== 'search-limit')
    checkBackups(
      world,
      rules,
      all,
      claim,
      route.backups.map((b) => b.path),
      wanted !== 'none' && code === null ? 1 : 0,
      primary,
      backups,
      settings.backups,
      at,
      refuse,
    );
}

/** The primary is the best, or says truly that it stands in its place. */
function checkPrimary(
  rules: Rules,
  best: Ranked,
  primary: readonly Lane[],
  { bestMetric, ratio }: Claim,
  at: string,
  refuse: Refuse,
): void {
  if (bestMetric === null) {
    if (!same(best.lanes, primary))
      refuse('route-not-best', at, `${textOf(best.lanes)} comes before the primary by the tie rule`);
    return;
  }
  if (same(best.lanes, primary))
    refuse('kept-route', at, "the primary is the best: it stands in nobody's place");
  if (!withinKept(rules, best, ratio)(primary))
    refuse('kept-route', at, `the primary is worse than ${textOf(best.lanes)} by more than the tolerance`);
  if (!near(bestMetric, metricOf(rules, best.lanes)))
    refuse('kept-route', at, `the best has ${metricOf(rules, best.lanes)}, not ${bestMetric}`);
}

function checkEqualCost(
  world: World,
  rules: Rules,
  route: PlannedRoute,
  primary: readonly Lane[],
  equal: readonly (readonly Lane[])[],
  ecmpPaths: number,
  set: boolean,
  claim: Claim,
  within: (lanes: readonly Lane[]) => boolean,
  at: string,
  refuse: Refuse,
): void {
  const effort = newEffort();
  const all: (readonly Lane[])[] = [];
  for (const { lanes } of servingPaths(world, rules, primary[0].tail, world.nodeOf.get(route.to)!, effort)) {
    if (!within(lanes) || all.push(lanes) > ecmpPaths) break;
  }
  if (effort.gaveUp) return;
  if (route.equalCostMore !== all.length > ecmpPaths)
    refuse('route-equal-cost', at, `equalCostMore is ${route.equalCostMore}, and it is not so`);
  const right = all.slice(0, ecmpPaths);
  // A primary that is set may be worse: then it takes the place of the last.
  if (set && right.length > 0 && !right.some((p) => same(p, primary))) right[right.length - 1] = primary;
  const texts = right.map(textOf);
  const stated = equal.map(textOf);
  const differs = texts.join() !== stated.join();
  if (claim.equalCost) {
    // Which of more than can be kept is free then, how many is not.
    const others = [...texts].sort().join() !== [...stated].sort().join();
    if (!others || !route.equalCostMore || stated.length !== texts.length)
      refuse('kept-route', at, "its equal-cost paths do not stand in anybody's place");
    const order = equal.map((lanes) => ranked(rules, lanes));
    const less = (p: Ranked) => (carries(p.lanes) ? 0 : 1);
    const after = (a: Ranked, b: Ranked) => less(a) - less(b) || compareRanked(rules, a, b);
    if (order.some((p, i) => i > 0 && after(order[i - 1], p) > 0))
      refuse('route-equal-cost', at, 'its equal-cost paths are out of order');
  } else if (differs)
    refuse('route-equal-cost', at, 'these are not the paths within the tolerance, in order');
}

function checkDisjoint(
  world: World,
  rules: Rules,
  all: Rules,
  route: PlannedRoute,
  primary: readonly Lane[],
  backups: readonly (readonly Lane[])[],
  kind: Disjointness,
  mostBackups: number,
  claim: Claim,
  at: string,
  refuse: Refuse,
): void {
  const code = route.refusal?.code ?? null;
  const target = world.nodeOf.get(route.to)!;
  let pair = findDisjoint(world, rules, primary[0].tail, target, kind);
  if (pair === null && rules !== all) pair = findDisjoint(world, rules, primary[0].tail, target, kind, all);
  if (pair === 'unknown') return;
  if (code === 'not-disjoint' && pair !== null)
    refuse('route-refusal', at, `${textOf(pair.primary)} and ${textOf(pair.backup)} are disjoint`);
  if (code !== null) return;
  if (pair === null) {
    refuse('route-refusal', at, 'no disjoint pair exists, and the route does not say so');
    return;
  }
  const key = (lanes: readonly Lane[]) => lanes.reduce((s, l) => s + all.key[l.number], 0);
  const [backup] = backups;
  if (mostBackups > 0 && (!backup || shareRisk(kind, primary, backup)))
    refuse('route-not-disjoint', at, 'primary and first backup are not disjoint as the policy wants');
  else if (mostBackups > 0 && claim.bestMetric !== null)
    checkKeptPair(all, [primary, backup], pair, claim.bestMetric, claim.ratio, at, refuse);
  else if (mostBackups > 0 && [pair.primary, pair.backup].every(carries) && ![primary, backup].every(carries))
    refuse('route-not-best', at, `${textOf(pair.primary)} and ${textOf(pair.backup)} carry 1280 bytes`);
  else if (mostBackups > 0 && !rules.widest && key(primary) + key(backup) > pair.key)
    refuse('route-not-best', at, `${textOf(pair.primary)} and ${textOf(pair.backup)} are the cheaper pair`);
}

/** A pair that stands in the place of the cheapest is within the tolerance of it, both together. */
function checkKeptPair(
  rules: Rules,
  stated: readonly [readonly Lane[], readonly Lane[]],
  pair: Pair,
  bestMetric: number,
  ratio: number,
  at: string,
  refuse: Refuse,
): void {
  // Which pair is the widest is not searched for here.
  if ([pair.primary, pair.backup].every(carries) && !stated.every(carries))
    refuse('kept-route', at, 'a path of the pair carries less than 1280 bytes, and those of the cheapest do');
  if (rules.widest) return;
  const units = (ways: readonly (readonly Lane[])[]) => ways.reduce((s, way) => s + unitsOf(rules, way), 0);
  const best = units([pair.primary, pair.backup]);
  if (units(stated) > mostUnits(best, ratio))
    refuse('kept-route', at, 'the pair is worse than the cheapest by more than the tolerance');
  if (!near(bestMetric, best / rules.scale))
    refuse('kept-route', at, `the cheapest pair has ${best / rules.scale}, not ${bestMetric}`);
}

/**
 * Backup i shares least with those before it, and is the best of those, or is said to stand in its place;
 * there is none more. Those that carry an IPv6 packet of the least size come first, but for a first
 * backup that shares less with the primary than they all. Those with links on standby come when there is no
 * other, or last, around links that all before it share.
 */
function checkBackups(
  world: World,
  rules: Rules,
  all: Rules,
  claim: Claim,
  names: readonly string[],
  given: number,
  primary: readonly Lane[],
  backups: readonly (readonly Lane[])[],
  mostBackups: number,
  at: string,
  refuse: Refuse,
): void {
  for (let i = given; i < mostBackups; i++) {
    const earlier = [primary, ...backups.slice(0, i)];
    if (earlier.length < i + 1) return;
    const penalty = sharedPenalty(world, earlier);
    if (penalty === null) return;
    const effort = newEffort();
    const [source, target] = [primary[0].tail, primary[primary.length - 1].head];
    const firstOf = (paths: Iterable<Ranked>): Ranked | undefined => {
      for (const path of paths) if (!earlier.some((p) => same(p, path.lanes))) return path;
      return undefined;
    };
    const firstBy = (by: Rules): Ranked | undefined => {
      const found = firstOf(rankedPaths(world, { ...by, penalty }, source, target, effort));
      if (!found || carries(found.lanes)) return found;
      const other = firstOf(carryingPaths(world, by, source, target, effort, penalty));
      return other && (i > 0 || other.penalty === found.penalty) ? other : found;
    };
    const last = rules !== all && i === mostBackups - 1;
    let by = (last ? lastResort(world, all, earlier, source, target) : undefined) ?? rules;
    let next = firstBy(by);
    if (!next && !effort.gaveUp && rules !== all) {
      by = all;
      next = firstBy(by);
    }
    if (effort.gaveUp) return;
    if (!next && !backups[i]) return;
    if (next && backups[i] && claim.backups.includes(names[i])) {
      const shared = backups[i].reduce((s, l) => s + penalty[l.number], 0);
      const close = withinKept(by, next, claim.ratio)(backups[i]);
      const stands = shared === next.penalty && close && keepsTo(by, backups[i]);
      if (same(next.lanes, backups[i]) || !stands)
        refuse('kept-route', at, `backup ${i + 1} cannot stand in the place of ${textOf(next.lanes)}`);
      continue;
    }
    if (!next || !backups[i] || !same(next.lanes, backups[i])) {
      const right = next ? textOf(next.lanes) : 'none';
      refuse(
        'route-backup',
        at,
        `backup ${i + 1} is ${backups[i] ? textOf(backups[i]) : 'missing'}, not ${right}`,
      );
      return;
    }
  }
}

/** The rules of the last backup, where all before it share links that only links on standby lead around. */
function lastResort(
  world: World,
  all: Rules,
  [first, ...others]: readonly (readonly Lane[])[],
  source: number,
  target: number,
): Rules | undefined {
  const shared = first.map((l) => l.link).filter((id) => others.every((p) => p.some((l) => l.link === id)));
  if (shared.length === 0) return undefined;
  const around = closing(all, (n) => shared.includes(world.lanes[n].link));
  const awake = closing(around, (n) => world.lanes[n].standby);
  if (bestPath(world, awake, source, target)) return undefined;
  return bestPath(world, around, source, target) ? around : undefined;
}

function checkNoRoute(
  world: World,
  rules: Rules,
  route: PlannedRoute,
  source: number,
  target: number,
  at: string,
  refuse: Refuse,
): void {
  const code = route.refusal?.code ?? null;
  if (code === null) {
    refuse('route-refusal', at, 'it has neither a primary nor a refusal');
    return;
  }
  const effort = newEffort();
  const best = bestPath(world, rules, source, target, effort);
  if (best) refuse('route-refusal', at, `${textOf(best.lanes)} would serve it`);
  const living = world.lanes.map((l) => [world.nodes[l.tail], world.nodes[l.head]] as const);
  const all = world.plan.links.flatMap((l) => l.directions.map((d) => [d.from, d.to] as const));
  const ends = new Set(world.nodes.filter((_, v) => world.noTransit[v]));
  const leads = reaches(living, route.from, route.to, ends);
  const right = leads
    ? effort.gaveUp
      ? 'search-limit'
      : 'constrained'
    : reaches(all, route.from, route.to, ends)
      ? 'drained'
      : reaches(living, route.from, route.to)
        ? 'no-transit'
        : 'disconnected';
  if (code !== right && !(code === 'search-limit' && leads && effort.steps >= 1000))
    refuse('route-refusal', at, `it is refused as '${code}', and is '${right}'`);
}

/** Do steps lead from one region to another, through none of the given ones? */
function reaches(
  steps: readonly (readonly [string, string])[],
  from: string,
  to: string,
  ends: ReadonlySet<string> = new Set(),
): boolean {
  const met = new Set([from]);
  for (const at of met)
    for (const [a, b] of steps) if (a === at && (at === from || !ends.has(at))) met.add(b);
  return met.has(to);
}

function same(a: readonly Lane[], b: readonly Lane[]): boolean {
  return a.length === b.length && a.every((l, i) => l.number === b[i].number);
}

function textOf(lanes: readonly Lane[]): string {
  return lanes.map((l) => l.link).join(' ');
}

import type { Code } from '../diagnostics';
import type { PlannedRoute } from '../plan';
import type { Refuse } from '../shape';
import { qosClasses } from '../model/qos';
import { checkChoice } from './check-choice';
import { checkNoRoute } from './check-no-route';
import { near } from './near';
import { beforeOf, type Before } from './previous';
import type { Progress } from './progress';
import type { Claim, RouteCase } from './route-case';
import { checkRefusal } from './route-wording';
import type { RuleBook } from './rule-book';
import { keepsTo, metricOf, type Rules } from './rules';
import { sharing } from './sharing';
import type { Lane, World } from './world';

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
    const place = `${route.from} ${route.to} ${qosClasses.indexOf(route.classes[0])}`;
    if (place <= before) refuse('list-order', at, 'routes do not stand by from, to and class');
    before = place;
    if (route.from === route.to || !world.nodeOf.has(route.from) || !world.nodeOf.has(route.to)) {
      refuse('unknown-region', at, 'it joins no two regions');
      continue;
    }
    const ranks = route.classes.map((c) => qosClasses.indexOf(c));
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
      for (const qos of qosClasses) {
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
  const say = (code: Code, message: string) => refuse(code, at, message);
  const ruling = book.ruling(route.from, route.to, route.classes[0]);
  const { policy } = ruling;
  const [source, target] = [world.nodeOf.get(route.from)!, world.nodeOf.get(route.to)!];
  const { refusal } = route;
  const rules = book.rules(route, ruling);
  const all = book.allRules(ruling);
  if (route.primary === null) {
    const empty = route.backups.length === 0 && route.equalCost.length === 0 && !route.equalCostMore;
    if (!empty || route.metric !== null || route.hint !== null)
      say('route-without-primary', 'it has backups or figures, but no primary');
  }
  if (policy?.action === 'deny' || refusal?.code === 'denied') {
    const right = policy?.action === 'deny' && refusal?.code === 'denied' && route.primary === null;
    if (!right)
      say('route-denial', 'it is denied without a policy that does, or not denied by one that does');
    else if (refusal.message !== `policy ${policy.id} denies it` || refusal.nearest !== '')
      say('route-denial', 'the refusal does not name the policy that denies it');
    return;
  }
  const ways = (id: string, what: string, by: Rules = rules): readonly Lane[] | undefined => {
    const lanes = world.lanesOf.get(id);
    if (!lanes || lanes.length === 0) return undefined;
    if (lanes[0].tail !== source || lanes[lanes.length - 1].head !== target)
      say('route-path', `${what} ${id} does not lead from '${route.from}' to '${route.to}'`);
    if (!keepsTo(by, lanes)) say('route-constraint', `${what} ${id} does not keep to the policy`);
    return lanes;
  };
  const given: RouteCase = { world, route, policy, rules, all, source, target, claim, say };
  checkRefusal(given);
  if (route.primary === null) {
    checkNoRoute(given);
    return;
  }
  const primary = ways(route.primary, 'primary');
  const backups = route.backups.map((b) => ways(b.path, 'backup', all));
  const equal = route.equalCost.map((id) => ways(id, 'equal-cost path'));
  // A path that is not there is told by the check of paths.
  if (!primary || backups.includes(undefined) || equal.includes(undefined)) {
    say('route-path', 'it names a path that is not in service');
    return;
  }
  if (route.metric === null || !near(route.metric, metricOf(rules, primary)))
    say('route-metric', `the primary's figure is ${metricOf(rules, primary)}, not ${route.metric}`);
  const planned = [route.primary, ...route.backups.map((b) => b.path)];
  if (new Set(planned).size < planned.length) say('route-backup', 'two of its paths are the same');
  route.backups.forEach((b, i) => {
    const right = sharing(world, primary, backups[i]!);
    for (const name of ['sharedLinks', 'sharedRegions', 'sharedSrlgs'] as const) {
      if (b[name].join() !== right[name].join())
        say('route-sharing', `backup ${b.path} shares ${right[name].join(', ') || 'nothing'} (${name})`);
    }
  });
  const found = { primary, backups: backups as (readonly Lane[])[], equal: equal as (readonly Lane[])[] };
  checkChoice(given, found);
}

import type { PlanDocument } from '../plan';
import { qosClasses } from '../model/qos';
import { near } from './near';
import { pathId } from './path-id';
import { allocatedIn } from './allocated';
import { beforeOf, type Before } from './previous';
import { servingPath } from './carrying';
import { newEffort } from './label-search';
import type { Refuse } from '../shape';
import { isBetween, type RuleBook } from './rule-book';
import { keepsTo, metricOf } from './rules';
import { withinKept } from './tolerance';
import type { Lane, World } from './world';

type Stated = NonNullable<PlanDocument['previous']>;
type MovedRoute = Stated['moved']['routes'][number];

/**
 * What a plan says of the one before: its lists are in order and name what is there, and every reason for a
 * move that this plan alone can tell is true. That splits and equal-cost paths that are kept may be kept the
 * checks of routes and traffic tell; whether they are those of before, `checkAgainst`.
 */
export function checkPrevious(world: World, book: RuleBook, refuse: Refuse): void {
  const before = beforeOf(world);
  if (before === null) return;
  const { stated, ratio } = before;
  if (!/^sha256:[0-9a-f]{64}$/.test(stated.digest) || stated.digest === world.plan.digest)
    refuse('previous', 'previous.digest', 'it names no other plan');
  if (!(ratio >= 0 && ratio <= 1))
    refuse('previous', 'previous.toleranceRatio', 'a tolerance is from 0 to 1');
  checkAllocations(world.plan, stated, refuse);
  // Of paths that are not those that are named the rest would say nothing new.
  if (!areNamed(stated, refuse)) return;
  for (const m of stated.moved.routes) checkMovedRoute(world, book, before, m, refuse);
  checkKept(world, stated, refuse);
  checkDemands(world, before, refuse);
  checkReservations(world, book, before, refuse);
}

/** Lists are in order, and the paths are those that are named. @returns are they? */
function areNamed({ moved, kept, paths }: Stated, refuse: Refuse): boolean {
  const place = (r: { from: string; to: string; classes: readonly string[] }) =>
    `${r.from} ${r.to} ${qosClasses.findIndex((c) => c === r.classes[0])}`;
  const lists: Readonly<Record<string, readonly string[]>> = {
    'moved.allocations': moved.allocations.map((a) => `${a.id} ${a.field}`),
    'moved.routes': moved.routes.map(place),
    'moved.demands': moved.demands.map((d) => d.id),
    'moved.reservations': moved.reservations.map((r) => r.id),
    'kept.routes': kept.routes.map(place),
    'kept.classes': kept.classes.map((c) => String(qosClasses.indexOf(c.class))),
    'kept.reservations': kept.reservations,
    paths: paths.map((p) => p.id),
  };
  for (const [list, ids] of Object.entries(lists)) {
    if (ids.some((id, i) => i > 0 && !(ids[i - 1] < id)))
      refuse('list-order', `previous.${list}`, 'something stands twice, or out of order');
  }
  const named = new Set([
    ...moved.routes.flatMap((r) => (r.before === null ? [] : [r.before])),
    ...moved.demands.flatMap((d) => d.before.map((p) => p.path)),
    ...moved.reservations.map((r) => r.before),
  ]);
  if ([...named].sort().join() !== paths.map((p) => p.id).join()) {
    refuse('previous-paths', 'previous.paths', 'these are not the paths that are named');
    return false;
  }
  let sound = true;
  for (const { id, regions, links } of paths) {
    const loops = new Set(regions).size < regions.length;
    if (links.length === 0 || regions.length !== links.length + 1 || loops || id !== pathId(regions, links)) {
      refuse('previous-paths', `previous.paths.${id}`, 'it is no path, or its id is not of its links');
      sound = false;
    }
  }
  return sound;
}

/** What is said to have moved is there, and another than it is said to have been. */
function checkAllocations(plan: PlanDocument, { moved }: Stated, refuse: Refuse): void {
  const now = allocatedIn(plan);
  for (const { id, field, before } of moved.allocations) {
    const value = now.get(`${id} ${field}`);
    const at = `previous.moved.${id}.${field}`;
    if (value === undefined) refuse('moved-allocation', at, 'there is no such thing, or it has none');
    else if (value === before) refuse('moved-allocation', at, 'it is the same');
  }
}

function checkMovedRoute(world: World, book: RuleBook, before: Before, m: MovedRoute, refuse: Refuse): void {
  const at = `previous.moved.${m.from}.${m.to}.${m.classes[0]}`;
  const route = world.plan.routes.find(
    (r) => r.from === m.from && r.to === m.to && r.classes.includes(m.classes[0]),
  );
  const ranks = m.classes.map((c) => route?.classes.indexOf(c) ?? -1);
  const lie = (text: string) => refuse('moved-route', at, text);
  if (!route || ranks.some((r, i) => r < 0 || (i > 0 && r <= ranks[i - 1])) || route.primary !== m.after) {
    lie('there is no such route, or its primary is another');
    return;
  }
  if (m.before === null || m.why === 'routed') {
    if (m.before !== null || m.why !== 'routed' || m.after === null || m.beforeMetric !== null)
      lie('it was not there before, and is now, or says otherwise');
    return;
  }
  const was = before.stated.paths.find((p) => p.id === m.before)!;
  const now = m.after === null ? undefined : world.paths.get(m.after);
  if (was.regions[0] !== m.from || was.regions[was.regions.length - 1] !== m.to)
    lie(`the path before does not lead from '${m.from}' to '${m.to}'`);
  if (now && now.links.join() === was.links.join() && now.regions.join() === was.regions.join())
    lie('the path is the same');
  const ruling = book.ruling(m.from, m.to, m.classes[0]);
  const rules = book.rules(m, ruling);
  const lanes = before.lanesOf(m.before);
  const denied = ruling.policy?.action === 'deny';
  const allowed = lanes !== undefined && !denied && keepsTo(rules, lanes);
  const metric = allowed ? metricOf(rules, lanes) : null;
  if (metric === null || m.beforeMetric === null ? metric !== m.beforeMetric : !near(metric, m.beforeMetric))
    lie(`the path before would have ${metric ?? 'no metric'} now, not ${m.beforeMetric}`);
  const why = `it did not move for '${m.why}'`;
  if ((m.why === 'gone') !== (lanes === undefined))
    lie(`${why}: the path before is ${lanes ? 'there' : 'gone'}`);
  if (lanes && (m.why === 'policy') === allowed)
    lie(`${why}: the path before is ${allowed ? '' : 'not '}permitted`);
  if (!allowed) return;
  if (
    (m.why === 'unproven') !== (m.after === null) ||
    (m.after === null && route.refusal?.code !== 'search-limit')
  )
    lie(`${why}: there is ${m.after === null ? 'no' : 'a'} route`);
  if (m.why === 'joined' && route.classes.length === m.classes.length)
    lie(`${why}: its classes had a route of their own`);
  const paired = (ruling.policy?.disjoint ?? 'none') !== 'none' && route.refusal === null;
  if (m.why === 'disjoint' && !paired) lie(`${why}: no disjoint pair is asked for, or there is none`);
  if (m.why === 'better' && !paired && within(world, rules, before, lanes))
    lie(`${why}: the path before is within the tolerance`);
  if (m.why === 'objective' && !tooSlow(world, m, lanes)) lie(`${why}: it is fast enough for every one`);
}

function within(
  world: World,
  rules: ReturnType<RuleBook['rules']>,
  { ratio }: Before,
  lanes: readonly Lane[],
) {
  const effort = newEffort();
  const best = servingPath(world, rules, lanes[0].tail, lanes[lanes.length - 1].head, effort);
  return !effort.gaveUp && best !== undefined && withinKept(rules, best, ratio)(lanes);
}

function tooSlow({ plan }: World, { from, to, classes: list }: MovedRoute, lanes: readonly Lane[]): boolean {
  const ms = lanes.reduce((s, l) => s + l.latencyMs, 0);
  const route = plan.routes.find((r) => r.from === from && r.to === to && r.classes.includes(list[0]))!;
  return plan.objectives.some(
    ({ statement: s, ...o }) =>
      s.kind === 'max-latency' &&
      isBetween(o, { from, to }) &&
      route.classes.some((c) => o.classes.includes(c)) &&
      ms > s.latencyMs,
  );
}

/** What is said to stand is there, and something of it is said to. */
function checkKept({ plan }: World, { kept, moved }: Stated, refuse: Refuse): void {
  for (const k of kept.routes) {
    const at = `previous.kept.${k.from}.${k.to}.${k.classes[0]}`;
    const route = plan.routes.find(
      (r) => r.from === k.from && r.to === k.to && r.classes.join() === k.classes.join(),
    );
    const own = route?.backups.map((b) => b.path).filter((p) => k.backups.includes(p)) ?? [];
    if (!route || route.primary === null || own.join() !== k.backups.join())
      refuse('kept-route', at, 'there is no such route, or it has not these backups');
    if (k.bestMetric === null && k.backups.length === 0 && !k.equalCost)
      refuse('kept-route', at, 'nothing of it stands in the place of something better');
    const left = moved.routes.some(
      (m) => m.from === k.from && m.to === k.to && m.classes.join() === k.classes.join(),
    );
    if (left && k.bestMetric !== null) refuse('kept-route', at, 'its primary stands, and moved');
  }
  for (const k of kept.classes) {
    const placed = plan.traffic.classes.find((c) => c.class === k.class);
    const own = placed?.demands.map((d) => d.id).filter((id) => k.demands.includes(id)) ?? [];
    const left = moved.demands.some((d) => k.demands.includes(d.id));
    if (!placed || own.join() !== k.demands.join() || left)
      refuse('kept-class', `previous.kept.${k.class}`, 'a demand of it is not there, or moved');
  }
}

function checkDemands(world: World, { stated }: Before, refuse: Refuse): void {
  const was = new Map(stated.paths.map((p) => [p.id, `${p.regions.join()} ${p.links.join()}`]));
  const placed = new Map(world.plan.traffic.classes.flatMap((c) => c.demands.map((d) => [d.id, d] as const)));
  let sum = 0;
  for (const m of stated.moved.demands) {
    const at = `previous.moved.${m.id}`;
    sum += m.movedMbps;
    const now = placed.get(m.id);
    if (!now || m.before.length === 0) {
      refuse('moved-demand', at, 'there is no such demand, or it had no path');
      continue;
    }
    if (!m.before.every((p) => Number.isInteger(p.weight) && p.weight >= 1))
      refuse('moved-demand', at, 'weights are whole numbers from 1 on');
    const total = m.before.reduce((s, p) => s + p.weight, 0);
    const share = new Map(m.before.map((p) => [was.get(p.path)!, p.weight / total]));
    const all = now.paths.reduce((s, p) => s + p.weight, 0);
    const more = now.paths.map(({ path, weight }) => {
      const { regions, links } = world.paths.get(path)!;
      return Math.max(0, weight / all - (share.get(`${regions.join()} ${links.join()}`) ?? 0));
    });
    const part = more.reduce((s, x) => s + x, 0);
    if (part === 0 && now.paths.length === m.before.length)
      refuse('moved-demand', at, 'its split is the same');
    if (!near(m.movedMbps, now.carriedMbps * part, 1e-6))
      refuse('moved-demand', at, `${now.carriedMbps * part} Mbps moved, not ${m.movedMbps}`);
  }
  if (!near(stated.movedMbps, sum, 1e-6))
    refuse('moved-demand', 'previous.movedMbps', `${sum} Mbps moved, not ${stated.movedMbps}`);
}

function checkReservations(world: World, book: RuleBook, before: Before, refuse: Refuse): void {
  const { moved, kept, paths } = before.stated;
  const planned = new Map(world.plan.reservations.map((r) => [r.id, r]));
  for (const id of kept.reservations) {
    if (!planned.get(id)?.admitted || moved.reservations.some((m) => m.id === id))
      refuse('kept-reservation', `previous.kept.${id}`, 'it is not there, not admitted, or moved');
  }
  for (const m of moved.reservations) {
    const lie = (text: string) => refuse('moved-reservation', `previous.moved.${m.id}`, text);
    const r = planned.get(m.id);
    if (!r || r.path !== m.after) {
      lie('there is no such reservation, or its path is another');
      continue;
    }
    const was = paths.find((p) => p.id === m.before)!;
    const now = m.after === null ? undefined : world.paths.get(m.after);
    const same = now && now.links.join() === was.links.join() && now.regions.join() === was.regions.join();
    if (same && m.why !== 'displaced') lie('the path is the same');
    const strong = m.by === null ? undefined : planned.get(m.by);
    if ((m.by !== null) !== (m.why === 'displaced')) lie('who displaced it stands there, or nobody did');
    if (m.why === 'displaced' && !(strong && strong.setupPriority < r.holdingPriority))
      lie(`'${m.by}' is not stronger than it holds`);
    const elsewhere = was.regions[0] !== r.from || was.regions[was.regions.length - 1] !== r.to;
    if (elsewhere !== (m.why === 'asked')) lie('it leads elsewhere now, or does not');
    if (elsewhere) continue;
    const lanes = before.lanesOf(m.before);
    const ruling = book.ruling(r.from, r.to, r.class);
    const allowed = lanes && ruling.policy?.action !== 'deny' && keepsTo(book.rules(r, ruling), lanes);
    const right = lanes === undefined ? ['gone'] : allowed ? ['full', 'displaced'] : ['policy'];
    if (!right.includes(m.why)) lie(`it did not move for '${m.why}', but for '${right[0]}'`);
  }
}

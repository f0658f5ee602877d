import type { Demand } from '../model';
import type { PlannedClass, PlannedDemand } from '../plan';
import { classFacts, qosClasses } from '../model/qos';
import { certifiedDistances } from './certified-distance';
import { checkFairShares } from './check-fair-shares';
import { checkKeptClass, type LoadedClass, type TrafficCheck } from './check-kept-class';
import { fixedWays } from './fixed-ways';
import { near } from './near';
import { beforeOf } from './previous';
import type { Refuse } from '../shape';
import type { RuleBook } from './rule-book';
import { keepsTo } from './rules';
import { withinKept } from './tolerance';
import { laneKey, type Lane, type World } from './world';

/** Figures in Mbps agree to this much: placing rounds to a bit per second. */
const mbpsTolerance = 1e-5;
/** Lanes with less Mbps carry nothing. */
const leastMbps = 1e-6;

/**
 * Every demand is placed once, on paths of its pair and policy; parts, loads and utilisations add up; no
 * direction carries more than it has; what is carried in part has its fair share; a `te` class's certificate
 * proves its bound.
 *
 * @param reservedMbps by lane, what reservations hold at their fullest instant.
 */
export function checkTraffic(
  world: World,
  book: RuleBook,
  reservedMbps: readonly number[],
  refuse: Refuse,
): void {
  const { plan, lanes } = world;
  const { traffic } = plan;
  const room = lanes.map((l, n) => Math.max(0, l.mbps - reservedMbps[n]));
  const load = lanes.map(() => 0);
  const before = beforeOf(world);
  const check = { world, book, before, refuse };
  checkClasses(world, refuse);
  for (const placed of traffic.classes) {
    const left = room.map((c, n) => Math.max(0, Math.round((c - load[n]) * 1e6) / 1e6));
    const own = lanes.map(() => 0);
    for (const d of placed.demands) checkDemand(check, { placed, own, left }, d);
    const at = `traffic.${placed.class}`;
    const most = Math.max(0, ...own.map((l, n) => (l > mbpsTolerance ? l / left[n] : 0)));
    if (!sameRatio(placed.utilisationRatio, most))
      refuse('class-utilisation', at, `its fullest link is at ${most}, not ${placed.utilisationRatio}`);
    if (placed.conflict === null && most > 1 + 1e-5)
      refuse('class-overload', at, 'it loads a link beyond what is left');
    if (placed.conflict !== null) refuse('class-conflict', at, 'a plan with a conflict is no plan to deploy');
    checkFairShares(world, placed, left, own, refuse);
    checkWithoutRoom(world, book, placed, left, refuse);
    checkCertificate(world, book, placed, left, refuse);
    if (before) checkKeptClass({ ...check, before }, { placed, own, left });
    own.forEach((l, n) => (load[n] += l));
  }
  const most = Math.max(0, ...load.map((l, n) => (l > mbpsTolerance ? l / room[n] : 0)));
  if (!sameRatio(traffic.utilisationRatio, most))
    refuse('utilisation', 'traffic', `the fullest link is at ${most}, not ${traffic.utilisationRatio}`);
  checkLoads(world, reservedMbps, load, refuse);
}

function sameRatio(stated: number, right: number): boolean {
  // More than full of nothing stands as the greatest whole number.
  return Number.isFinite(right) ? near(stated, right, mbpsTolerance) : stated === Number.MAX_SAFE_INTEGER;
}

function checkClasses({ plan }: World, refuse: Refuse): void {
  const { traffic } = plan;
  const present = qosClasses.filter((c) => plan.demands.some((d) => d.class === c));
  if (traffic.classes.map((c) => c.class).join() !== present.join())
    refuse('traffic-classes', 'traffic', `the classes with demands are, in order: ${present.join(', ')}`);
  for (const placed of traffic.classes) {
    const at = `traffic.${placed.class}`;
    const te = placed.spread === 'te';
    if (placed.spread !== traffic.spread[placed.class])
      refuse('class-spread', at, 'it is not spread as described');
    const asked = plan.demands.filter((d) => d.class === placed.class).map((d) => d.id);
    if (placed.demands.map((d) => d.id).join() !== asked.join())
      refuse('class-demands', at, `its demands are, in order: ${asked.join(', ')}`);
    // Finer weights than asked for are taken by doubling, up to what a kernel holds.
    const finer = placed.units / traffic.units;
    if (!(finer === 1 || (te && Number.isInteger(Math.log2(finer)) && finer > 1 && placed.units <= 256)))
      refuse('class-units', at, `${placed.units} units do not follow from the ${traffic.units} asked for`);
    const routed = placed.demands.some((d) => d.paths.length > 0);
    if (
      (placed.method !== null) !== (te && routed) ||
      (placed.certificate !== null) !== (placed.method !== null)
    )
      refuse('class-method', at, 'a method and a certificate stand with te, and with te alone');
    if ((placed.optimumRatio !== null) !== (placed.method !== null))
      refuse('class-optimum', at, 'an optimum stands with te, and with te alone');
  }
}

/** Adds to `own` what the demand loads each lane with. */
function checkDemand(
  check: TrafficCheck,
  { placed, own, left }: LoadedClass & { readonly own: number[] },
  stated: PlannedDemand,
): void {
  const { world, book, refuse } = check;
  const at = `traffic.${placed.class}.${stated.id}`;
  const demand = world.demands.get(stated.id);
  if (!demand) {
    refuse('demand-unknown', at, 'nobody asked for it');
    return;
  }
  const { paths, carriedMbps } = stated;
  const te = placed.spread === 'te';
  const rules = book.rules(demand, book.ruling(demand.from, demand.to, demand.class), demand.maxLatencyMs);
  const elastic = classFacts[demand.class].elastic;
  if (!(carriedMbps >= 0 && carriedMbps <= demand.bandwidthMbps))
    refuse('demand-carried', at, `${carriedMbps} of ${demand.bandwidthMbps} Mbps are carried`);
  if (!elastic && carriedMbps !== demand.bandwidthMbps)
    refuse('demand-carried', at, 'it is not carried whole');
  // Behind classes that fill every link there is no room for a path of `te`: see checkWithoutRoom.
  const mayLack = te && elastic && carriedMbps === 0;
  if ((stated.refusal !== null) !== (paths.length === 0) && demand.bandwidthMbps > 0 && !mayLack)
    refuse('demand-refusal', at, 'it is refused and has paths, or neither');
  if (stated.refusal !== null)
    refuse('demand-refused', at, 'a plan that leaves a demand without a path is no plan to deploy');
  if (paths.length > world.plan.traffic.paths) refuse('demand-paths', at, 'it has more paths than allowed');
  if (new Set(paths.map((p) => p.path)).size < paths.length)
    refuse('demand-paths', at, 'a path stands twice');
  const sum = paths.reduce((s, p) => s + p.weight, 0);
  if (!paths.every((p) => Number.isInteger(p.weight) && p.weight >= 1))
    refuse('demand-weight', at, 'weights are whole numbers from 1 on');
  if (paths.some((p, i) => i > 0 && te && p.weight > paths[i - 1].weight))
    refuse('demand-weight', at, 'the greatest weight does not stand first');
  if (te && paths.length > 0 && sum !== placed.units)
    refuse('demand-weight', at, `its weights add up to ${sum}, not to ${placed.units}`);
  const ways: (readonly Lane[])[] = [];
  for (const { path, weight, mbps } of paths) {
    const lanes = world.lanesOf.get(path);
    if (!lanes || lanes.length === 0) {
      refuse('demand-path', at, `path ${path} is not in service`);
      return;
    }
    ways.push(lanes);
    const planned = world.paths.get(path)!;
    if (planned.from !== demand.from || planned.to !== demand.to)
      refuse('demand-path', at, `path ${path} leads elsewhere`);
    if (!keepsTo(rules, lanes))
      refuse('demand-constraint', at, `path ${path} does not keep to policy and latency`);
    if (!near(mbps, (carriedMbps * weight) / sum, mbpsTolerance))
      refuse('demand-part', at, `path ${path} carries ${(carriedMbps * weight) / sum} Mbps, not ${mbps}`);
    for (const l of lanes) own[l.number] += (carriedMbps * weight) / sum;
  }
  const inOrder = (a: readonly Lane[], b: readonly Lane[]) => {
    const i = a.findIndex((l, k) => l !== b[k]);
    return i === -1 || (b[i] !== undefined && a[i].number < b[i].number);
  };
  if (te && ways.some((w, i) => i > 0 && paths[i].weight === paths[i - 1].weight && !inOrder(ways[i - 1], w)))
    refuse('demand-weight', at, 'paths of equal weight are out of order');
  if (te) checkFullness(demand, stated, ways, left, refuse, at);
  else checkFixed(check, placed, demand, stated, ways);
}

/** A `te` demand lacks a path only where classes above leave none of its paths any room. */
function checkWithoutRoom(
  world: World,
  book: RuleBook,
  { class: qos, spread, demands }: PlannedClass,
  left: readonly number[],
  refuse: Refuse,
): void {
  const lacking = demands.filter((d) => spread === 'te' && d.paths.length === 0 && d.refusal === null);
  if (lacking.length === 0) return;
  const hops = world.lanes.map(() => 1);
  const distanceOf = certifiedDistances(world, hops, (n) => left[n] < leastMbps);
  for (const { id } of lacking) {
    const demand = world.demands.get(id);
    if (!demand || demand.bandwidthMbps === 0) continue;
    const rules = book.rules(demand, book.ruling(demand.from, demand.to, demand.class), demand.maxLatencyMs);
    if (distanceOf(rules, demand.from, demand.to) < Infinity)
      refuse('demand-carried', `traffic.${qos}.${id}`, 'it has no path, and a permitted one has room');
  }
}

/** A `te` path runs over links with room, as a part on a full link would be carried nowhere. */
function checkFullness(
  demand: Demand,
  stated: PlannedDemand,
  ways: readonly (readonly Lane[])[],
  left: readonly number[],
  refuse: Refuse,
  at: string,
): void {
  if (ways.some((lanes) => lanes.some((l) => left[l.number] < leastMbps)))
    refuse('demand-path', at, 'it runs over a link that has nothing left');
  if (ways.length === 0 && stated.carriedMbps > 0 && demand.bandwidthMbps > 0)
    refuse('demand-carried', at, 'it is carried without a path');
}

/**
 * `single`, `ecmp` and `wecmp` follow from the metric alone: they are found again. What is said to stand of
 * the plan before is within the tolerance of the best instead.
 */
function checkFixed(
  { world, book, before, refuse }: TrafficCheck,
  placed: PlannedClass,
  demand: Demand,
  { id, paths }: PlannedDemand,
  ways: readonly (readonly Lane[])[],
): void {
  const at = `traffic.${placed.class}.${id}`;
  const weights = paths.map((p) => p.weight);
  const { spread, units } = placed;
  const ruling = book.ruling(demand.from, demand.to, demand.class);
  const rules = book.rules(demand, ruling, demand.maxLatencyMs);
  const { best, ways: right, unknown } = fixedWays(world, rules, demand, spread, ruling.policy);
  const wecmp = spread === 'wecmp';
  // The kernel bounds each weight, not their sum.
  if (wecmp ? weights.some((w) => w > units) : weights.some((w) => w !== 1))
    refuse('demand-weight', at, `these are not the weights of '${spread}'`);
  if (unknown) return;
  const text = (list: readonly (readonly Lane[])[]) =>
    list.map((lanes) => lanes.map((l) => l.number).join(' '));
  const [stated, wanted] = [text(ways), text(right)];
  if (before?.keepsDemand(placed, demand.id)) {
    const stands = best !== undefined && ways.every(withinKept(rules, best, before.ratio));
    if (!stands) refuse('kept-demand', at, 'a path of it is worse than the best by more than the tolerance');
    if (!wecmp && [...stated].sort().join() === [...wanted].sort().join())
      refuse('kept-demand', at, "its paths are the best: they stand in nobody's place");
    if (spread === 'single' && ways.length !== 1) refuse('demand-path', at, "'single' takes one path");
    return;
  }
  const fine = wecmp
    ? wanted.filter((p) => stated.includes(p)).join() === stated.join() &&
      stated.length > 0 === wanted.length > 0
    : stated.join() === wanted.join();
  if (!fine) refuse('demand-path', at, `these are not the paths that '${spread}' takes`);
}

/** Any lengths bound the utilisation of every split from below; the stated bound is what these give. */
function checkCertificate(
  world: World,
  book: RuleBook,
  placed: PlannedClass,
  left: readonly number[],
  refuse: Refuse,
): void {
  const { certificate, optimumRatio } = placed;
  if (certificate === null || optimumRatio === null) return;
  const at = `traffic.${placed.class}.certificate`;
  const length = world.lanes.map(() => 0);
  let before = -1;
  for (const l of certificate.lengths) {
    const lane = world.laneOf.get(laneKey(l.link, l.from));
    if (!lane || !(l.length > 0) || lane.number <= before) {
      const message = `a length of '${l.link}' from '${l.from}' is not above 0, there twice or out of order`;
      refuse('certificate-length', at, message);
      return;
    }
    length[lane.number] = l.length;
    before = lane.number;
  }
  const size = length.reduce((s, l, n) => s + l * left[n], 0);
  if (certificate.lengths.length > 0 && !near(size, 1, 1e-8))
    refuse('certificate-length', at, `lengths x capacities add up to ${size}, not to 1`);
  const distanceOf = certifiedDistances(world, length, (n) => left[n] < leastMbps);
  let bound = 0;
  for (const d of placed.demands) {
    const demand = world.demands.get(d.id);
    if (!demand || d.refusal !== null || demand.bandwidthMbps === 0 || d.paths.length === 0) continue;
    const rules = book.rules(demand, book.ruling(demand.from, demand.to, demand.class), demand.maxLatencyMs);
    const distance = distanceOf(rules, demand.from, demand.to);
    if (distance === Infinity) refuse('demand-path', at, `demand '${d.id}' has no permitted path with room`);
    else bound += demand.bandwidthMbps * distance;
  }
  if (!near(certificate.bound, bound, 1e-8))
    refuse('certificate-bound', at, `the lengths prove ${bound}, not ${certificate.bound}`);
  const gap = optimumRatio > 0 ? Math.max(0, (optimumRatio - certificate.bound) / optimumRatio) : 0;
  if (!near(certificate.gapRatio, gap, 1e-9))
    refuse('certificate-gap', at, `the gap is ${gap}, not ${certificate.gapRatio}`);
  if (optimumRatio < certificate.bound * (1 - 1e-6))
    refuse('certificate-optimum', at, 'the optimum lies below what the certificate proves');
  if (placed.method === 'exact' && gap > 1e-4)
    refuse('class-method', at, `a split with a gap of ${gap} is not exact`);
  const whole = placed.demands.every((d) => {
    return d.refusal !== null || d.carriedMbps === world.demands.get(d.id)?.bandwidthMbps;
  });
  // What is deployed is a split too: it cannot do better than the bound, nor the optimum than nothing at all.
  if (whole && placed.utilisationRatio < bound * (1 - 1e-6))
    refuse('class-utilisation', at, 'what is deployed would be better than the proven bound');
  if (whole && optimumRatio > placed.utilisationRatio * (1 + 1e-5) + 1e-9)
    refuse('certificate-optimum', at, 'what is deployed would be better than the optimum');
}

function checkLoads(
  world: World,
  reserved: readonly number[],
  load: readonly number[],
  refuse: Refuse,
): void {
  const { lanes, nodes, plan } = world;
  const stated = new Map(plan.traffic.loads.map((l) => [laneKey(l.link, l.from), l]));
  let before = '';
  for (const l of plan.traffic.loads) {
    const at = `traffic.loads.${l.link}.${l.from}`;
    if (laneKey(l.link, l.from) <= before) refuse('list-order', at, 'loads do not stand by link and from');
    before = laneKey(l.link, l.from);
    if (!world.laneOf.has(before)) refuse('load-unknown', at, 'no such direction is in service');
  }
  lanes.forEach((lane, n) => {
    const key = laneKey(lane.link, nodes[lane.tail]);
    const at = `traffic.loads.${lane.link}.${nodes[lane.tail]}`;
    const l = stated.get(key);
    const carries = load[n] > 1e-6 || reserved[n] > 0;
    if (!l) {
      if (carries) refuse('load-missing', at, 'it carries traffic and is not listed');
      return;
    }
    if (!carries && !(l.demandMbps > 0 && near(l.demandMbps, load[n], mbpsTolerance)))
      refuse('load-empty', at, 'it carries nothing and is listed');
    if (l.to !== nodes[lane.head]) refuse('load-ends', at, `it leads to '${nodes[lane.head]}'`);
    if (l.availableMbps !== lane.mbps) refuse('load-available', at, `${lane.mbps} Mbps are available`);
    if (!near(l.demandMbps, load[n], mbpsTolerance)) refuse('load-demand', at, `it carries ${load[n]} Mbps`);
    if (!near(l.reservedMbps, reserved[n])) refuse('load-reserved', at, `${reserved[n]} Mbps are reserved`);
    if (l.reservedMbps + l.demandMbps > lane.mbps * (1 + 1e-5))
      refuse('load-overload', at, 'more than is available');
  });
}

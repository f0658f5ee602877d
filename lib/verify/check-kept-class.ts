import type { PlannedClass } from '../plan';
import { fixedWays } from './fixed-ways';
import { near } from './near';
import type { Before } from './previous';
import type { Refuse } from '../shape';
import type { RuleBook } from './rule-book';
import { keepsTo } from './rules';
import { withinKept } from './tolerance';
import type { Lane, World } from './world';

/** Figures in Mbps and their ratios agree to this much. */
const tolerance = 1e-5;
const leastMbps = 1e-6;

/** What checks of traffic are made with. `before`: the plan that this one was made from; null: none. */
export interface TrafficCheck<B extends Before | null = Before | null> {
  readonly world: World;
  readonly book: RuleBook;
  readonly before: B;
  readonly refuse: Refuse;
}

/** A class as it is checked: what it loads each lane with, and what is left for it, Mbps. */
export interface LoadedClass {
  readonly placed: PlannedClass;
  readonly own: readonly number[];
  readonly left: readonly number[];
}

/**
 * A class that keeps splits of the plan before is within the tolerance of what it is held against, and every
 * demand of it that moved had to.
 */
export function checkKeptClass(check: TrafficCheck<Before>, loaded: LoadedClass): void {
  const { world, book, before, refuse } = check;
  const { placed, own, left } = loaded;
  const at = `previous.kept.${placed.class}`;
  const kept = before.stated.kept.classes.find((c) => c.class === placed.class);
  const peak = peakOf(own, left);
  if (kept) {
    const against = againstOf(world, book, loaded);
    if (against !== undefined && !same(kept.againstRatio, against))
      refuse('kept-class', at, `it is held against ${against}, not ${kept.againstRatio}`);
    const limit = limitOf(kept.againstRatio, before.ratio);
    const slack = placed.spread === 'te' ? unitsOn(world, placed) : own.map(() => 0);
    if (own.some((l, n) => l > (left[n] * limit + slack[n]) * (1 + tolerance) + tolerance))
      refuse('kept-class', at, `its fullest link is at ${peak}, beyond the tolerance`);
  }
  const against = kept || placed.spread === 'single' ? (kept?.againstRatio ?? null) : ratioOf(placed, peak);
  const limit = limitOf(against, before.ratio);
  for (const moved of before.stated.moved.demands) {
    if (placed.demands.some((d) => d.id === moved.id)) checkMoved(check, loaded, moved, limit);
  }
}

type Moved = Before['stated']['moved']['demands'][number];

/** Why a demand moved, as far as this plan alone can tell. */
function checkMoved(
  { world, book, before, refuse }: TrafficCheck<Before>,
  { placed, own, left }: LoadedClass,
  moved: Moved,
  limit: number,
): void {
  const at = `previous.moved.${moved.id}`;
  const demand = world.plan.demands.find((d) => d.id === moved.id)!;
  const stated = placed.demands.find((d) => d.id === moved.id)!;
  const rules = book.rules(demand, book.ruling(demand.from, demand.to, demand.class), demand.maxLatencyMs);
  const ways = moved.before.map((p) => before.lanesOf(p.path));
  const lie = (text: string) => refuse('moved-demand', at, `it did not move for '${moved.why}': ${text}`);
  if (moved.why === 'asked') return;
  const gone = ways.includes(undefined);
  if ((moved.why === 'gone') !== gone) {
    lie(gone ? 'a path of it is gone' : 'every path of it is in service');
    return;
  }
  if (gone) return;
  const lanes = ways as (readonly Lane[])[];
  const allowed = lanes.every((way) => leads(world, way, demand) && keepsTo(rules, way));
  if ((moved.why === 'policy') === allowed)
    lie(allowed ? 'every path of it is permitted' : 'a path of it is not permitted');
  if (moved.why === 'full' && !lanes.some((way) => way.some((l) => left[l.number] < leastMbps)))
    lie('there is room on every link of it');
  if (moved.why === 'better') {
    const { best, unknown } = fixedWays(world, rules, demand, 'single', null);
    if (unknown) return;
    if (placed.spread === 'te' || !best || lanes.every(withinKept(rules, best, before.ratio)))
      lie('its paths are within the tolerance');
  }
  if (moved.why !== 'room') return;
  // With the others where they are it would not have fitted.
  const sum = moved.before.reduce((s, p) => s + p.weight, 0);
  const back = [...own];
  for (const p of stated.paths)
    for (const l of world.lanesOf.get(p.path)!)
      back[l.number] -= demand.bandwidthMbps * partOf(stated, p.weight);
  lanes.forEach((way, i) => {
    for (const l of way) back[l.number] += (demand.bandwidthMbps * moved.before[i].weight) / sum;
  });
  const whole = placed.demands.every((d) => {
    const asked = world.plan.demands.find((x) => x.id === d.id)!;
    return d.carriedMbps === asked.bandwidthMbps;
  });
  const tight = peakOf(own, left) <= limit * (1 + tolerance);
  if (whole && tight && peakOf(back, left) <= limit * (1 - tolerance)) lie('its paths have room for it');
}

/** By lane, a unit of each demand that crosses it: what whole weights may miss the optimum by. */
function unitsOn(world: World, placed: PlannedClass): number[] {
  const units = world.lanes.map(() => 0);
  for (const { id, paths } of placed.demands) {
    const { bandwidthMbps } = world.plan.demands.find((d) => d.id === id)!;
    const lanes = new Set(paths.flatMap((p) => world.lanesOf.get(p.path)!));
    for (const l of lanes) units[l.number] += bandwidthMbps / placed.units;
  }
  return units;
}

function partOf({ paths }: PlannedClass['demands'][number], weight: number): number {
  return weight / paths.reduce((s, p) => s + p.weight, 0);
}

function leads({ nodes }: World, way: readonly Lane[], demand: { from: string; to: string }): boolean {
  return nodes[way[0].tail] === demand.from && nodes[way[way.length - 1].head] === demand.to;
}

function peakOf(load: readonly number[], left: readonly number[]): number {
  return Math.max(0, ...load.map((l, n) => (l > tolerance ? l / left[n] : 0)));
}

/** What a class that is chosen anew is held against. */
function ratioOf({ spread, optimumRatio }: PlannedClass, peak: number): number | null {
  return spread === 'te' ? optimumRatio : peak;
}

/** How full a class may be; null: it only has to fit. */
function limitOf(against: number | null, ratio: number): number {
  if (against === null || against > 1) return Math.max(1, against ?? 1);
  return Math.min(1, against * (1 + ratio));
}

/** What a class must be held against; undefined: that is not found again here. */
function againstOf(world: World, book: RuleBook, { placed, left }: LoadedClass): number | null | undefined {
  if (placed.spread === 'te') return placed.optimumRatio;
  if (placed.spread === 'single') return null;
  if (placed.spread === 'wecmp') return undefined;
  const load = world.lanes.map(() => 0);
  for (const { id } of placed.demands) {
    const demand = world.plan.demands.find((d) => d.id === id)!;
    const ruling = book.ruling(demand.from, demand.to, demand.class);
    const rules = book.rules(demand, ruling, demand.maxLatencyMs);
    const { ways, unknown } = fixedWays(world, rules, demand, 'ecmp', ruling.policy);
    if (unknown) return undefined;
    for (const way of ways) for (const l of way) load[l.number] += demand.bandwidthMbps / ways.length;
  }
  return peakOf(load, left);
}

function same(stated: number | null, right: number | null): boolean {
  return stated === null || right === null ? stated === right : near(stated, right, tolerance);
}

import { bestPath } from './best-path';
import { carries, carryingPaths } from './carrying';
import { newEffort, type Ranked } from './label-search';
import { rankedPaths } from './ranked-paths';
import { same, textOf, type Chosen, type RouteCase } from './route-case';
import { closing, keepsTo, type Rules } from './rules';
import { sharedPenalty } from './sharing';
import { withinKept } from './tolerance';
import type { Lane, World } from './world';

/**
 * Backup i shares least with those before it, and is the best of those, or is said to stand in its place;
 * there is none more. Those that carry an IPv6 packet of the least size come first, but for a first
 * backup that shares less with the primary than they all. Those with links on standby come when there is no
 * other, or last, around links that all before it share.
 *
 * @param given how many of the first are judged elsewhere.
 */
export function checkBackups(
  { world, route, rules, all, source, target, claim, say }: RouteCase,
  { primary, backups }: Chosen,
  given: number,
  mostBackups: number,
): void {
  const names = route.backups.map((b) => b.path);
  for (let i = given; i < mostBackups; i++) {
    const earlier = [primary, ...backups.slice(0, i)];
    if (earlier.length < i + 1) return;
    const penalty = sharedPenalty(world, earlier);
    if (penalty === null) return;
    const effort = newEffort();
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
        say('kept-route', `backup ${i + 1} cannot stand in the place of ${textOf(next.lanes)}`);
      continue;
    }
    if (!next || !backups[i] || !same(next.lanes, backups[i])) {
      const right = next ? textOf(next.lanes) : 'none';
      say('route-backup', `backup ${i + 1} is ${backups[i] ? textOf(backups[i]) : 'missing'}, not ${right}`);
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

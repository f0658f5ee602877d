import { bestPath } from './best-path';
import { newEffort } from './label-search';
import { textOf, type RouteCase } from './route-case';

/** A route without a primary says why there is none, and it is true. */
export function checkNoRoute({ world, route, rules, source, target, say }: RouteCase): void {
  const code = route.refusal?.code ?? null;
  if (code === null) {
    say('route-refusal', 'it has neither a primary nor a refusal');
    return;
  }
  const effort = newEffort();
  const best = bestPath(world, rules, source, target, effort);
  if (best) say('route-refusal', `${textOf(best.lanes)} would serve it`);
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
    say('route-refusal', `it is refused as '${code}', and is '${right}'`);
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

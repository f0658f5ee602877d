import type { PlannedRoute, RouteRefusal } from '../plan';
import { listFirst } from '../units';
import { findDisjoint, type Disjointness } from './disjoint';
import { pathId } from './path-id';
import type { RouteCase } from './route-case';
import { unitsOf } from './tolerance';
import type { Lane, World } from './world';

/**
 * A hint stands where the primary leaves no link-disjoint backup and yet two link-disjoint paths exist (a
 * trap): then it names the cheapest such pair and what it costs.
 */
export function checkHint({ world, rules, route, source, target, say }: RouteCase): void {
  const pair = findDisjoint(world, rules, source, target, 'link');
  if (pair === 'unknown') return;
  if ((pair === null) !== (route.hint === null)) {
    say('route-hint', pair ? 'two link-disjoint paths exist, and no hint says so' : 'its hint is wrong');
    return;
  }
  // Of the widest the pair of the most width is named, which takes another search.
  if (pair === null || rules.widest) return;
  const units = { latency: 'ms', cost: 'USD/GB', bandwidth: 'Mbps', balanced: 'balanced', metric: 'metric' };
  const unit = units[route.strategy];
  const total = (unitsOf(rules, pair.primary) + unitsOf(rules, pair.backup)) / rules.scale;
  const idOf = (lanes: readonly Lane[]) => {
    const regions = [lanes[0].tail, ...lanes.map((l) => l.head)].map((v) => world.nodes[v]);
    return pathId(
      regions,
      lanes.map((l) => l.link),
    );
  };
  const right =
    `the backup shares links with the primary, but ${idOf(pair.primary)} and ` +
    `${idOf(pair.backup)} share none (together ${total} ${unit}); disjoint: link would choose them`;
  if (route.hint !== right) say('route-hint', `its hint is: ${right}`);
}

/** What a refusal says, where that follows from the network alone. */
export function checkRefusal({ world, route, policy, say }: RouteCase): void {
  const { from, to, refusal } = route;
  if (refusal === null) return;
  const right = refusalText(world, route, policy?.disjoint ?? 'none');
  if (right !== null && (refusal.message !== right.message || refusal.nearest !== right.nearest))
    say('route-refusal', `it is refused as: ${right.message}; ${right.nearest}`);
  const ends = refusal.message.includes(`'${from}'`) && refusal.message.includes(`'${to}'`);
  if (refusal.message === '' || (refusal.code === 'constrained' && !ends))
    say('route-refusal', 'its refusal does not say what is refused');
}

function refusalText(
  world: World,
  { from, to, refusal, backups }: PlannedRoute,
  wanted: 'none' | Disjointness,
): Pick<RouteRefusal, 'message' | 'nearest'> | null {
  if (refusal?.code === 'not-disjoint' && wanted !== 'none') {
    const what = { link: 'link-disjoint', node: 'node-disjoint', srlg: 'SRLG-disjoint' }[wanted];
    const message = `no two ${what} paths lead from '${from}' to '${to}' under the policy`;
    const [b] = backups;
    if (!b) return { message, nearest: '' };
    const shared = [
      ['link', b.sharedLinks],
      ['region', b.sharedRegions],
      ['shared-risk group', b.sharedSrlgs],
    ] as const;
    const parts = shared
      .filter(([, ids]) => ids.length > 0)
      .map(([noun, ids]) => `${noun} ${ids.map((id) => `'${id}'`).join(', ')}`);
    const all = parts.length === 0 ? 'nothing' : parts.join('; ');
    return { message, nearest: `the backup ${b.path} shares ${all} with the primary` };
  }
  if (refusal?.code === 'no-transit') {
    // The regions that it names, allowed to be passed through, are enough.
    const named = [...refusal.nearest.matchAll(/'([^']+)'/g)].map((m) => m[1]).slice(0, -2);
    const ids = named.map((id) => `'${id}'`).join(' and ');
    const regions = `region${named.length > 1 ? 's' : ''} ${ids}`;
    const closed = (v: number) => world.noTransit[v] && !named.includes(world.nodes[v]);
    const enough = named.length > 0 && reached(world, from, closed).has(world.nodeOf.get(to)!);
    const nearest = `let traffic pass through ${regions} (transit: true), or add a link from '${from}' to '${to}'`;
    return {
      message: `every path from '${from}' to '${to}' passes through a region without transit`,
      nearest: enough ? nearest : 'the regions through which it would lead',
    };
  }
  if (refusal?.code !== 'disconnected') return null;
  const side = [...reached(world, from, () => false)].map((v) => world.nodes[v]).sort();
  return {
    message: `no links lead from '${from}' to '${to}'; from '${from}' traffic reaches ${listFirst(side, 5)}`,
    nearest: `a link from one of these to '${to}', or to a region that reaches it`,
  };
}

/** The nodes that lanes lead to from a region, through none of the closed ones. */
function reached(world: World, from: string, closed: (node: number) => boolean): Set<number> {
  const source = world.nodeOf.get(from)!;
  const met = new Set([source]);
  for (const v of met) {
    if (v !== source && closed(v)) continue;
    for (const l of world.out[v]) met.add(l.head);
  }
  return met;
}

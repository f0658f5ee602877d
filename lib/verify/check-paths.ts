import { near } from './near';
import { pathId } from './path-id';
import type { Refuse } from '../shape';
import { rulesOf } from './rules';
import type { World } from './world';

/** Every path exists on links in service, has the figures of these links, and is there because it is used. */
export function checkPaths(world: World, refuse: Refuse): void {
  const { plan } = world;
  const { latency, latencyScale } = rulesOf(world, 'latency');
  const { scale: costScale } = rulesOf(world, 'cost');
  const mtuOf = new Map<string, number>();
  for (const { link, mtu } of plan.tunnels) mtuOf.set(link, Math.min(mtu, mtuOf.get(link) ?? Infinity));
  const used = usedPaths(world);
  for (const id of used) {
    if (!world.paths.has(id)) refuse('path-missing', `paths.${id}`, 'it is used, but not in the plan');
  }
  for (const path of plan.paths) {
    const at = `paths.${path.id}`;
    if (!used.has(path.id)) refuse('path-unused', at, 'nothing uses it');
    const lanes = world.lanesOf.get(path.id);
    const joined = lanes?.every((l, i) => world.nodes[l.head] === path.regions[i + 1]) ?? false;
    if (!lanes || lanes.length === 0 || !joined || path.regions.length !== lanes.length + 1) {
      refuse('path-broken', at, 'its links are not in service or do not lead along its regions');
      continue;
    }
    if (new Set(path.regions).size !== path.regions.length)
      refuse('path-loop', at, 'it passes a region twice');
    if (path.from !== path.regions[0] || path.to !== path.regions[lanes.length])
      refuse('path-ends', at, `it does not lead from '${path.from}' to '${path.to}'`);
    const unknown = lanes.filter((l) => l.usd === null).map((l) => l.link);
    const ms = lanes.reduce((s, l) => s + latency[l.number], 0) / latencyScale;
    const usd = lanes.reduce((s, l) => s + Math.floor((l.usd ?? 0) * costScale + 0.5), 0) / costScale;
    const n = lanes.length;
    const mtu = Math.min(...path.links.map((l) => mtuOf.get(l) ?? NaN)) - (n > 1 ? 48 + 16 * (n - 1) : 0);
    const srlgs = [...new Set(lanes.flatMap((l) => l.srlgs))].sort();
    const bandwidth = Math.min(...lanes.map((l) => l.mbps));
    const figures: readonly (readonly [string, boolean])[] = [
      ['id', path.id === pathId(path.regions, path.links)],
      ['latencyMs', near(path.latencyMs, ms, n / latencyScale / 10)],
      ['costPerGbUsd', samePrice(path.costPerGbUsd, unknown.length > 0 ? null : usd, costScale)],
      ['unknownCostLinks', path.unknownCostLinks.join() === unknown.join()],
      ['bandwidthMbps', path.bandwidthMbps === bandwidth],
      ['mtu', path.mtu === mtu],
      ['srlgs', path.srlgs.join() === srlgs.join()],
    ];
    for (const [name, right] of figures)
      if (!right) refuse('path-figure', `${at}.${name}`, 'it is not what its links add up to');
  }
}

function samePrice(stated: number | null, right: number | null, scale: number): boolean {
  return stated === null || right === null ? stated === right : near(stated, right, 0.1 / scale);
}

function usedPaths({ plan }: World): Set<string> {
  return new Set([
    ...plan.routes.flatMap((r) => [
      ...(r.primary === null ? [] : [r.primary]),
      ...r.backups.map((b) => b.path),
      ...r.equalCost,
    ]),
    ...plan.traffic.classes.flatMap((c) => c.demands.flatMap((d) => d.paths.map((p) => p.path))),
    ...plan.reservations.flatMap((r) => (r.path === null ? [] : [r.path])),
  ]);
}

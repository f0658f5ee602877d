import type { FailureInput, PathInput, PlacedDemand, RouteInput } from '../../lib/failure';
import type { Topology } from '../../lib/graph';
import { type QosClass, qosClasses } from '../../lib/model';
import { compileRequest, kShortest } from '../../lib/routing';
import type { Seeded } from '../support/random-seeded';

/**
 * A plan with everything that failures can meet: pairs without a route, without backups, with backups that
 * share links, routes of several classes, demands that follow them, that split, and that no route serves.
 * Paths are given as arcs or as link ids.
 */
export function randomPlan(random: Seeded, topology: Topology): FailureInput {
  const request = compileRequest(topology, { strategy: 'latency' });
  const routes: RouteInput[] = [];
  const demands: PlacedDemand[] = [];
  const hopsOf = (p: { arcs: readonly number[]; links: readonly string[]; latencyMs: number }): PathInput =>
    random.chance(0.5) ? { hops: p.arcs } : { hops: p.links, latencyMs: p.latencyMs };
  for (const from of topology.nodes) {
    for (const to of topology.nodes) {
      if (from === to || random.chance(0.2)) continue;
      const { paths } = kShortest(topology, request, from, to, 5);
      const some = paths.filter(() => random.chance(0.6));
      for (const classes of groupsOf(random)) {
        const chosen = random.chance(0.5) ? some : some.slice(0, 1);
        routes.push({
          from,
          to,
          classes,
          primary: chosen.length === 0 ? null : hopsOf(chosen[0]),
          backups: chosen.slice(1).map(hopsOf),
        });
      }
      for (let i = random.whole(0, 3); i > 0; i--) {
        const split = paths.filter(() => random.chance(0.4));
        demands.push({
          id: `d${String(random.whole(0, 999)).padStart(3, '0')}-${demands.length}`,
          from,
          to,
          class: random.pick(qosClasses),
          mbps: random.pick([0, 0.1, 1 / 3, 20, 50, 75.5, 120]),
          splits: random.chance(0.5)
            ? split.map((p) => ({ ...hopsOf(p), share: random.pick([0.25, 0.5, 1, 3, 1 / 3]) }))
            : undefined,
        });
      }
    }
  }
  return { topology, routes, demands };
}

/** Some of the classes, in one or two groups. */
function groupsOf(random: Seeded): QosClass[][] {
  const list = qosClasses.filter(() => random.chance(0.6));
  const border = random.whole(0, list.length);
  return [list.slice(0, border), list.slice(border)].filter((g) => g.length > 0);
}

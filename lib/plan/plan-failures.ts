import type { Topology } from '../graph';
import { analyseFailures, type FailureInput, type FailureResults } from '../failure';
import type { Tunnel } from './tunnel';
import { arcsOf } from './arcs-of';
import type { PlanDocument, PlannedPath } from './document';
import { gatewayOutages } from './gateway-outages';

/** What of a plan failures concern. */
export type FailingPlan = Pick<PlanDocument, 'routes' | 'demands' | 'traffic'> & {
  readonly paths: readonly PlannedPath[];
  readonly tunnels: readonly Tunnel[];
  readonly regions: Parameters<typeof gatewayOutages>[0];
};

/** The plan as the failure room takes it: what reservations hold is no room for demands. */
export function failureInput(
  plan: Omit<FailingPlan, 'tunnels' | 'regions'>,
  topology: Topology,
): FailureInput {
  const paths = new Map(plan.paths.map((path) => [path.id, path]));
  const path = (id: string) => {
    const { latencyMs, ...found } = paths.get(id)!;
    return { hops: arcsOf(topology, found), latencyMs };
  };
  const placed = new Map(plan.traffic.classes.flatMap((c) => c.demands.map((d) => [d.id, d] as const)));
  const reserved = new Map(plan.traffic.loads.map((l) => [`${l.link} ${l.from}`, l.reservedMbps]));
  const capacityMbps = Float64Array.from({ length: topology.arcCount }, (_, a) => {
    const key = `${topology.links[topology.link[a]]} ${topology.nodes[topology.tail[a]]}`;
    return Math.max(0, topology.availableMbps[a] - (reserved.get(key) ?? 0));
  });
  return {
    topology,
    capacityMbps,
    routes: plan.routes.map((r) => ({
      from: r.from,
      to: r.to,
      classes: r.classes,
      primary: r.primary === null ? null : path(r.primary),
      backups: r.backups.map((b) => path(b.path)),
    })),
    demands: plan.demands.map((d) => ({
      id: d.id,
      from: d.from,
      to: d.to,
      class: d.class,
      mbps: placed.get(d.id)?.carriedMbps ?? 0,
      splits: (placed.get(d.id)?.paths ?? []).map((p) => ({ ...path(p.path), share: p.weight })),
    })),
  };
}

/** What every single failure of a link, region, gateway and shared-risk group does to a plan. */
export function planFailures(plan: FailingPlan, topology: Topology): FailureResults {
  const tunnels = plan.tunnels.map((t) => ({
    link: t.link,
    ends: [t.ends[0].gateway, t.ends[1].gateway] as const,
  }));
  const outages = gatewayOutages(plan.regions);
  return analyseFailures(failureInput(plan, topology), { tunnels, outages });
}

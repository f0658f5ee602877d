import type { PlanDocument } from '../plan';
import { pathId } from './path-id';

/**
 * What a plan says of ways, demands, reservations and allocations, in the ids that another plan has for the
 * same things: regions and tunnels of one identity, links of such tunnels, and what is called after them.
 */
export function withSameIds(before: PlanDocument, plan: PlanDocument): PlanDocument {
  const today = (was: readonly Named[], now: readonly Named[]) => {
    const ids = new Map(now.map((n) => [n.identity, n.id]));
    const found = new Map(was.map((w) => [w.id, ids.get(w.identity) ?? w.id]));
    return (id: string) => found.get(id) ?? id;
  };
  const region = today(before.regions, plan.regions);
  const tunnel = today(before.tunnels, plan.tunnels);
  const link = today(linksOf(before), linksOf(plan));
  const gateway = (id: string) => id.replace(/^[^/]*/, (own) => region(own));
  const paths = new Map(
    before.paths.map((p) => [p.id, pathId(p.regions.map(region), p.links.map(link))] as const),
  );
  const path = <T extends string | null>(id: T) => (id === null ? id : (paths.get(id) ?? id)) as T;
  const demands = new Map(
    before.demands.map(({ id, from, to, class: qos }) => {
      const own = id !== `demand-${from}-${to}-${qos}`;
      return [id, own ? id : `demand-${region(from)}-${region(to)}-${qos}`] as const;
    }),
  );
  const ends = <T extends { readonly from: string; readonly to: string }>(of: T): T => ({
    ...of,
    from: region(of.from),
    to: region(of.to),
  });
  return {
    ...before,
    regions: before.regions.map((r) => ({ ...r, id: region(r.id) })),
    gateways: before.gateways.map((g) => ({ ...g, id: gateway(g.id) })),
    tunnels: before.tunnels.map(({ ends: [a, b], ...t }) => ({
      ...t,
      id: tunnel(t.id),
      ends: [
        { ...a, gateway: gateway(a.gateway) },
        { ...b, gateway: gateway(b.gateway) },
      ],
    })),
    paths: before.paths.map((p) => ({
      ...ends(p),
      id: path(p.id),
      regions: p.regions.map(region),
      links: p.links.map(link),
    })),
    routes: before.routes.map((r) => ({
      ...ends(r),
      primary: path(r.primary),
      backups: r.backups.map((b) => ({ ...b, path: path(b.path) })),
      equalCost: r.equalCost.map(path),
    })),
    demands: before.demands.map((d) => ({ ...ends(d), id: demands.get(d.id)! })),
    traffic: {
      ...before.traffic,
      classes: before.traffic.classes.map((c) => ({
        ...c,
        demands: c.demands.map((d) => ({
          ...d,
          id: demands.get(d.id) ?? d.id,
          paths: d.paths.map((p) => ({ ...p, path: path(p.path) })),
        })),
      })),
    },
    reservations: before.reservations.map((r) => ({ ...ends(r), path: path(r.path) })),
  };
}

interface Named {
  readonly id: string;
  readonly identity: string;
}

/** Links by the identity of their first tunnels. */
function linksOf({ tunnels }: PlanDocument): Named[] {
  return tunnels.filter((t) => t.plane === 1).map((t) => ({ id: t.link, identity: t.identity }));
}

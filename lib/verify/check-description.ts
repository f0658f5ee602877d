import type { PlanDocument } from '../plan';
import { near } from './near';
import type { Refuse } from './refuse';

/** The description part hangs together: ids are there once and in order, figures lie in their ranges. */
export function checkDescription(plan: PlanDocument, refuse: Refuse): void {
  const regions = new Set(plan.regions.map((r) => r.id));
  const named = { regions, links: plan.links, policies: plan.policies, demands: plan.demands };
  const lists: Readonly<Record<string, readonly string[]>> = {
    regions: plan.regions.map((r) => r.id),
    gateways: plan.gateways.map((g) => g.id),
    links: named.links.map((l) => l.id),
    tunnels: plan.tunnels.map((t) => t.id),
    policies: named.policies.map((p) => p.id),
    paths: plan.paths.map((p) => p.id),
    demands: named.demands.map((d) => d.id),
    reservations: plan.reservations.map((r) => r.id),
    objectives: plan.objectives.map((o) => o.id),
  };
  for (const [list, ids] of Object.entries(lists)) {
    ids.forEach((id, i) => {
      if (i > 0 && !(ids[i - 1] < id)) refuse('list-order', `${list}.${id}`, 'stands twice, or out of order');
    });
  }
  for (const { id, from, to } of [...plan.demands, ...plan.reservations]) {
    if (from === to || !regions.has(from) || !regions.has(to))
      refuse('unknown-region', id, `it leads from '${from}' to '${to}'`);
  }
  for (const link of plan.links) {
    const at = `links.${link.id}`;
    const [there, back] = link.directions;
    const ends = there?.from === link.a && there.to === link.b && link.directions.length <= 2;
    const returns = back === undefined || (back.from === link.b && back.to === link.a);
    if (!ends || !returns || link.a === link.b || !regions.has(link.a) || !regions.has(link.b))
      refuse('link-ends', at, 'its directions do not join its two regions');
    for (const d of link.directions) {
      const { bandwidthMbps, utilisationRatio, latencyMs, costPerGbUsd, availableMbps } = d;
      const figures = [bandwidthMbps, utilisationRatio, latencyMs, costPerGbUsd ?? 0, availableMbps];
      if (!figures.every((f) => Number.isFinite(f) && f >= 0) || utilisationRatio > 1)
        refuse('link-figure', at, 'its figures are finite, not negative, and a ratio at most 1');
      // Percent to six decimals, as it was written: 0.29 x 100 is not 29 in binary.
      const exact = (bandwidthMbps * (100 - Math.round(utilisationRatio * 1e8) / 1e6)) / 100;
      const right = exact < 1 || utilisationRatio === 0 ? exact : Math.floor(exact + 1e-9);
      if (!near(availableMbps, right))
        refuse('link-available', at, `from ${d.from} ${right} Mbps are available, not ${availableMbps}`);
    }
  }
}

import type { PlanDocument } from '../plan';

/** GB that 1 Mbps carries in a month of 730 hours. */
export const gbPerMbps = (1e6 * 730 * 3600) / 8 / 1e9;

/** What the demands' loads cost a month; null: there are no demands. */
export function trafficCostOf({ demands, links, traffic }: PlanDocument): {
  readonly gb: number;
  readonly usd: number;
  readonly unknown: readonly string[];
} | null {
  if (demands.length === 0) return null;
  let [gb, usd] = [0, 0];
  const unknown = new Set<string>();
  for (const load of traffic.loads) {
    if (load.demandMbps === 0) continue;
    const direction = links.find((l) => l.id === load.link)?.directions.find((d) => d.from === load.from);
    const sent = load.demandMbps * gbPerMbps;
    gb += sent;
    const usdPerGb = direction?.costPerGbUsd ?? null;
    if (usdPerGb === null) unknown.add(load.link);
    else usd += sent * usdPerGb;
  }
  return { gb, usd, unknown: [...unknown].sort() };
}

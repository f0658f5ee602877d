import { pricesAsOf, tryCloudOf } from '../catalog';
import type { Network } from '../model';
import type { CostItem, CostTable, PlannedTraffic } from './document';
import { trafficCost } from './traffic-cost';

/**
 * The cost of the network a month, traffic apart: all that its clouds charge for, region by region. An item
 * without a known price is named, never counted as zero.
 */
export function costTable(network: Network, traffic: PlannedTraffic): CostTable {
  const items = network.regions.flatMap((region): CostItem[] => {
    const charges = tryCloudOf(region)?.charges(region) ?? [];
    return charges.map(({ item, quantity, usdPerMonth: each, origin }) => {
      const usdPerMonth = each === null ? null : Math.round(each * quantity * 100) / 100;
      return { region: region.id, item, quantity, usdPerMonth, origin };
    });
  });
  const known = items.reduce((sum, item) => sum + (item.usdPerMonth ?? 0), 0);
  const inCloud = items.length > 0;
  const priced = network.demands.length === 0 ? null : trafficCost(network.links, traffic.loads);
  return {
    asOf: pricesAsOf,
    items,
    knownUsdPerMonth: Math.round(known * 100) / 100,
    unknown: [
      ...new Set(items.filter((item) => item.usdPerMonth === null).map(({ item }) => item)),
      ...(priced === null ? [inCloud ? 'traffic between regions' : 'traffic'] : []),
      ...(priced?.unknownCostLinks ?? []).map((id) => `traffic on ${id}`),
    ],
    traffic: priced,
  };
}

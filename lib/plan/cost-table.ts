import { gatewayAlarms, gatewayTypes, managedPrices, pricesAsOf, rootVolumeGib } from '../catalog';
import type { Network } from '../model';
import type { CostItem, CostTable, PlannedTraffic } from './document';
import { trafficCost } from './traffic-cost';

/** Hours of an average month, as AWS counts them. */
const monthHours = 730;
/** The region that the catalog's instance prices hold for. */
const priceRegion = 'us-east-1';

/**
 * What the network costs a month, traffic apart: all that AWS charges for, region by region. What has no
 * known price is named, never counted as zero. What stands in no item is free of charge: a test holds the
 * items against the resources.
 */
export function costTable(network: Network, traffic: PlannedTraffic): CostTable {
  const items: CostItem[] = [];
  for (const region of network.regions) {
    if (region.provider !== 'aws') continue;
    const type = gatewayTypes.get(region.instanceType!)!;
    const { gatewayCount } = region;
    const { public_ipv4_address: address, gp3_volume: volume, metric_alarm: alarm, secret } = managedPrices;
    const alarms = gatewayCount * gatewayAlarms.length;
    // Elsewhere instances and volumes cost more or less; the catalog knows us-east-1 alone.
    const byRegion = region.place === priceRegion ? 'measured' : 'estimated';
    const priced: readonly (readonly [string, number, number, CostItem['origin']])[] = [
      [`gateway ${type.name}`, gatewayCount, type.usdPerHour * monthHours, byRegion],
      ['public IPv4 address', gatewayCount, address.usd * monthHours, 'measured'],
      ['root volumes', gatewayCount, volume.usd * rootVolumeGib, byRegion],
      ['secrets', gatewayCount, secret.usd, 'measured'],
      ['alarms', alarms, alarm.usd, byRegion],
    ];
    for (const [item, quantity, usd, origin] of priced) {
      const usdPerMonth = Math.round(usd * quantity * 100) / 100;
      items.push({ region: region.id, item, quantity, usdPerMonth, origin });
    }
    const unpriced: readonly (readonly [string, number])[] = [
      ['flow logs', region.vpc === null ? 1 : 0],
      ['bundle storage', 1],
    ];
    for (const [item, quantity] of unpriced) {
      if (quantity > 0)
        items.push({ region: region.id, item, quantity, usdPerMonth: null, origin: 'unknown' });
    }
  }
  const known = items.reduce((sum, item) => sum + (item.usdPerMonth ?? 0), 0);
  const aws = items.length > 0;
  const priced = network.demands.length === 0 ? null : trafficCost(network.links, traffic.loads);
  return {
    asOf: pricesAsOf,
    items,
    knownUsdPerMonth: Math.round(known * 100) / 100,
    unknown: [
      ...new Set(items.filter((item) => item.usdPerMonth === null).map(({ item }) => item)),
      ...(priced === null ? [aws ? 'traffic between regions' : 'traffic'] : []),
      ...(priced?.unknownCostLinks ?? []).map((id) => `traffic on ${id}`),
    ],
    traffic: priced,
  };
}

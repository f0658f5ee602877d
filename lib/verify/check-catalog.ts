import { gatewayTypes, managedPrices, pricesAsOf, rootVolumeGib } from '../catalog';
import type { PlanDocument } from '../plan';
import { near } from './near';
import { shown } from './differences';
import type { Refuse } from '../shape';

/** Hours of an average month, as AWS counts them. */
const monthHours = 730;

/**
 * The prices of a plan's cost table are those of this program's catalog, of its date. Only for a plan that is
 * held against its description, whose figures come from the same catalog. Code `catalog-differs`.
 */
export function checkCatalog({ cost }: PlanDocument, refuse: Refuse): void {
  if (cost.asOf !== pricesAsOf)
    refuse('catalog-differs', 'cost.asOf', `the plan has ${shown(cost.asOf)}, the catalog ${pricesAsOf}`);
  for (const { region, item, quantity, usdPerMonth } of cost.items) {
    const each = monthlyUsd(item);
    const right = each === undefined ? null : Math.round(each * quantity * 100) / 100;
    const same = usdPerMonth === null || right === null ? usdPerMonth === right : near(usdPerMonth, right);
    if (!same)
      refuse(
        'catalog-differs',
        `cost.${region}.${item}`,
        `the plan has ${usdPerMonth}, the catalog ${right}`,
      );
  }
}

/** What one of these costs a month; undefined: the catalog does not say. */
function monthlyUsd(item: string): number | undefined {
  switch (item) {
    case 'public IPv4 address':
      return managedPrices.public_ipv4_address.usd * monthHours;
    case 'root volumes':
      return managedPrices.gp3_volume.usd * rootVolumeGib;
    case 'alarms':
      return managedPrices.metric_alarm.usd;
    case 'secrets':
      return managedPrices.secret.usd;
  }
  const type = item.startsWith('gateway ') ? gatewayTypes.get(item.slice('gateway '.length)) : undefined;
  return type && type.usdPerHour * monthHours;
}

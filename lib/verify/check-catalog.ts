import { pricesAsOf, tryCloudOf } from '../catalog';
import type { PlanDocument } from '../plan';
import { near } from './near';
import { shown } from './differences';
import type { Refuse } from '../shape';

/**
 * The prices of a plan's cost table are those of this program's catalog, of its date. Only for a plan that is
 * held against its description, whose figures come from the same catalog. Code `catalog-differs`.
 */
export function checkCatalog({ cost, regions }: PlanDocument, refuse: Refuse): void {
  if (cost.asOf !== pricesAsOf)
    refuse('catalog-differs', 'cost.asOf', `the plan has ${shown(cost.asOf)}, the catalog ${pricesAsOf}`);
  for (const { region, item, quantity, usdPerMonth } of cost.items) {
    const planned = regions.find(({ id }) => id === region);
    const charges = (planned && tryCloudOf(planned)?.charges(planned)) ?? [];
    const each = charges.find((charge) => charge.item === item)?.usdPerMonth ?? null;
    const right = each === null ? null : Math.round(each * quantity * 100) / 100;
    const same = usdPerMonth === null || right === null ? usdPerMonth === right : near(usdPerMonth, right);
    if (!same)
      refuse(
        'catalog-differs',
        `cost.${region}.${item}`,
        `the plan has ${usdPerMonth}, the catalog ${right}`,
      );
  }
}

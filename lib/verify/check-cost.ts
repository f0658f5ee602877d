import { tryCloudOf } from '../catalog';
import type { PlanDocument } from '../plan';
import { near } from './near';
import type { Refuse } from '../shape';
import { trafficCostOf } from './traffic-cost';

/**
 * The cost table has everything that clouds charge a region for once, equal things at an equal price in whole
 * cents. Its sum is the sum, and so is the cost of the demands' traffic; items without a price are named. The
 * prices are the catalog's.
 */
export function checkCost(plan: PlanDocument, refuse: Refuse): void {
  const { cost, regions } = plan;
  const wanted = regions.flatMap((r) => (tryCloudOf(r)?.charges(r) ?? []).map((c) => ({ id: r.id, ...c })));
  const named = (region: string, item: string, quantity: number) => `${region} ${item} ${quantity}`;
  const right = wanted.map((w) => named(w.id, w.item, w.quantity));
  if (cost.items.map((i) => named(i.region, i.item, i.quantity)).join() !== right.join())
    refuse('cost-items', 'cost', 'its items are not what the regions are charged for');
  const priceOf = new Map<string, number>();
  cost.items.forEach(({ region, item, quantity, usdPerMonth, origin }, i) => {
    const at = `cost.${region}`;
    if ((usdPerMonth === null) !== (origin === 'unknown'))
      refuse('cost-item', at, 'an unknown price has origin unknown, and no other has');
    if (wanted[i] && origin !== wanted[i].origin)
      refuse('cost-item', at, `the origin of the price of ${item} is not '${origin}'`);
    if (usdPerMonth === null) return;
    if (!near(usdPerMonth, Math.round(usdPerMonth * 100) / 100)) refuse('cost-item', at, 'no whole cents');
    const same = priceOf.get(named('', item, quantity)) ?? usdPerMonth;
    if (same !== usdPerMonth) refuse('cost-item', at, `${item} costs ${same} elsewhere, not ${usdPerMonth}`);
    priceOf.set(named('', item, quantity), same);
  });
  const sum = cost.items.reduce((s, i) => s + (i.usdPerMonth ?? 0), 0);
  if (!near(cost.knownUsdPerMonth, Math.round(sum * 100) / 100))
    refuse('cost-sum', 'cost', `the known items add up to ${sum}, not ${cost.knownUsdPerMonth}`);
  const traffic = trafficCostOf(plan);
  checkTrafficCost(cost.traffic, traffic, refuse);
  const inCloud = wanted.length > 0;
  const unknown = [
    ...new Set(wanted.filter((w) => w.origin === 'unknown').map((w) => w.item)),
    ...(traffic === null ? [inCloud ? 'traffic between regions' : 'traffic'] : []),
    ...(traffic?.unknown ?? []).map((id) => `traffic on ${id}`),
  ];
  if (cost.unknown.join() !== unknown.join())
    refuse('cost-unknown', 'cost', `not in the sum are ${unknown.join(', ')}`);
  if (cost.asOf === '') refuse('cost-date', 'cost', 'it does not say of when its prices are');
}

function checkTrafficCost(
  stated: PlanDocument['cost']['traffic'],
  right: ReturnType<typeof trafficCostOf>,
  refuse: Refuse,
): void {
  if ((right === null) !== (stated === null))
    refuse('cost-traffic', 'cost.traffic', right ? 'it is missing' : 'no demand says how much there is');
  if (right === null || stated === null) return;
  // Rounded to whole hundredths, of sums of loads that are rounded to a bit per second.
  const same = (figure: number, sum: number) => Math.abs(figure - sum) <= 0.006 || near(figure, sum, 1e-9);
  if (!same(stated.gbPerMonth, right.gb) || !same(stated.knownUsdPerMonth, right.usd))
    refuse('cost-traffic', 'cost.traffic', `it is ${right.gb} GB for ${right.usd} USD`);
  if (stated.unknownCostLinks.join() !== right.unknown.join())
    refuse('cost-traffic', 'cost.traffic', `links of unknown price: ${right.unknown.join(', ') || 'none'}`);
}

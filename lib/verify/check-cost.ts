import type { PlanDocument } from '../plan';
import { near } from './near';
import type { Refuse } from './refuse';

/** The cost table has the gateways and addresses of every AWS region once, and its sum is the sum. */
export function checkCost({ cost, regions }: PlanDocument, refuse: Refuse): void {
  const wanted = regions
    .filter((r) => r.provider === 'aws')
    .flatMap((r) => [
      `${r.id} gateway ${r.instanceType} ${r.gatewayCount}`,
      `${r.id} public IPv4 address ${r.gatewayCount}`,
    ]);
  if (cost.items.map((i) => `${i.region} ${i.item} ${i.quantity}`).join() !== wanted.join())
    refuse('cost-items', 'cost', 'its items are not the gateways and addresses of the regions');
  for (const i of cost.items) {
    if (i.usdPerMonth !== null && !(i.usdPerMonth >= 0))
      refuse('cost-item', `cost.${i.region}`, 'a cost is negative');
    if ((i.usdPerMonth === null) !== (i.origin === 'unknown'))
      refuse('cost-item', `cost.${i.region}`, 'an unknown price has origin unknown, and no other has');
  }
  const sum = cost.items.reduce((s, i) => s + (i.usdPerMonth ?? 0), 0);
  if (!near(cost.knownUsdPerMonth, Math.round(sum * 100) / 100))
    refuse('cost-sum', 'cost', `the known items add up to ${sum}, not ${cost.knownUsdPerMonth}`);
}

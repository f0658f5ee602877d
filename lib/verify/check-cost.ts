import type { PlanDocument } from '../plan';
import { near } from './near';
import type { Refuse } from './refuse';

/** Where the price list of instances holds; elsewhere a price is an estimate. */
const priceRegion = 'us-east-1';
/** What the sum leaves out. */
const leftOut = {
  aws: ['root volumes', 'secrets', 'flow logs', 'bundle storage', 'traffic between regions'],
  external: ['traffic'],
} as const;

/**
 * The cost table has the gateways and addresses of every AWS region once, equal things at an equal price in
 * whole cents; its sum is the sum, and what is not in it is named. The prices are the catalog's.
 */
export function checkCost({ cost, regions }: PlanDocument, refuse: Refuse): void {
  const wanted = regions
    .filter((r) => r.provider === 'aws')
    .flatMap((r) => [
      { ...r, item: `gateway ${r.instanceType}`, measured: r.place === priceRegion },
      { ...r, item: 'public IPv4 address', measured: true },
    ]);
  const named = (region: string, item: string, quantity: number) => `${region} ${item} ${quantity}`;
  const right = wanted.map((w) => named(w.id, w.item, w.gatewayCount));
  if (cost.items.map((i) => named(i.region, i.item, i.quantity)).join() !== right.join())
    refuse('cost-items', 'cost', 'its items are not the gateways and addresses of the regions');
  const priceOf = new Map<string, number>();
  cost.items.forEach(({ region, item, quantity, usdPerMonth, origin }, i) => {
    const at = `cost.${region}`;
    if ((usdPerMonth === null) !== (origin === 'unknown'))
      refuse('cost-item', at, 'an unknown price has origin unknown, and no other has');
    if (usdPerMonth === null) return;
    if (!near(usdPerMonth, Math.round(usdPerMonth * 100) / 100)) refuse('cost-item', at, 'no whole cents');
    if (wanted[i] && (origin === 'measured') !== wanted[i].measured)
      refuse('cost-item', at, `the origin of the price of ${item} is not '${origin}'`);
    const same = priceOf.get(named('', item, quantity)) ?? usdPerMonth;
    if (same !== usdPerMonth) refuse('cost-item', at, `${item} costs ${same} elsewhere, not ${usdPerMonth}`);
    priceOf.set(named('', item, quantity), same);
  });
  const sum = cost.items.reduce((s, i) => s + (i.usdPerMonth ?? 0), 0);
  if (!near(cost.knownUsdPerMonth, Math.round(sum * 100) / 100))
    refuse('cost-sum', 'cost', `the known items add up to ${sum}, not ${cost.knownUsdPerMonth}`);
  const unknown = wanted.length > 0 ? leftOut.aws : leftOut.external;
  if (cost.unknown.join() !== unknown.join())
    refuse('cost-unknown', 'cost', `not in the sum are ${unknown.join(', ')}`);
  if (cost.asOf === '') refuse('cost-date', 'cost', 'it does not say of when its prices are');
}

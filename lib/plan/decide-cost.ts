import type { CostTable } from './document';
import type { Verdict } from './verdict';

/**
 * Whether the known costs stay below a limit: gateways, addresses, and the traffic of the demands, their Mbps
 * taken as the mean of the month. What has no price in the catalog is not in the sum, and is named. Undecided
 * without demands, or where one runs over a link of unknown price, unless the rest alone is too much.
 */
export function decideCost(usd: number, { knownUsdPerMonth: fixed, traffic }: CostTable): Verdict {
  const sum = traffic === null ? fixed : Math.round((fixed + traffic.knownUsdPerMonth) * 100) / 100;
  const known = traffic !== null && traffic.unknownCostLinks.length === 0;
  const verdict = sum > usd ? 'broken' : known ? 'holds' : 'undecided';
  return { verdict, evidence: { kind: 'cost', usdPerMonth: sum } };
}

import { formatMoney, listFirst } from '../units';
import type { CostTable, PlannedObjective } from './document';

/**
 * Whether the known costs stay below a limit: gateways, addresses, and the traffic of the demands, their Mbps
 * taken as the mean of the month. What has no price in the catalog is not in the sum, and is named. Undecided
 * without demands, or where one runs over a link of unknown price, unless the rest alone is too much.
 */
export function decideCost(usd: number, cost: CostTable): Pick<PlannedObjective, 'verdict' | 'evidence'> {
  const { knownUsdPerMonth: fixed, traffic } = cost;
  const allowed = `${formatMoney(usd)} are allowed`;
  const before = `${formatMoney(fixed)} a month before traffic`;
  if (traffic === null) {
    return fixed > usd
      ? { verdict: 'broken', evidence: `${before}; ${allowed}` }
      : { verdict: 'undecided', evidence: `${before}; no demand says how much traffic there is` };
  }
  const sum = Math.round((fixed + traffic.knownUsdPerMonth) * 100) / 100;
  const known =
    `${formatMoney(sum)} a month, ${formatMoney(traffic.knownUsdPerMonth)} of it for traffic, ` +
    'demands taken as the mean of the month';
  if (sum > usd) return { verdict: 'broken', evidence: `${known}; ${allowed}` };
  const unknown = traffic.unknownCostLinks;
  if (unknown.length > 0) {
    return {
      verdict: 'undecided',
      evidence: `${known}; the price of traffic on ${listFirst(unknown, 4)} is not known`,
    };
  }
  const left = cost.unknown.length === 0 ? '' : `; not counted: ${cost.unknown.join(', ')}`;
  return { verdict: 'holds', evidence: `${known}; ${allowed}${left}` };
}
